"""Shared fixtures: a store in a folder of its own, a clock that tests move, and the shortest way to a saved lead."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from data.arrival import Arrival, SavedLead, arrive
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead, ScanRecord, derive_email_identity
from data.store import Store, open_store
from tests.support.clock import FakeClock

EVENT = "Expo 2026"


@dataclass
class Booth:
    """A store, its clock, and helpers for both."""

    db: Store
    clock: FakeClock
    path: Path
    shown: int = 0

    def scan(self, payload: bytes | None = b"a badge", operator: str = "ana") -> ScanRecord:
        """Return a scan made now."""
        digest = hashlib.sha256(payload or b"").hexdigest()
        return ScanRecord(
            payload, digest, "vcard", "QRCode", "camera", operator, "kiosk-1",
            self.clock.wall_time(), self.clock.boot_id, self.clock.seconds_since_boot(),
        )  # fmt: skip

    def lead(self, **values: Any) -> Lead:
        """Return a lead that has not been saved yet: contact fields by their names, and the lead's own."""
        contact = Contact(**{name: values.pop(name) for name in CONTACT_FIELDS if name in values})
        return Lead(**{"id": "", "event": EVENT, "kind": "vcard", "contact": contact, **values})

    def show(self, *identities: str, operator: str = "ana", **values: Any) -> SavedLead:
        """Scan and save a badge a moment after the last; its e-mail identifies it where nothing is named."""
        self.clock.tick(0.01)
        self.shown += 1
        lead = self.lead(**values)
        email = (derive_email_identity(lead.contact.email) or f"payload:{self.shown}",)
        return arrive(self.db, Arrival(self.scan(operator=operator), lead, identities or email), self.clock)

    def read_outbox_row(self, lead_id: str) -> Mapping[str, Any]:
        """Return the outbox row of a lead."""
        return dict(self.db.execute("select * from outbox where lead_id = ?", (lead_id,)).fetchone())

    def count_rows(self, table: str) -> int:
        """Return how many rows *table* has."""
        return int(self.db.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.fixture
def clock() -> FakeClock:
    """A clock in the year 2027."""
    return FakeClock()


@pytest.fixture
def booth(tmp_path: Path, clock: FakeClock) -> Iterator[Booth]:
    """A new store on the disk."""
    path = tmp_path / "kiosk.db"
    db = open_store(path)
    yield Booth(db, clock, path)
    db.close()
