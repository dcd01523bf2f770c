"""What was read from damaged databases that were set aside, and when."""

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class _Repair:
    """One damaged database."""

    at: float
    """When it was read: seconds since 1970 UTC."""
    leads: int
    """That were found in it."""
    sentence: str


def find_latest_repair(db: Database) -> _Repair | None:
    """The last one; None where there was none."""
    row = db.execute("select at, leads, sentence from repairs order by at desc limit 1").fetchone()
    return _Repair(*row) if row else None
