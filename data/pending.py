"""The pending list that staff look at: the state of each lead, and why."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.contact import CONTACT_FIELDS
from data.lead import Lead, lead_from_row
from data.outbox import NEEDS_YOU, WAITING
from data.text_folding import fold_text

_SELECT_ENTRIES = """
    select leads.*, outbox.state, outbox.cause, outbox.reason, outbox.attempts, outbox.due, outbox.due_boot,
           outbox.delivered_revision, outbox.remote_id, outbox.delivered_at, outbox.changed_at,
           (select operator from scans where scans.lead_id = leads.id order by scans.id desc limit 1) as operator,
           (select min(at) from scan_times where scan_times.lead_id = leads.id) as scanned_at,
           case when leads.name || leads.first_name || leads.last_name = ''
                 and leads.email || leads.phone || leads.badge_id = ''
                then (select payload from scans where scans.lead_id = leads.id and payload is not null
                       order by scans.id limit 1) end as payload
      from outbox
      join leads on leads.id = outbox.lead_id
     where {where}
     order by outbox.state = 'needs you' desc, leads.id desc
     limit :limit
"""

_BRIEF_CONTACT = ", ".join(f"substr({name}, 1, 200) as {name}" for name in CONTACT_FIELDS)  # not shown: SQL

SELECT_BRIEF_ENTRIES = _SELECT_ENTRIES.replace(
    "leads.*",
    f"""leads.id, event, kind, {_BRIEF_CONTACT},
           substr(badge_id, 1, 200) as badge_id, leads.rating, substr(note, 1, 200) as note, '[]' as tags,
           '{{{{}}}}' as answers, leads.revision, leads.created_at, leads.updated_at""",  # not shown: SQL
)
"""The same with only the beginning of long texts, for those who poll for changes."""

_SEARCHED_TEXT = " || ' ' || ".join(
    f"leads.{name}"
    for name in ("name", "first_name", "last_name", "email", "phone", "company", "badge_id", "note", "tags", "answers")
)

_BADGE_TEXT_MATCHES = """
    exists (select 1 from scans
             where scans.lead_id = leads.id and instr(folded(text_of(scans.payload)), :search))
"""
"""True if the search text occurs in what a badge of the lead said."""

_COUNT_CAUSES = """
    select cause, count(*) as leads
      from outbox
     where state in ('waiting', 'needs you') and cause <> ''
     group by cause
     order by leads desc
"""

_COUNT_INCOMPLETE = """
    select count(*) from outbox
     where cause = 'needs details' and lead_id in (select value from json_each(:ids))
"""

_SELECT_GROUPS = """
    select outbox.state, outbox.cause, outbox.reason, count(*) as leads
      from outbox
      join leads on leads.id = outbox.lead_id
     where {where}
     group by outbox.state, outbox.cause, outbox.reason
     order by outbox.state = 'needs you' desc, count(*) desc, outbox.reason
"""

_SELECT_IDS = """
    select leads.id
      from outbox
      join leads on leads.id = outbox.lead_id
     where {where}
     order by leads.id desc
"""

_SELECT_REMOTE_IDS = """
    select remote_id from outbox
     where remote_id is not null and lead_id in (select value from json_each(?))
     order by lead_id
"""

_COUNT_IN_FLIGHT = """
    select count(distinct lead_id)
      from batch_members
      join batches on batches.id = batch_members.batch_id
     where batches.ended_at is null and lead_id in (select value from json_each(?))
"""

_MAX_LABEL_CHARACTERS = 200
"""Limit for a badge's text that is the only name a lead has."""


@dataclass(frozen=True, slots=True)
class CrmPresence:
    """What the CRM has, or may have, of some leads."""

    remote_ids: tuple[str, ...]
    """The CRM's ids of those that it has."""
    in_flight: int
    """How many are in a call that was not answered yet."""


@dataclass(frozen=True, slots=True)
class PendingGroup:
    """Leads in the same state for the same reason."""

    state: str
    cause: str
    reason: str
    leads: int


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """One line of the pending list."""

    lead: Lead
    state: str
    cause: str
    reason: str
    """Why it is not in the CRM, in plain words; empty if nothing is wrong with this lead itself."""
    attempts: int
    seconds_left: float
    """Time until the lead is due. A closed gate may make it wait longer."""
    delivered_revision: int | None
    remote_id: str | None
    delivered_at: float | None
    changed_at: float
    operator: str
    """Who scanned it last."""
    scanned_at: float
    """First scan: seconds since 1970 UTC."""
    payload: bytes | None = None
    """What the badge carried, if nothing else says who the person is."""

    @property
    def label(self) -> str:
        """What lists call this lead; if nothing says who the person is, what the badge says, on one line."""
        if not self.payload or self.lead.badge_id or not self.lead.needs_details:
            return self.lead.label
        return " ".join(self.payload.decode("utf-8", "replace").split())[:_MAX_LABEL_CHARACTERS] or self.lead.label


