"""A place where badges become leads, and kiosks that run as processes and are gone when their test is over."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from camera.text import decode_text
from data.store import Store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.capture import Capture
from kiosk.scanning.scan_result import ScanResult
from tests.support.clock import FakeClock
from tests.support.kiosk_processes import Kiosks

EVENT = EventSettings("Expo 2026", "kiosk-7", "ana")


@dataclass
class Counter:
    """A booth's counter: badges are shown over it, and what is on the disk can be asked for."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    nudges: int = 0

    def open(self, profile: BadgeProfile | None = None) -> "Counter":
        """Open the database, in the thread that will show badges."""
        self.capture = Capture(self.path, replace(EVENT), profile or BadgeProfile(), self.clock, self.nudge)
        return self

    def nudge(self) -> None:
        """Count what would wake the worker."""
        self.nudges += 1

    def show(self, badge: str | bytes, symbology: str = "qr", source: str = "camera") -> ScanResult:
        """Show *badge*, a second after the last."""
        self.clock.tick(1.0)
        payload = badge.encode() if isinstance(badge, str) else badge
        return self.capture.save_payload(payload, decode_text(payload), symbology, source)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers."""
        return [tuple(row) for row in self.db.execute(sql, values).fetchall()]

    @property
    def db(self) -> Store:
        """The database, as the capture has it open."""
        return self.capture.db

    def holds(self, secret: bytes) -> list[str]:
        """The files of the database that have *secret* in them, the log of SQLite among them."""
        return [path.name for path in self.path.parent.iterdir() if secret in path.read_bytes()]


def vcard(name: str, email: str = "", company: str = "") -> str:
    """A visitor's badge."""
    lines = [f"FN:{name}", *([f"EMAIL:{email}"] if email else []), *([f"ORG:{company}"] if company else [])]
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""))


def sha256(payload: str | bytes) -> str:
    """The hash that is kept of every payload."""
    return hashlib.sha256(payload.encode() if isinstance(payload, str) else payload).hexdigest()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """A counter with an open, empty database."""
    found = Counter(tmp_path / "store" / "kiosk.db").open()
    yield found
    found.db.close()


@pytest.fixture
def kiosks(tmp_path: Path) -> Iterator[Kiosks]:
    """Starts kiosks in a folder of the test's own."""
    found = Kiosks(tmp_path)
    yield found
    found.end_all()


@pytest.fixture
def kiosks_with(tmp_path: Path) -> Iterator[Callable[[str], Kiosks]]:
    """The same, with more in kiosk.toml."""
    made: list[Kiosks] = []

    def make(more: str) -> Kiosks:
        made.append(Kiosks(tmp_path, more))
        return made[-1]

    yield make
    for one in made:
        one.end_all()
