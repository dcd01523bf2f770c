"""The events that the capture loop reports."""

from dataclasses import dataclass
from typing import TypeAlias

from camera.payload import Frame, Payload


@dataclass(frozen=True, slots=True)
class CodesSeen:
    """Codes came into view: all new ones of one image."""

    payloads: tuple[Payload, ...]
    source_kind: str
    """`Source.kind`, stored with the scan."""


@dataclass(frozen=True, slots=True)
class FrameProcessed:
    """An image was searched for codes."""

    frame: Frame
    file_name: str
    """The file it came from; empty for a camera."""
    codes: tuple[Payload, ...]
    """Every code in it, new or not."""


@dataclass(frozen=True, slots=True)
class SourceWorking:
    """The source delivers images."""

    source_name: str
    """A `Sentence` if it can be translated."""


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """The source delivers no usable images; the capture loop keeps retrying."""

    message: str
    """A sentence for booth staff; a `Sentence` if it can be translated."""


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """The source has delivered its last image."""


CameraEvent: TypeAlias = CodesSeen | FrameProcessed | SourceWorking | SourceFailed | SourceEnded
