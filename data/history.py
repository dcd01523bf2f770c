"""The history of a lead: who changed what, with the old and the new value of each field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from data.contact import CONTACT_FIELDS
from data.lead import Lead

_LEAD_FIELDS = ("badge_id", "rating", "note", "tags", "answers")
"""The fields of a lead besides the contact's, by the names of its attributes."""

EDIT = "edit"
"""Changed by a person, or by a device that may decide for one."""
CORRECTION = "correction"
"""A device corrected what it had posted. Not an edit: a device may have the same name as a person who edits."""
MERGE = "merge"
"""Another scan or post of the same person added something."""
IMPORT = "import"
"""A later export of another kiosk added something."""
ATTENDEE_LIST = "attendee list"  # not shown: stored
REPAIR = "repair"
"""The lead's row was destroyed on the disk, and its badge was read again."""
NOT_TAKEN = "not taken"  # not shown: stored
"""A device contradicted others; the lead was left as it is."""

_MAX_EVENTS = 100
_MAX_VALUE_CHARACTERS = 500_000
"""Limit for the old and new values that are read together."""

_INSERT_EVENT = "insert into actions (lead_id, verb, reason, operator, at, changes) values (?, ?, ?, ?, ?, ?)"

_SELECT_EVENTS = "select verb, reason, operator, at, changes from actions where lead_id = ? order by id desc limit ?"

_Changes = Mapping[str, tuple[Any, Any]]
"""Field -> its old and its new value."""


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """One change of a lead, or one action on it."""

    verb: str
    """`edit`, `correction`, `merge`, `import`, `attendee list`, `repair`, `not taken`, or what people do with a lead:
    `retry`, `discard` or `restore`."""
    reason: str
    operator: str
    at: float
    """Seconds since 1970 UTC."""
    changes: Mapping[str, list[Any]]
    """Field -> its old and its new value."""


def diff_leads(before: Lead, after: Lead) -> _Changes:
    """Return each field that differs, with both values."""
    pairs = [(name, getattr(before.contact, name), getattr(after.contact, name)) for name in CONTACT_FIELDS]
    pairs += [(name, getattr(before, name), getattr(after, name)) for name in _LEAD_FIELDS]
    return {name: (old, new) for name, old, new in pairs if old != new}


def record_changes(db: Database, lead_id: str, verb: str, changes: _Changes, operator: str, now: float) -> None:
    """Record what was changed in a lead, and by whom. Runs inside `write_transaction`."""
    names = ", ".join(sorted(changes))
    db.execute(
        _INSERT_EVENT, (lead_id, verb, names, operator, now, json.dumps(changes, ensure_ascii=False, default=dict))
    )


def list_events(db: Database, lead_id: str, limit: int = _MAX_EVENTS) -> list[LeadEvent]:
    """List the last events of a lead, oldest first: at most *limit*, and fewer if they would take too much memory."""
    found: list[LeadEvent] = []
    size = 0
    for row in db.execute(_SELECT_EVENTS, (lead_id, limit)):
        size += len(row["changes"])
        if found and size > _MAX_VALUE_CHARACTERS:
            break
        found.append(LeadEvent(row["verb"], row["reason"], row["operator"], row["at"], json.loads(row["changes"])))
    return found[::-1]
