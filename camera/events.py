"""What a watch tells."""

from dataclasses import dataclass
from typing import TypeAlias

from camera.payload import Frame, Payload


@dataclass(frozen=True, slots=True)
class Seen:
    """Codes that came into view: all that are new in one picture."""

    payloads: tuple[Payload, ...]
    source: str
    """The source's kind, as it is kept with the scan."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture that was looked at."""

    frame: Frame
    name: str
    found: tuple[Payload, ...]
    """Every code in it, new or not."""


@dataclass(frozen=True, slots=True)
class Working:
    """The source gives pictures."""

    name: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The source gives none that are of use; it is tried again by itself."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The source has shown all that it had."""


Event: TypeAlias = Seen | Looked | Working | Trouble | Ended
