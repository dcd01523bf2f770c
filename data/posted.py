"""
Leads that other devices posted, by the ids that those gave them: posting one again is normal.

Each device counts for itself, so that two that both begin with 1 speak of two people.
"""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from data.many import insert

FIND = "select lead_id from posted where client_id = ? and device_id = ?"
LAST = "select lead_id, content_hash from posted where client_id = ? and device_id = ?"
NAMED = "select lead_id from posted where client_id = ? order by device_id <> ?, at limit 1"
FIND_MANY = "select client_id, device_id from posted where client_id in (select value from json_each(?))"

NOTE = """
    insert into posted (client_id, device_id, lead_id, content_hash, at) values (?, ?, ?, ?, ?)
    on conflict do update set content_hash = excluded.content_hash
"""

COLUMNS = ("client_id", "device_id", "lead_id", "content_hash", "at")


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
    db: Database, client_id: str, lead_id: str, now: float, device_id: str = "", content_hash: bytes | None = None
) -> None:
    """Remember which lead *client_id* is, and what was posted. Runs inside `writing`."""
    db.execute(NOTE, (client_id, device_id, lead_id, content_hash, now))


def find_many(db: Database, client_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Those of *client_ids* that are known, each with every device that posted it."""
    return {(row["client_id"], row["device_id"]) for row in db.execute(FIND_MANY, (json.dumps(client_ids),))}


def note_many(db: Database, posted: Sequence[tuple[str, str, str, bytes, float]]) -> None:
    """Remember what was posted for the first time: rows of `COLUMNS`. Runs inside `writing`."""
    insert(db, "posted", COLUMNS, posted)
