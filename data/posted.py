"""
Leads that other devices posted, by the ids that those gave them: posting one again is normal.

Each device counts for itself, so that two that both begin with 1 speak of two people.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from data.many import insert

FIND = "select lead_id from posted where client_id = ? and device_id = ?"
LAST = "select lead_id, content_hash from posted where client_id = ? and device_id = ?"
NAMED = "select lead_id from posted where client_id = ? order by device_id <> ?, at limit 1"
FIND_MANY = "select client_id, device_id from posted where client_id in (select value from json_each(?))"

NOTE = """
    insert into posted (client_id, device_id, lead_id, content_hash, at, said, own) values (?, ?, ?, ?, ?, ?, ?)
    on conflict do update set content_hash = excluded.content_hash, said = excluded.said, own = excluded.own
"""

SAID = """
    select client_id, said, own,
           (select payload from scans
             where scans.lead_id = posted.lead_id and payload_hash = lower(hex(content_hash)) limit 1) as payload
      from posted
     where lead_id = ? and device_id = ?
     order by client_id <> ?
     limit 20
"""
"""What a device said of a lead, the post in question first."""

OTHERS = """
    select exists (select 1 from posted where lead_id = :lead and device_id <> :device)
        or exists (select 1 from scans where lead_id = :lead and source <> 'api')
        or exists (select 1 from actions where lead_id = :lead and verb in ('edit', 'import', 'attendee list'))
"""

COLUMNS = ("client_id", "device_id", "lead_id", "content_hash", "at")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one post says of a lead, by our names of the fields."""

    said: Mapping[str, Any]
    """What was posted last, each field as it was named last."""
    own: Mapping[str, Any]
    """What of it this post put into the lead: it was empty before."""


def find(db: Database, client_id: str, device_id: str = "") -> str | None:
    """The lead that this device posted as *client_id*, or that came so in a list; None where there is none."""
    row = db.execute(FIND, (client_id, device_id)).fetchone()
    return row["lead_id"] if row else None


def last(db: Database, client_id: str, device_id: str) -> tuple[str, bytes | None] | None:
    """The same, with the hash of what was posted last."""
    row = db.execute(LAST, (client_id, device_id)).fetchone()
    return (row["lead_id"], row["content_hash"]) if row else None


def named(db: Database, client_id: str, device_id: str) -> str | None:
    """The lead that this device calls *client_id*; where it calls none so, the one that was first called so."""
    row = db.execute(NAMED, (client_id, device_id)).fetchone()
    return row["lead_id"] if row else None


def note(
    db: Database,
    client_id: str,
    lead_id: str,
    now: float,
    device_id: str = "",
    content_hash: bytes | None = None,
    contribution: Contribution | None = None,
) -> None:
    """Remember which lead *client_id* is, and what was posted. Runs inside `writing`."""
    said, own = (_json(contribution.said), _json(contribution.own)) if contribution else (None, None)
    db.execute(NOTE, (client_id, device_id, lead_id, content_hash, now, said, own))


def contributions(
    db: Database, lead_id: str, device_id: str, client_id: str, whole: Callable[[bytes], Mapping[str, Any]]
) -> list[Contribution]:
    """
    What a device said of a lead, its post *client_id* first.

    A post that made a lead of its own is kept once, as the payload of the scan; *whole* reads that.
    """
    return [_contribution(row, whole) for row in db.execute(SAID, (lead_id, device_id, client_id))]


def _contribution(row: sqlite3.Row, whole: Callable[[bytes], Mapping[str, Any]]) -> Contribution:
    """What one post said."""
    if row["said"] is not None:
        return Contribution(json.loads(row["said"]), json.loads(row["own"]))
    said = whole(row["payload"]) if row["payload"] else {}
    return Contribution(said, said)


def has_others(db: Database, lead_id: str, device_id: str) -> bool:
    """Whether anybody but this device has added to a lead: another device, the camera, a list, or a person."""
    return bool(db.execute(OTHERS, {"lead": lead_id, "device": device_id}).fetchone()[0])


def _json(values: Mapping[str, Any]) -> str:
    """*values* as they are kept."""
    return json.dumps(dict(values), ensure_ascii=False)


def find_many(db: Database, client_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Those of *client_ids* that are known, each with every device that posted it."""
    return {(row["client_id"], row["device_id"]) for row in db.execute(FIND_MANY, (json.dumps(client_ids),))}


def note_many(db: Database, posted: Sequence[tuple[str, str, str, bytes, float]]) -> None:
    """Remember what was posted for the first time: rows of `COLUMNS`. Runs inside `writing`."""
    insert(db, "posted", COLUMNS, posted)
