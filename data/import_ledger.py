"""Which rows of lists were imported, so that importing a list again changes nothing."""

from sqlite_utils import Database

from data import outbox

_SELECT_LEAD_ID = "select lead_id from imported where content_hash = ?"
_INSERT_IMPORT = "insert or ignore into imported (content_hash, lead_id, at) values (?, ?, ?)"


def find_imported_lead(db: Database, content_hash: bytes) -> str | None:
    """Return the id of the lead that a row with this content became; None if there was none."""
    row = db.execute(_SELECT_LEAD_ID, (content_hash,)).fetchone()
    return row["lead_id"] if row else None


def record_import(db: Database, content_hash: bytes, lead_id: str, now: float) -> None:
    """Record which lead a row became. Runs inside `write_transaction`."""
    db.execute(_INSERT_IMPORT, (content_hash, lead_id, now))


def discard_imported_lead(db: Database, lead_id: str, reason: str, operator: str, now: float) -> None:
    """
    Discard a lead that people at another kiosk had discarded; it can be restored. Runs inside `write_transaction`.
    """
    db.execute(outbox.DISCARD, {"lead": lead_id, "reason": reason, "now": now})
    outbox.record_action(db, lead_id, "discard", reason, operator, now)
