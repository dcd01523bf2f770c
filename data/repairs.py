"""What was read from damaged databases that were set aside, and when."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class _Repair:
    """One damaged database that was read."""

    at: float
    """When it was read: seconds since 1970 UTC."""
    leads: int
    """How many leads were recovered."""
    sentence: str


def find_latest_repair(db: Database) -> _Repair | None:
    """Return the latest repair; None if there was none."""
    row = db.execute("select at, leads, sentence from repairs order by at desc limit 1").fetchone()
    return _Repair(*row) if row else None
