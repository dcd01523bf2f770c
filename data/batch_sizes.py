"""How many leads a CRM is known to take in one call: found out once, and not again in every run."""

from sqlite_utils import Database

from data.clock import Clock
from data.store import writing

DAY_SECONDS = 86_400.0
"""For so long it counts: what limited a batch may have been changed since."""

READ = "select size, at from batch_sizes where destination = ?"

WRITE = """
    insert into batch_sizes (destination, size, at)
    values (:destination, :size, :at)
    on conflict (destination) do update set size = excluded.size, at = excluded.at
"""


def read(db: Database, destination: str, clock: Clock) -> int | None:
    """The largest batch that *destination* is known to take; None where nothing is known, or that was long ago."""
    row = db.execute(READ, (destination,)).fetchone()
    if row is None or not 0 <= clock.wall() - row["at"] < DAY_SECONDS:
        return None
    return max(1, int(row["size"]))


def write(db: Database, destination: str, size: int, clock: Clock) -> None:
    """
    Keep that *destination* takes *size* leads at once, and not many more.

    Raises:
        StoreError: nothing was written.
    """
    with writing(db):
        db.execute(WRITE, {"destination": destination, "size": size, "at": clock.wall()})
