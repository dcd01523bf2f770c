"""Saving many new leads at once: who is known is looked up once for all, and each table is written in one go."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlite_utils import Database

from data.contact import CONTACT_FIELDS
from data.lead import Lead, Sighting
from data.outbox import UNRATED, where_it_stands

LEAD_COLUMNS = (
    "id", "event", "kind", "badge_id", *CONTACT_FIELDS, "answers", "rating", "note", "tags", "revision",
    "created_at", "updated_at",
)  # fmt: skip

SCAN_COLUMNS = (
    "lead_id", "event", "payload", "payload_hash", "kind", "symbology", "source", "operator", "kiosk",
    "wall_at", "boot_id", "monotonic",
)  # fmt: skip

OUTBOX_COLUMNS = ("lead_id", "revision", "heat", "state", "cause", "reason", "changed_at")

KNOWN = """
    select identity from identities
     where event = :event and identity in (select value from json_each(:identities))
"""

FIELDS = attrgetter(*CONTACT_FIELDS)

IDENTITY_COLUMNS = ("event", "identity", "lead_id")


def insert(db: Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Insert *rows*. Runs inside `writing`."""
    values = ", ".join("?" * len(columns))
    db.conn.executemany(f"insert into {table} ({', '.join(columns)}) values ({values})", rows)


@dataclass(frozen=True, slots=True)
class New:
    """A lead whom nobody here has met, by any of its identities; with its first scan."""

    lead: Lead
    """Complete, with its id and times."""
    identities: Sequence[str]
    sighting: Sighting


def known_identities(db: Database, event: str, identities: Sequence[str]) -> set[str]:
    """Those of *identities* that somebody at *event* has."""
    values = {"event": event, "identities": json.dumps(identities)}
    return {row["identity"] for row in db.execute(KNOWN, values)}


def insert_new(db: Database, found: Sequence[New]) -> None:
    """Save leads that nobody knows, each with its scan and its outbox row. Runs inside `writing`."""
    known_as = [(new.lead.event, name, new.lead.id) for new in found for name in new.identities]
    insert(db, "leads", LEAD_COLUMNS, [lead_row(new.lead) for new in found])
    insert(db, "identities", IDENTITY_COLUMNS, known_as)
    insert(db, "scans", SCAN_COLUMNS, [scan_row(new) for new in found])
    insert(db, "outbox", OUTBOX_COLUMNS, [outbox_row(new.lead) for new in found])


def lead_row(lead: Lead) -> tuple[object, ...]:
    """The values of `LEAD_COLUMNS`."""
    answers = json.dumps(dict(lead.answers), ensure_ascii=False) if lead.answers else "{}"
    tags = json.dumps(list(lead.tags), ensure_ascii=False) if lead.tags else "[]"
    return (
        lead.id, lead.event, lead.kind, lead.badge_id, *FIELDS(lead.contact), answers, lead.rating, lead.note, tags,
        lead.revision, lead.created_at, lead.updated_at,
    )  # fmt: skip


def scan_row(new: New) -> tuple[object, ...]:
    """The values of `SCAN_COLUMNS`."""
    seen = new.sighting
    return (
        new.lead.id, new.lead.event, seen.payload, seen.payload_hash, seen.kind, seen.symbology, seen.source,
        seen.operator, seen.kiosk, seen.wall_at, seen.boot_id, seen.monotonic,
    )  # fmt: skip


def outbox_row(lead: Lead) -> tuple[object, ...]:
    """The values of `OUTBOX_COLUMNS`."""
    stands = where_it_stands(lead)
    heat = lead.rating or UNRATED
    return (lead.id, lead.revision, heat, stands["state"], stands["cause"], stands["reason"], lead.created_at)
