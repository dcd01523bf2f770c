"""How many leads a CRM is known to take in one call: found out once, and not again in every run."""

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction

_MAX_AGE_SECONDS = 86_400.0
"""For so long it counts: what limited a batch may have been changed since."""

SELECT_SIZE = "select size, at from batch_sizes where destination = ?"

_UPSERT_SIZE = """
    insert into batch_sizes (destination, size, at)
    values (:destination, :size, :at)
    on conflict (destination) do update set size = excluded.size, at = excluded.at
"""


def read_batch_size(db: Database, destination: str, clock: Clock) -> int | None:
    """The largest batch that *destination* is known to take; None where nothing is known, or that was long ago."""
    row = db.execute(SELECT_SIZE, (destination,)).fetchone()
    if row is None or not 0 <= clock.wall_time() - row["at"] < _MAX_AGE_SECONDS:
        return None
    return max(1, int(row["size"]))


def write_batch_size(db: Database, destination: str, size: int, clock: Clock) -> None:
    """
    Keep that *destination* takes *size* leads at once, and not many more.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        db.execute(_UPSERT_SIZE, {"destination": destination, "size": size, "at": clock.wall_time()})
