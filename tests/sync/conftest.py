"""What the tests of this package share: a database, and leads in it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.arrival import Arrival, arrive
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import Store, open_store
from sync.rate_limiter import open_call_log


@pytest.fixture(autouse=True)
def call_logs_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the call counts that a test's connectors open, because most tests leave their connectors open."""
    opened: list[sqlite3.Connection] = []

    def open_and_note(path: Path | str) -> sqlite3.Connection:
        opened.append(open_call_log(path))
        return opened[-1]

    monkeypatch.setattr("sync.rate_limiter.open_call_log", open_and_note)
    yield
    for db in opened:
        db.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The database of a practice kiosk whose data folder is `tmp_path`."""
    db = open_store(tmp_path / "practice" / "kiosk.db")
    yield db
    db.close()


@pytest.fixture
def save_leads() -> Callable[..., list[str]]:
    """Saves leads as scans do: `save_leads(db, *emails)`, and returns their ids."""

    def save(db: Store, *emails: str) -> list[str]:
        return [save_one(db, email) for email in emails]

    return save


def save_one(db: Store, email: str) -> str:
    """Save one scan, and return the lead's id."""
    clock = SystemClock()
    new = Lead(id="", event="practice", kind="plain", contact=Contact(name="Ana Lopez", email=email))
    scan = ScanRecord(
        payload=email.encode(),
        payload_hash=email,
        kind="plain",
        symbology="QR",
        source="camera",
        operator="",
        kiosk="kiosk-1",
        wall_at=clock.wall_time(),
        boot_id=clock.boot_id,
        monotonic=clock.seconds_since_boot(),
    )
    return arrive(db, Arrival(scan, new), clock).lead.id
