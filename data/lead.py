"""A lead (a person met at the event), and one scan of a badge."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.language import N_, _

NEEDS_DETAILS_REASON = N_("No name or e-mail yet. Add one, or import the attendee list.")
"""Stored as the reason of a lead that needs details (`Lead.needs_details`)."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One person met at this event."""

    id: str
    event: str
    kind: str
    """Kind of badge: `vcard`, `id`, `unknown` ..."""
    contact: Contact
    badge_id: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    rating: int | None = None
    """1 to 5; None: not rated."""
    note: str = ""
    tags: tuple[str, ...] = ()
    revision: int = 1
    created_at: float = 0.0
    """Seconds since 1970 UTC."""
    updated_at: float = 0.0

    @property
    def needs_details(self) -> bool:
        """Whether neither name nor e-mail nor phone is known, so that a CRM could not use the lead."""
        return not (self.contact.display_name or self.contact.email or self.contact.phone)

    @property
    def label(self) -> str:
        """What lists call this lead: its name, or the best there is."""
        return (
            self.contact.display_name or self.contact.email or self.contact.phone or self.badge_id or _("unknown badge")
        )


class ScanTime(NamedTuple):
    """When a scan happened, by the wall clock and by the time since boot."""

    wall_at: float
    """The wall clock: seconds since 1970 UTC."""
    boot_id: str
    """Which start of this machine `monotonic` counts from; empty for a time that another device gave."""
    monotonic: float
    """Seconds since that boot."""

    @classmethod
    def now(cls, clock: Clock) -> "ScanTime":
        """Return the current time, by this machine's clock."""
        return cls(clock.wall_time(), clock.boot_id, clock.seconds_since_boot())

    @classmethod
    def given(cls, wall_at: float | None, clock: Clock) -> "ScanTime":
        """Return the time *wall_at* that another device or a list gave; the current time if it gave none."""
        # Only the other device's clock dates it: what is learned of our clock later must not move it.
        return cls.now(clock) if wall_at is None else cls(wall_at, "", 0.0)


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One scan, by the columns of the table `scans`."""

    payload: bytes | None
    """What the code carried, as it is stored; None for a secret, of which only the hash is kept."""
    payload_hash: str
    """SHA-256 of the whole payload, in hex."""
    kind: str
    """Kind of badge: `vcard`, `id`, `unknown`, `posted` ..."""
    symbology: str
    source: str
    """`camera`, `pictures`, `scanner`, `api`, `import` ..."""
    operator: str
    kiosk: str
    """Name of the kiosk or of the device that scanned it."""
    wall_at: float
    """The wall clock at the scan: seconds since 1970 UTC."""
    boot_id: str
    monotonic: float
    """Seconds since that boot."""

    @classmethod
    def of_payload(
        cls,
        payload: bytes,
        stored_payload: bytes | None,
        time: ScanTime,
        *,
        kind: str,
        source: str,
        operator: str,
        kiosk: str,
        symbology: str = "",
    ) -> "ScanRecord":
        """Build the scan of *payload*, of which *stored_payload* is kept (None: only its hash)."""
        return cls(stored_payload, hash_payload(payload), kind, symbology, source, operator, kiosk, *time)


def hash_payload(payload: bytes) -> str:
    """SHA-256 of *payload*, in hex: a badge shown a second time is found by it."""
    return hashlib.sha256(payload).hexdigest()


def lead_from_row(row: sqlite3.Row | Mapping[str, Any]) -> Lead:
    """Convert a row of the table `leads`."""
    return Lead(
        id=row["id"],
        event=row["event"],
        kind=row["kind"],
        contact=contact_from_row(row),
        badge_id=row["badge_id"],
        answers=json.loads(row["answers"]),
        rating=row["rating"],
        note=row["note"],
        tags=tuple(json.loads(row["tags"])),
        revision=row["revision"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def contact_from_row(row: sqlite3.Row | Mapping[str, Any]) -> Contact:
    """Convert a row that has a column for each contact field."""
    return Contact(*(row[name] for name in CONTACT_FIELDS))


_EMAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")


def derive_email_identity(email: str) -> str:
    """
    Return the identity of the person with this address; capitals make no difference.

    Empty if *email* is not an address: people who wrote `n/a` have nothing in common.
    """
    address = email.strip().casefold()
    return f"email:{address}" if _EMAIL_ADDRESS.fullmatch(address) else ""
