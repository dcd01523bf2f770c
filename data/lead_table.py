"""
The columns of the tables that hold a lead, and the statements that write them: the only ones in the project.

`data.arrival` and `data.leads` decide what is written. A database that was damaged is the one exception: `data.salvage`
and `data.database_merge` write rows that they have found.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter

from sqlite_utils import Database

from data.contact import CONTACT_FIELDS
from data.lead import Lead, ScanRecord
from data.outbox import UNRATED_HEAT, choose_initial_state

_FIXED_COLUMNS = ("id", "event", "created_at")
_CHANGING_COLUMNS = (
    "kind", "badge_id", *CONTACT_FIELDS, "answers", "rating", "note", "tags", "revision", "updated_at",
)  # fmt: skip
_LEAD_COLUMNS = (*_FIXED_COLUMNS, *_CHANGING_COLUMNS)

_SCAN_FIELDS = tuple(field.name for field in fields(ScanRecord))
_SCAN_COLUMNS = ("lead_id", "event", *_SCAN_FIELDS)

_IDENTITY_COLUMNS = ("event", "identity", "lead_id")

_OUTBOX_COLUMNS = ("lead_id", "revision", "heat", "state", "cause", "reason", "changed_at")

_UPDATE_LEAD = f"update leads set {', '.join(f'{name} = ?' for name in _CHANGING_COLUMNS)} where id = ?"

# Reading the fields one by one, or with `asdict`, took half of a save's own time.
_read_contact_fields = attrgetter(*CONTACT_FIELDS)
_read_scan_fields = attrgetter(*_SCAN_FIELDS)


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead that is not in the database yet, with its first scan."""

    lead: Lead
    """Complete, with its id and times."""
    identities: Sequence[str]
    scan: ScanRecord


def insert_new_leads(db: Database, new_leads: Sequence[NewLead]) -> None:
    """Insert leads, each with its identities, its first scan and its outbox row. Runs inside `write_transaction`."""
    insert_rows(db, "leads", _LEAD_COLUMNS, [_lead_to_row(new.lead) for new in new_leads])
    insert_rows(db, "outbox", _OUTBOX_COLUMNS, [_lead_to_outbox_row(new.lead) for new in new_leads])
    insert_identities(db, ((new.lead, identity) for new in new_leads for identity in new.identities))
    insert_rows(
        db, "scans", _SCAN_COLUMNS, [(new.lead.id, new.lead.event, *_read_scan_fields(new.scan)) for new in new_leads]
    )


def update_lead(db: Database, lead: Lead) -> None:
    """Replace all that may change in the row of *lead*. Runs inside `write_transaction`."""
    db.execute(_UPDATE_LEAD, (*_lead_to_row(lead)[len(_FIXED_COLUMNS) :], lead.id))


def insert_identities(db: Database, identities: Iterable[tuple[Lead, str]]) -> None:
    """Add identities to leads, unless they have them. Runs inside `write_transaction`."""
    rows = [(lead.event, identity, lead.id) for lead, identity in identities]
    insert_rows(db, "identities", _IDENTITY_COLUMNS, rows, or_ignore=True)


def insert_scan(db: Database, lead_id: str | None, event: str, scan: ScanRecord) -> None:
    """Add a scan of the lead with this id, or of none. Runs inside `write_transaction`."""
    insert_rows(db, "scans", _SCAN_COLUMNS, [(lead_id, event, *_read_scan_fields(scan))])


def insert_rows(
    db: Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, or_ignore: bool = False
) -> None:
    """Insert *rows*; with *or_ignore* those whose key exists are left out. Runs inside `write_transaction`."""
    db.conn.executemany(_build_insert_sql(table, tuple(columns), or_ignore), rows)


@cache
def _build_insert_sql(table: str, columns: tuple[str, ...], or_ignore: bool) -> str:
    """Return the SQL that inserts one row."""
    verb = "insert or ignore" if or_ignore else "insert"
    return f"{verb} into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"  # not shown: SQL


def _lead_to_row(lead: Lead) -> tuple[object, ...]:
    """Return the values of `_LEAD_COLUMNS`."""
    answers = json.dumps(dict(lead.answers), ensure_ascii=False) if lead.answers else "{}"
    tags = json.dumps(list(lead.tags), ensure_ascii=False) if lead.tags else "[]"
    return (
        lead.id, lead.event, lead.created_at, lead.kind, lead.badge_id, *_read_contact_fields(lead.contact), answers,
        lead.rating, lead.note, tags, lead.revision, lead.updated_at,
    )  # fmt: skip


def _lead_to_outbox_row(lead: Lead) -> tuple[object, ...]:
    """Return the values of `_OUTBOX_COLUMNS` for a lead that was not sent yet."""
    initial = choose_initial_state(lead)
    heat = lead.rating or UNRATED_HEAT
    return (lead.id, lead.revision, heat, initial["state"], initial["cause"], initial["reason"], lead.created_at)
