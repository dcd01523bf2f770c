"""
Ids that posting devices give their leads: posting a lead again is normal, and finds it by its id.

Each device counts for itself: two devices that both begin with 1 mean two people.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from data.lead_table import insert_rows

_SELECT_LEAD_ID = "select lead_id from posted where client_id = ? and device_id = ?"
_SELECT_LAST_POST = "select lead_id, content_hash from posted where client_id = ? and device_id = ?"
_SELECT_BY_CLIENT_ID = "select lead_id from posted where client_id = ? order by device_id <> ?, at limit 1"
_SELECT_KNOWN_CLIENT_IDS = "select client_id, device_id from posted where client_id in (select value from json_each(?))"

_UPSERT_POST = """
    insert into posted (client_id, device_id, lead_id, content_hash, at, said, own) values (?, ?, ?, ?, ?, ?, ?)
    on conflict do update set content_hash = excluded.content_hash, said = excluded.said, own = excluded.own
"""

_SELECT_CONTRIBUTIONS = """
    select client_id, said, own,
           (select payload from scans
             where scans.lead_id = posted.lead_id and payload_hash = lower(hex(content_hash)) limit 1) as payload
      from posted
     where lead_id = ? and device_id = ?
     order by client_id <> ?
     limit 20
"""
"""What a device posted about a lead, the post in question first."""

_SELECT_HAS_OTHERS = """
    select exists (select 1 from posted where lead_id = :lead and device_id <> :device)
        or exists (select 1 from scans where lead_id = :lead and source <> 'api')
        or exists (select 1 from actions where lead_id = :lead and verb in ('edit', 'import', 'attendee list'))
"""

_POSTED_COLUMNS = ("client_id", "device_id", "lead_id", "content_hash", "at")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one post says about a lead, by the names of our fields."""

    posted: Mapping[str, Any]
    """What was posted last, each field as in the last post that named it."""
    applied: Mapping[str, Any]
    """What of it is now the lead's value because of this device."""


def find_lead_id(db: Database, client_id: str, device_id: str = "") -> str | None:
    """
    Return the lead that this device posted as *client_id*, or that came with that id in a list; None if there is none.
    """
    row = db.execute(_SELECT_LEAD_ID, (client_id, device_id)).fetchone()
    return row["lead_id"] if row else None


def find_last_post(db: Database, client_id: str, device_id: str) -> tuple[str, bytes | None] | None:
    """Return the lead's id and the hash of the last post; None if there is none."""
    row = db.execute(_SELECT_LAST_POST, (client_id, device_id)).fetchone()
    return (row["lead_id"], row["content_hash"]) if row else None


def resolve_client_id(db: Database, client_id: str, device_id: str) -> str | None:
    """Return the lead that this device posted as *client_id*, or else the first that any device posted under it."""
    row = db.execute(_SELECT_BY_CLIENT_ID, (client_id, device_id)).fetchone()
    return row["lead_id"] if row else None


def record_post(
    db: Database,
    client_id: str,
    lead_id: str,
    now: float,
    device_id: str = "",
    content_hash: bytes | None = None,
    contribution: Contribution | None = None,
) -> None:
    """Record which lead *client_id* is, and what was posted. Runs inside `write_transaction`."""
    said, own = (
        (_encode_json(contribution.posted), _encode_json(contribution.applied)) if contribution else (None, None)
    )
    db.execute(_UPSERT_POST, (client_id, device_id, lead_id, content_hash, now, said, own))


def list_contributions(
    db: Database, lead_id: str, device_id: str, client_id: str, read_payload: Callable[[bytes], Mapping[str, Any]]
) -> list[Contribution]:
    """
    List what a device posted about a lead, its post *client_id* first.

    A post that became a lead is stored once, as the payload of the scan; *read_payload* reads that.
    """
    return [
        _contribution_from_row(row, read_payload)
        for row in db.execute(_SELECT_CONTRIBUTIONS, (lead_id, device_id, client_id))
    ]


def _contribution_from_row(row: sqlite3.Row, read_payload: Callable[[bytes], Mapping[str, Any]]) -> Contribution:
    """Convert one post."""
    if row["said"] is not None:
        return Contribution(json.loads(row["said"]), json.loads(row["own"]))
    posted = read_payload(row["payload"]) if row["payload"] else {}
    return Contribution(posted, posted)


def has_other_contributors(db: Database, lead_id: str, device_id: str) -> bool:
    """Return whether anything but this device has added to a lead: another device, the camera, a list, or a person."""
    return bool(db.execute(_SELECT_HAS_OTHERS, {"lead": lead_id, "device": device_id}).fetchone()[0])


def _encode_json(values: Mapping[str, Any]) -> str:
    """Encode *values* for the database."""
    return json.dumps(dict(values), ensure_ascii=False)


def find_known_client_ids(db: Database, client_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return those of *client_ids* that are known, each with every device that posted it."""
    return {
        (row["client_id"], row["device_id"]) for row in db.execute(_SELECT_KNOWN_CLIENT_IDS, (json.dumps(client_ids),))
    }


def record_first_posts(db: Database, posted: Sequence[tuple[str, str, str, bytes, float]]) -> None:
    """Record posts of new leads: rows of `_POSTED_COLUMNS`. Runs inside `write_transaction`."""
    insert_rows(db, "posted", _POSTED_COLUMNS, posted)
