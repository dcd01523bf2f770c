"""How many leads a CRM accepts in one call: found out once, then remembered between runs."""

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction

# How long a batch size is remembered: later, the CRM's limit may have been raised.
_MAX_AGE_SECONDS = 86_400.0

_SELECT_SIZE = "select size, at from batch_sizes where destination = ?"

_UPSERT_SIZE = """
    insert into batch_sizes (destination, size, at)
    values (:destination, :size, :at)
    on conflict (destination) do update set size = excluded.size, at = excluded.at
"""


def read_batch_size(db: Database, destination: str, clock: Clock) -> int | None:
    """
    Return the largest batch that *destination* is known to accept; None if that is unknown or was found out long ago.
    """
    row = db.execute(_SELECT_SIZE, (destination,)).fetchone()
    if row is None or not 0 <= clock.wall_time() - row["at"] < _MAX_AGE_SECONDS:
        return None
    return max(1, int(row["size"]))


def write_batch_size(db: Database, destination: str, size: int, clock: Clock) -> None:
    """
    Remember that *destination* accepts *size* leads in one call, and not many more.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        db.execute(_UPSERT_SIZE, {"destination": destination, "size": size, "at": clock.wall_time()})
