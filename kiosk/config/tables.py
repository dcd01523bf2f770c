"""The tables of kiosk.toml that belong to no package below this one."""

import os
from dataclasses import dataclass, field

_RESERVED_LETTERS = "n"
"""Letters that the scan screen has for something else."""


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

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        for key in ("name", "kiosk"):
            if not getattr(self, key).strip():
                raise ValueError(f"{key}: it may not be empty; it is kept with each scan.")
        for letter, tag in self.tags.items():
            if len(letter) != 1 or not letter.isascii() or not letter.islower() or letter in _RESERVED_LETTERS:
                raise ValueError(f"tags: {letter!r} cannot stand for {tag!r}; take a letter from a to z other than n.")
        if not 1 <= self.card_seconds <= 600:
            raise ValueError("card_seconds: it must be from 1 to 600 seconds.")


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The `[scanner]` table: USB and Bluetooth scanners that type what they read."""

    key_gap_ms: int = 100
    """The longest pause between two keys of one badge; a person types more slowly."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        if not 20 <= self.key_gap_ms <= 250:
            raise ValueError("key_gap_ms: it must be from 20 to 250 milliseconds; above that, people type as quickly.")


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The `[data]` table: where the leads are kept on this device."""

    folder: str = ""
    """The folder of kiosk.db; empty is the user's own data folder. A practice has a folder of its own in it."""
    receipts_days: int = 90
    """How long the receipts of delivered leads are kept; leads and scans are kept for ever."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        # A relative one would be another for each folder that the kiosk is started from, and the leads seem lost.
        if self.folder and not os.path.isabs(os.path.expanduser(self.folder)):  # noqa: PTH111, PTH117
            raise ValueError(f"folder: write the whole way to {self.folder!r}, beginning with / or ~/.")
        if not self.folder.isprintable():
            raise ValueError(f"folder: {self.folder!r} cannot be the name of a folder.")
        if not 1 <= self.receipts_days <= 36_500:
            raise ValueError("receipts_days: it must be from 1 to 36500 days.")


@dataclass(frozen=True, slots=True)
class PracticeSettings:
    """The `[practice]` table: the practice CRM and the demo badges, used until a CRM is set up."""

    port: int = 8765
    """The loopback port of the practice CRM; if it is taken, another free one is used."""
    badges: int = 24
    """How many demo badges a run without a screen shows before it ends."""
    seconds_each: float = 3.0
    """How long each demo badge stays in front of the camera."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        if not 0 <= self.port <= 65535:
            raise ValueError("port: it must be from 0 to 65535, where 0 is any free one.")
        if not 1 <= self.badges <= 10_000:
            raise ValueError("badges: it must be from 1 to 10000.")
        if not 0.1 <= self.seconds_each <= 600:
            raise ValueError("seconds_each: it must be from 0.1 to 600 seconds.")
