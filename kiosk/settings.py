"""The tables of kiosk.toml that belong to no package below this one."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventSettings:
    """The `[event]` table: where and for whom leads are collected."""

    name: str = "practice"
    """The event's name; leads of different events never mix."""
    kiosk: str = "kiosk-1"
    """This device's name, kept with each scan."""
    operator: str = ""
    """Who scans, until somebody else says so on the screen."""
    tags: dict[str, str] = field(default_factory=lambda: {"p": "pricing", "d": "demo", "c": "call me"})
    """Letters that tag the last lead on the scan screen, and the tag each stands for."""
    card_seconds: float = 8.0
    """How long the last visitor's card stays when nothing is pressed."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The `[data]` table: where the leads are kept on this device."""

    folder: str = ""
    """The folder of kiosk.db; empty is the user's own data folder. A practice keeps its leads in a folder of its own."""


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """The `[practice]` table: the practice CRM and the demo badges, used until a CRM is set up."""

    port: int = 8765
    """The loopback port of the practice CRM; a free one is taken where this is not."""
    badges: int = 24
    """How many demo badges a run without a screen shows before it ends."""
    seconds_each: float = 4.0
    """How long each demo badge stays in front of the camera."""
