"""What a watch tells."""

from dataclasses import dataclass
from typing import TypeAlias

from camera.payload import Frame, Payload


@dataclass(frozen=True, slots=True)
class CodesSeen:
    """Codes that came into view: all that are new in one picture."""

    payloads: tuple[Payload, ...]
    source_kind: str
    """The source's kind, as it is kept with the scan."""


@dataclass(frozen=True, slots=True)
class FrameProcessed:
    """A picture that was looked at."""

    frame: Frame
    name: str
    codes: tuple[Payload, ...]
    """Every code in it, new or not."""


@dataclass(frozen=True, slots=True)
class SourceWorking:
    """The source gives pictures."""

    source_name: str


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """The source gives none that are of use; it is tried again by itself."""

    message: str


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """The source has shown all that it had."""


CameraEvent: TypeAlias = CodesSeen | FrameProcessed | SourceWorking | SourceFailed | SourceEnded
