"""Which rows of lists from elsewhere were taken in already, so that a list that comes again changes nothing."""

from sqlite_utils import Database

from data import outbox

_SELECT_LEAD_ID = "select lead_id from imported where content_hash = ?"
INSERT_IMPORT = "insert or ignore into imported (content_hash, lead_id, at) values (?, ?, ?)"


def find_imported_lead(db: Database, content_hash: bytes) -> str | None:
    """The lead that came of a row with this content; None where there was none."""
    row = db.execute(_SELECT_LEAD_ID, (content_hash,)).fetchone()
    return row["lead_id"] if row else None


def record_import(db: Database, content_hash: bytes, lead_id: str, now: float) -> None:
    """Remember which lead came of a row. Runs inside `writing`."""
    db.execute(INSERT_IMPORT, (content_hash, lead_id, now))


def discard_imported_lead(db: Database, lead_id: str, reason: str, operator: str, now: float) -> None:
    """Keep from the CRM what people at another kiosk decided against; it can be restored. Runs inside `writing`."""
    db.execute(outbox.DISCARD, {"lead": lead_id, "reason": reason, "now": now})
    outbox.record_action(db, lead_id, "discard", reason, operator, now)
