"""Leads that other devices posted, by the ids that those gave them: posting one again is normal."""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from data.many import insert

FIND = "select lead_id from posted where client_id = ?"
NOTE = "insert into posted (client_id, lead_id, at) values (?, ?, ?)"
FIND_MANY = "select client_id, lead_id from posted where client_id in (select value from json_each(?))"
OF_A_LEAD = "select client_id from posted where lead_id = ? order by at limit 1"


def find(db: Database, client_id: str) -> str | None:
    """The lead that was posted as *client_id*; None where none was."""
    row = db.execute(FIND, (client_id,)).fetchone()
    return row["lead_id"] if row else None


def note(db: Database, client_id: str, lead_id: str, now: float) -> None:
    """Remember which lead *client_id* is. Runs inside `writing`."""
    db.execute(NOTE, (client_id, lead_id, now))


def client_id_of(db: Database, lead_id: str) -> str | None:
    """The id under which a lead was first posted; None where it was scanned here."""
    row = db.execute(OF_A_LEAD, (lead_id,)).fetchone()
    return row["client_id"] if row else None


def find_many(db: Database, client_ids: Sequence[str]) -> dict[str, str]:
    """The leads that were posted under those of *client_ids* that are known."""
    return {row["client_id"]: row["lead_id"] for row in db.execute(FIND_MANY, (json.dumps(client_ids),))}


def note_many(db: Database, posted: Sequence[tuple[str, str, float]]) -> None:
    """Remember which lead each client's id is, and since when. Runs inside `writing`."""
    insert(db, "posted", ("client_id", "lead_id", "at"), posted)
