"""Leads that other devices posted, by the ids that those gave them: posting one again is normal."""

from sqlite_utils import Database

FIND = "select lead_id from posted where client_id = ?"
NOTE = "insert into posted (client_id, lead_id, at) values (?, ?, ?)"
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
