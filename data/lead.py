"""A person met at the event, and one sighting of their badge."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.contact import CONTACT_FIELDS, Contact


@dataclass(frozen=True, slots=True)
class Lead:
    """One person met at this event."""

    id: str
    event: str
    kind: str
    """Of badge: `vcard`, `id`, `unknown` ..."""
    contact: Contact
    badge_id: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    rating: int | None = None
    """1 to 5; None is "nobody asked"."""
    note: str = ""
    tags: tuple[str, ...] = ()
    revision: int = 1
    created_at: float = 0.0
    """Seconds since 1970 UTC."""
    updated_at: float = 0.0

    @property
    def needs_details(self) -> bool:
        """Whether nothing here says who it is, so that a CRM could not use it."""
        return not (self.contact.display_name or self.contact.email or self.contact.phone)

    @property
    def label(self) -> str:
        """What a list calls this lead: its name, or the best there is."""
        return self.contact.display_name or self.contact.email or self.contact.phone or self.badge_id or "unknown badge"


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One scan, as it is to be kept for ever."""

    payload: bytes | None
    """What the code carried; None for what is nobody's business."""
    payload_hash: str
    """SHA-256 of it, in hex."""
    kind: str
    symbology: str
    source: str
    """`camera`, `pictures`, `scanner` ..."""
    operator: str
    kiosk: str
    wall_at: float
    """What the clock said: seconds since 1970 UTC."""
    boot_id: str
    monotonic: float
    """Seconds since that boot."""


def lead_from_row(row: sqlite3.Row | Mapping[str, Any]) -> Lead:
    """The lead in a row of the table `leads`."""
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
    """The contact in a row that has a column for each of its fields."""
    return Contact(*(row[name] for name in CONTACT_FIELDS))


_EMAIL_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")


def derive_email_identity(email: str) -> str:
    """
    The identity of whoever has this address; how it is written in capitals does not matter.

    Empty where it is none: people who wrote `n/a` have nothing in common.
    """
    address = email.strip().casefold()
    return f"email:{address}" if _EMAIL_ADDRESS.fullmatch(address) else ""
