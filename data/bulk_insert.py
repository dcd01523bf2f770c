"""Saving many new leads at once: who is known is looked up once for all, and each table is written in one go."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlite_utils import Database

from data.contact import CONTACT_FIELDS
from data.lead import Lead, ScanRecord
from data.outbox import UNRATED_HEAT, initial_state

_LEAD_COLUMNS = (
    "id", "event", "kind", "badge_id", *CONTACT_FIELDS, "answers", "rating", "note", "tags", "revision",
    "created_at", "updated_at",
)  # fmt: skip

_SCAN_COLUMNS = (
    "lead_id", "event", "payload", "payload_hash", "kind", "symbology", "source", "operator", "kiosk",
    "wall_at", "boot_id", "monotonic",
)  # fmt: skip

_OUTBOX_COLUMNS = ("lead_id", "revision", "heat", "state", "cause", "reason", "changed_at")

_SELECT_KNOWN_IDENTITIES = """
    select identity from identities
     where event = :event and identity in (select value from json_each(:identities))
"""

_read_contact_fields = attrgetter(*CONTACT_FIELDS)

_IDENTITY_COLUMNS = ("event", "identity", "lead_id")


def insert_rows(db: Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Insert *rows*. Runs inside `writing`."""
    values = ", ".join("?" * len(columns))
    db.conn.executemany(f"insert into {table} ({', '.join(columns)}) values ({values})", rows)


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead whom nobody here has met, by any of its identities; with its first scan."""

    lead: Lead
    """Complete, with its id and times."""
    identities: Sequence[str]
    sighting: ScanRecord


def find_known_identities(db: Database, event: str, identities: Sequence[str]) -> set[str]:
    """Those of *identities* that somebody at *event* has."""
    values = {"event": event, "identities": json.dumps(identities)}
    return {row["identity"] for row in db.execute(_SELECT_KNOWN_IDENTITIES, values)}


def insert_new_leads(db: Database, found: Sequence[NewLead]) -> None:
    """Save leads that nobody knows, each with its scan and its outbox row. Runs inside `writing`."""
    known_as = [(new.lead.event, name, new.lead.id) for new in found for name in new.identities]
    insert_rows(db, "leads", _LEAD_COLUMNS, [_lead_to_row(new.lead) for new in found])
    insert_rows(db, "identities", _IDENTITY_COLUMNS, known_as)
    insert_rows(db, "scans", _SCAN_COLUMNS, [_scan_to_row(new) for new in found])
    insert_rows(db, "outbox", _OUTBOX_COLUMNS, [_lead_to_outbox_row(new.lead) for new in found])


def _lead_to_row(lead: Lead) -> tuple[object, ...]:
    """The values of `LEAD_COLUMNS`."""
    answers = json.dumps(dict(lead.answers), ensure_ascii=False) if lead.answers else "{}"
    tags = json.dumps(list(lead.tags), ensure_ascii=False) if lead.tags else "[]"
    return (
        lead.id, lead.event, lead.kind, lead.badge_id, *_read_contact_fields(lead.contact), answers, lead.rating, lead.note, tags,
        lead.revision, lead.created_at, lead.updated_at,
    )  # fmt: skip


def _scan_to_row(new: NewLead) -> tuple[object, ...]:
    """The values of `SCAN_COLUMNS`."""
    seen = new.sighting
    return (
        new.lead.id, new.lead.event, seen.payload, seen.payload_hash, seen.kind, seen.symbology, seen.source,
        seen.operator, seen.kiosk, seen.wall_at, seen.boot_id, seen.monotonic,
    )  # fmt: skip


def _lead_to_outbox_row(lead: Lead) -> tuple[object, ...]:
    """The values of `OUTBOX_COLUMNS`."""
    stands = initial_state(lead)
    heat = lead.rating or UNRATED_HEAT
    return (lead.id, lead.revision, heat, stands["state"], stands["cause"], stands["reason"], lead.created_at)
