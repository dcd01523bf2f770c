"""Recoveries from damaged databases that were set aside."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Repair:
    """One damaged database from which leads were recovered."""

    at: float
    """When it was read: seconds since 1970 UTC."""
    leads: int
    """How many leads were recovered."""
    sentence: str
    """What happened, how many leads were recovered and where the damaged file is; for staff, in their language."""


def find_latest_repair(db: Database) -> Repair | None:
    """Return the latest repair; None if there was none."""
    row = db.execute("select at, leads, sentence from repairs order by at desc limit 1").fetchone()
    return Repair(*row) if row else None
