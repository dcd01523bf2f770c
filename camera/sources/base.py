"""One interface for everything that pictures come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from camera.payload import Frame


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a source."""

    frame: Frame
    name: str = ""
    """Of the file that it came from; empty for a camera."""
    is_still: bool = False
    """Whether no better picture of the same thing follows: then every preparation is tried on it."""


class Source(Protocol):
    """Pictures, one after another, until it ends, is closed or fails."""

    name: str
    """For the status line: `camera 0`, `demo badges` ..."""
    kind: str
    """As it is kept with a scan: `camera`, `stream`, `video`, `pictures`, `demo`."""
    is_live: bool
    """Whether pictures that come while one is looked at are to be dropped: only the newest counts."""

    def shots(self) -> Iterator[Shot]:
        """
        The pictures.

        Raises:
            CameraError: there are no more, although the source had not come to its end.
        """
        ...

    def close(self) -> None:
        """Let go of the device or file; safe to call twice."""
        ...
