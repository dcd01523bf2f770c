"""The interface that every source of images has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from camera.payload import Frame


@dataclass(frozen=True, slots=True)
class Shot:
    """One image of a source."""

    frame: Frame
    file_name: str = ""
    """The file it came from; empty for a camera."""
    is_still: bool = False
    """Whether no better image of the same scene follows, so that every preparation should be tried on it."""


class Source(Protocol):
    """Delivers images one after another until it ends, is closed or fails."""

    name: str
    """For the status line: `camera 0`, `demo badges` ...; a `Sentence` if it can be translated."""
    kind: str
    """Stored with a scan: `camera`, `stream`, `video`, `pictures`, `demo`."""
    is_live: bool
    """Whether images that arrive while one is processed are dropped, because only the latest matters."""

    def read_shots(self) -> Iterator[Shot]:
        """
        Yield the images.

        Raises:
            CameraError: the source stopped delivering before its end.
        """
        ...

    def close(self) -> None:
        """Release the device or file. Safe to call twice."""
        ...


@runtime_checkable
class ReadAware(Protocol):
    """A source that wants to know which codes were read, such as the demo badges, which stay until they are."""

    def mark_read(self, data: bytes) -> None:
        """Take note that the code with the payload *data* was read; called from the capture loop's thread."""
        ...
