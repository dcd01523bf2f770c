"""Pruning: deletes old receipts that are no longer needed, and keeps their totals."""

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction

# How many receipts are deleted in one transaction. Few, so that the kiosk can save scans in between.
_RECEIPTS_PER_TRANSACTION = 1000

_SELECT_OLD_RECEIPTS = """
    select id from deliveries
     where started_at < :before
       and lead_id in (select lead_id from outbox where state in ('delivered', 'discarded'))
     order by id
     limit :limit
"""

_ADD_TO_TOTALS = """
    insert into delivery_totals (destination, outcome, number)
    select destination, outcome, count(*)
      from deliveries
     where id in (select value from json_each(:ids))
     group by destination, outcome
        on conflict (destination, outcome) do update set number = number + excluded.number
"""

_DELETE_RECEIPTS = "delete from deliveries where id in (select value from json_each(:ids))"

_DELETE_OLD_MEMBERS = """
    delete from batch_members
     where batch_id in (select id from batches where ended_at < :before)
       and not exists (select 1 from deliveries where deliveries.batch_id = batch_members.batch_id)
"""

_DELETE_OLD_BATCHES = """
    delete from batches
     where ended_at < :before
       and not exists (select 1 from deliveries where deliveries.batch_id = batches.id)
"""

_DELETE_OLD_GATE_CHANGES = "delete from gate_changes where at < :before"


def prune_receipts(db: Database, days: int, clock: Clock) -> int:
    """
    Delete receipts older than *days* of leads that are delivered or discarded; return how many were deleted.

    Receipts of leads that wait or need a person are kept, because they say what was tried. Leads and scans are never
    deleted.

    Raises:
        StoreError: a transaction failed; what those before it deleted stays deleted.
    """
    before, deleted = clock.wall_time() - days * 86_400.0, 0
    while True:
        rows = db.execute(_SELECT_OLD_RECEIPTS, {"before": before, "limit": _RECEIPTS_PER_TRANSACTION}).fetchall()
        ids = "[" + ",".join(str(row["id"]) for row in rows) + "]"
        with write_transaction(db):
            if not rows:
                for statement in (_DELETE_OLD_MEMBERS, _DELETE_OLD_BATCHES, _DELETE_OLD_GATE_CHANGES):
                    db.execute(statement, {"before": before})
                return deleted
            db.execute(_ADD_TO_TOTALS, {"ids": ids})
            db.execute(_DELETE_RECEIPTS, {"ids": ids})
        deleted += len(rows)