def list_entries(
    db: Database,
    clock: Clock,
    *,
    states: tuple[str, ...] = (WAITING, NEEDS_YOU),
    cause: str = "",
    reason: str | None = None,
    search: str = "",
    limit: int = 1000,
) -> list[PendingEntry]:
    """
    List the leads in *states*, those that need a person first, then the newest first.

    *cause* and *reason* select leads with just that cause or reason. *search* selects leads that contain it in name,
    e-mail, phone, company, badge id, note, tags or answers, or in what their badge said.
    """
    where, values = build_filter(states, cause, search, reason)
    rows = db.execute(_SELECT_ENTRIES.format(where=" and ".join(where)), {**values, "limit": limit})
    return [_entry_from_row(row, clock) for row in rows]


def list_page(
    db: Database,
    clock: Clock,
    *,
    states: tuple[str, ...],
    cause: str = "",
    search: str = "",
    before: str = "",
    limit: int,
    sql: str = _SELECT_ENTRIES,
) -> list[PendingEntry]:
    """
    List the leads that were met before the one with the id *before* (empty: all), newest first; see `list_entries`.
    """
    where, values = build_filter(states, cause, search)
    if before:
        where.append("leads.id < :before")
    sql = sql.format(where=" and ".join(where)).replace("outbox.state = 'needs you' desc, ", "")  # not shown: SQL
    return [_entry_from_row(row, clock) for row in db.execute(sql, {**values, "before": before, "limit": limit})]


def list_ids(db: Database, *, states: tuple[str, ...], cause: str, reason: str | None, search: str) -> list[str]:
    """List the ids of all leads that such a filter selects, however many; see `list_entries`."""
    where, values = build_filter(states, cause, search, reason)
    return [row["id"] for row in db.execute(_SELECT_IDS.format(where=" and ".join(where)), values)]


def list_groups(db: Database, *, states: tuple[str, ...], search: str) -> list[PendingGroup]:
    """
    Group the leads that `list_entries` would list by state and reason: those that need a person first, then the largest
    group.
    """
    where, values = build_filter(states, "", search)
    return [PendingGroup(*row) for row in db.execute(_SELECT_GROUPS.format(where=" and ".join(where)), values)]


def find_crm_presence(db: Database, lead_ids: list[str]) -> CrmPresence:
    """Return what the CRM has of these leads: discarding them does not remove it there."""
    named = json.dumps(lead_ids)
    remote_ids = tuple(row["remote_id"] for row in db.execute(_SELECT_REMOTE_IDS, (named,)))
    return CrmPresence(remote_ids, db.execute(_COUNT_IN_FLIGHT, (named,)).fetchone()[0])


def build_filter(
    states: tuple[str, ...], cause: str, search: str, reason: str | None = None
) -> tuple[list[str], dict[str, object]]:
    """Build the SQL conditions of a filter, and their values."""
    values = {"states": json.dumps(states)}
    where = ["outbox.state in (select value from json_each(:states))"]  # not shown: SQL
    if cause:
        where.append("outbox.cause = :cause")
        values["cause"] = cause
    if reason is not None:
        where.append("outbox.reason = :reason")
        values["reason"] = reason
    if search:
        where.append(f"(instr(folded({_SEARCHED_TEXT}), :search) or {_BADGE_TEXT_MATCHES})")  # not shown: SQL
        values["search"] = fold_text(search)
    return where, dict(values)


def get_entry(db: Database, clock: Clock, lead_id: str) -> PendingEntry:
    """
    Return the entry of one lead.

    Raises:
        KeyError: the lead does not exist.
    """
    row = db.execute(_SELECT_ENTRIES.format(where="leads.id = :id"), {"id": lead_id, "limit": 1}).fetchone()
    if row is None:
        raise KeyError(lead_id)
    return _entry_from_row(row, clock)


def _entry_from_row(row: sqlite3.Row, clock: Clock) -> PendingEntry:
    """Convert a row of `_SELECT_ENTRIES`."""
    left = max(0.0, row["due"] - clock.seconds_since_boot()) if row["due_boot"] == clock.boot_id else 0.0
    return PendingEntry(
        lead=lead_from_row(row),
        state=row["state"],
        cause=row["cause"],
        reason=row["reason"],
        attempts=row["attempts"],
        seconds_left=left,
        delivered_revision=row["delivered_revision"],
        remote_id=row["remote_id"],
        delivered_at=row["delivered_at"],
        changed_at=row["changed_at"],
        operator=row["operator"] or "",
        scanned_at=row["created_at"] if row["scanned_at"] is None else row["scanned_at"],
        payload=row["payload"],
    )


def count_causes(db: Database) -> dict[str, int]:
    """Count the leads that wait or need a person, by the cause that each has."""
    return {row["cause"]: row["leads"] for row in db.execute(_COUNT_CAUSES)}


def count_incomplete(db: Database, ids: Sequence[str]) -> int:
    """Count the leads in *ids* that need a name or an e-mail before they can be sent."""
    return int(db.execute(_COUNT_INCOMPLETE, {"ids": json.dumps(ids)}).fetchone()[0])
