"""
Whether a person has paused sending: one row, which every process reads before each of its calls to the CRM.

It is no cause of the gate: that tells how a destination stands, and goes on telling it while nothing is sent.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.store import writing

PAUSE = """
    insert into paused (id, wall_at, boot_id, monotonic, operator)
    values (1, :wall, :boot, :mono, :operator)
        on conflict (id) do nothing
"""

RESUME = "delete from paused"

READ = """
    select case when boots.synced then boots."offset" + paused.monotonic else paused.wall_at end as since, operator
      from paused
      left join boots using (boot_id)
"""


@dataclass(frozen=True, slots=True)
class Paused:
    """Sending is paused."""

    since: float
    """Seconds since 1970 UTC; as with scans, a clock that was set later tells it better."""
    operator: str
    """Who paused it; empty where nobody has said who that is."""


def paused(db: Database) -> Paused | None:
    """Since when sending is paused, and by whom; None where it is not."""
    row = db.execute(READ).fetchone()
    return Paused(**dict(row)) if row else None


def pause(db: Database, operator: str, clock: Clock) -> bool:
    """
    Have nothing sent from now on but what is under way; whether that changed anything: who paused first counts.

    Raises:
        StoreError: nothing was written.
    """
    with writing(db):
        return pause_inside(db, operator, clock)


def resume(db: Database) -> bool:
    """
    Have sending go on; whether that changed anything.

    Raises:
        StoreError: nothing was written.
    """
    with writing(db):
        return resume_inside(db)


def switch(db: Database, operator: str, clock: Clock) -> bool:
    """
    Pause sending, or go on where it is paused; whether it is paused now.

    Raises:
        StoreError: nothing was written.
    """
    with writing(db):
        return not resume_inside(db) and pause_inside(db, operator, clock)


def pause_inside(db: Database, operator: str, clock: Clock) -> bool:
    """The same as `pause`. Runs inside `writing`."""
    values = {"wall": clock.wall(), "boot": clock.boot, "mono": clock.mono(), "operator": operator}
    return bool(db.execute(PAUSE, values).rowcount)


def resume_inside(db: Database) -> bool:
    """The same as `resume`. Runs inside `writing`."""
    return bool(db.execute(RESUME).rowcount)
