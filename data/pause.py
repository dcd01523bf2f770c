"""
Whether a person has paused sending: one row, which every process reads before each call to the CRM.

It is not a cause of the gate: the gate says whether the destination works, also while sending is paused.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction

_INSERT_PAUSE = """
    insert into paused (id, wall_at, boot_id, monotonic, operator)
    values (1, :wall, :boot, :mono, :operator)
        on conflict (id) do nothing
"""

_DELETE_PAUSE = "delete from paused"

_SELECT_PAUSE = """
    select case when boots.synced then boots."offset" + paused.monotonic else paused.wall_at end as since, operator
      from paused
      left join boots using (boot_id)
"""


@dataclass(frozen=True, slots=True)
class SendingPause:
    """Sending is paused."""

    since: float
    """Seconds since 1970 UTC, corrected like the times of scans if the clock was set later."""
    operator: str
    """Who paused it; empty if the operator is unknown."""


def read_pause(db: Database) -> SendingPause | None:
    """Return since when sending is paused and by whom; None if it is not."""
    row = db.execute(_SELECT_PAUSE).fetchone()
    return SendingPause(**dict(row)) if row else None


def pause_sending(db: Database, operator: str, clock: Clock) -> bool:
    """
    Pause sending; calls under way finish.

    Return whether anything changed: if sending is paused already, the first pause stays.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return _pause_in_transaction(db, operator, clock)


def resume_sending(db: Database) -> bool:
    """
    Resume sending; return whether anything changed.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return _resume_in_transaction(db)


def toggle_pause(db: Database, operator: str, clock: Clock) -> bool:
    """
    Pause sending, or resume it if it is paused; return whether it is paused now.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return not _resume_in_transaction(db) and _pause_in_transaction(db, operator, clock)


def _pause_in_transaction(db: Database, operator: str, clock: Clock) -> bool:
    """Pause sending as `pause_sending` does. Runs inside `write_transaction`."""
    values = {
        "wall": clock.wall_time(),
        "boot": clock.boot_id,
        "mono": clock.seconds_since_boot(),
        "operator": operator,
    }
    return bool(db.execute(_INSERT_PAUSE, values).rowcount)


def _resume_in_transaction(db: Database) -> bool:
    """Resume sending as `resume_sending` does. Runs inside `write_transaction`."""
    return bool(db.execute(_DELETE_PAUSE).rowcount)
