"""Forgetting old receipts, when they are no longer needed; how many there were is kept."""

from sqlite_utils import Database

from data.clock import Clock
from data.store import writing

AT_ONCE = 1000
"""Receipts a transaction: the kiosk goes on saving scans between two of them."""

OLD = """
    select id from deliveries
     where started_at < :before
       and lead_id in (select lead_id from outbox where state in ('delivered', 'discarded'))
     order by id
     limit :at_once
"""

COUNT = """
    insert into delivery_totals (destination, outcome, number)
    select destination, outcome, count(*)
      from deliveries
     where id in (select value from json_each(:ids))
     group by destination, outcome
        on conflict (destination, outcome) do update set number = number + excluded.number
"""

FORGET = "delete from deliveries where id in (select value from json_each(:ids))"

MEMBERS = """
    delete from batch_members
     where batch_id in (select id from batches where ended_at < :before)
       and not exists (select 1 from deliveries where deliveries.batch_id = batch_members.batch_id)
"""

BATCHES = """
    delete from batches
     where ended_at < :before
       and not exists (select 1 from deliveries where deliveries.batch_id = batches.id)
"""

CHANGES = "delete from gate_changes where at < :before"


def prune(db: Database, days: int, clock: Clock) -> int:
    """
    Forget the receipts that are older than so many *days* of leads that are at their end; how many they were.

    Those of leads that wait or need a person stay: they say what was tried. No lead and no scan is ever forgotten.

    Raises:
        StoreError: the last lot is still there.
    """
    before, forgotten = clock.wall() - days * 86_400.0, 0
    while True:
        rows = db.execute(OLD, {"before": before, "at_once": AT_ONCE}).fetchall()
        ids = "[" + ",".join(str(row["id"]) for row in rows) + "]"
        with writing(db):
            if not rows:
                for statement in (MEMBERS, BATCHES, CHANGES):
                    db.execute(statement, {"before": before})
                return forgotten
            db.execute(COUNT, {"ids": ids})
            db.execute(FORGET, {"ids": ids})
        forgotten += len(rows)
