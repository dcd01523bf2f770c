"""
Whether a person has paused sending: one row, which every process reads before each of its calls to the CRM.

It is no cause of the gate: that tells how a destination stands, and goes on telling it while nothing is sent.
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

SELECT_PAUSE = """
    select case when boots.synced then boots."offset" + paused.monotonic else paused.wall_at end as since, operator
      from paused
      left join boots using (boot_id)
"""


@dataclass(frozen=True, slots=True)
class SendingPause:
    """Sending is paused."""

    since: float
    """Seconds since 1970 UTC; as with scans, a clock that was set later tells it better."""
    operator: str
    """Who paused it; empty where nobody has said who that is."""


def read_pause(db: Database) -> SendingPause | None:
    """Since when sending is paused, and by whom; None where it is not."""
    row = db.execute(SELECT_PAUSE).fetchone()
    return SendingPause(**dict(row)) if row else None


def pause_sending(db: Database, operator: str, clock: Clock) -> bool:
    """
    Have nothing sent from now on but what is under way; whether that changed anything: who paused first counts.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return _pause_in_transaction(db, operator, clock)


def resume_sending(db: Database) -> bool:
    """
    Have sending go on; whether that changed anything.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return _resume_in_transaction(db)


def toggle_pause(db: Database, operator: str, clock: Clock) -> bool:
    """
    Pause sending, or go on where it is paused; whether it is paused now.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return not _resume_in_transaction(db) and _pause_in_transaction(db, operator, clock)


def _pause_in_transaction(db: Database, operator: str, clock: Clock) -> bool:
    """The same as `pause`. Runs inside `writing`."""
    values = {
        "wall": clock.wall_time(),
        "boot": clock.boot_id,
        "mono": clock.seconds_since_boot(),
        "operator": operator,
    }
    return bool(db.execute(_INSERT_PAUSE, values).rowcount)


def _resume_in_transaction(db: Database) -> bool:
    """The same as `resume`. Runs inside `writing`."""
    return bool(db.execute(_DELETE_PAUSE).rowcount)
