"""Which rows of lists from elsewhere were taken in already, so that a list that comes again changes nothing."""

from sqlite_utils import Database

from data import outbox

FIND = "select lead_id from imported where content_hash = ?"
NOTE = "insert or ignore into imported (content_hash, lead_id, at) values (?, ?, ?)"


def find(db: Database, content_hash: bytes) -> str | None:
    """The lead that came of a row with this content; None where there was none."""
    row = db.execute(FIND, (content_hash,)).fetchone()
    return row["lead_id"] if row else None


def note(db: Database, content_hash: bytes, lead_id: str, now: float) -> None:
    """Remember which lead came of a row. Runs inside `writing`."""
    db.execute(NOTE, (content_hash, lead_id, now))


def discarded(db: Database, lead_id: str, reason: str, operator: str, now: float) -> None:
    """Keep from the CRM what people at another kiosk decided against; it can be restored. Runs inside `writing`."""
    db.execute(outbox.DISCARD, {"lead": lead_id, "reason": reason, "now": now})
    outbox.record(db, lead_id, "discard", reason, operator, now)
