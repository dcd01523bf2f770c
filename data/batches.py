"""Batches and deliveries: what was sent together, and the result for each lead. These are the receipts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.language import N_
from data.store import write_transaction
from data.uuid7 import new_uuid7

_INSERT_BATCH = "insert into batches (id, destination, started_at) values (?, ?, ?)"
_INSERT_MEMBER = "insert into batch_members (batch_id, lead_id, revision) values (?, ?, ?)"
_CLOSE_BATCH = "update batches set ended_at = ? where id = ?"

_INSERT_RECEIPT = """
    insert into deliveries (batch_id, lead_id, destination, revision, started_at, took, outcome, status, message)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_SELECT_UNFINISHED = """
    select batches.id, batches.started_at, batch_members.lead_id, batch_members.revision
      from batches
      join batch_members on batch_members.batch_id = batches.id
     where batches.destination = ? and batches.ended_at is null
"""

NO_ANSWER_MESSAGE = N_("The sending process stopped before the CRM responded.")

_SELECT_SENT_REVISIONS = """
    select lead_id, min(revision) as first,
           coalesce(max(case when destination = :destination then revision end), 0) as newest
      from deliveries
     where lead_id in (select value from json_each(:ids))
     group by lead_id
"""

_SELECT_RECEIPTS = "select * from deliveries where lead_id = ? order by id"


@dataclass(frozen=True, slots=True)
class Batch:
    """Leads that are sent in one call; recorded before the call is made."""

    id: str
    destination: str
    members: Mapping[str, int]
    """The revision that is sent, by the lead's id."""
    started_at: float
    """Seconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of one attempt for one lead."""

    lead_id: str
    revision: int
    outcome: str
    """`delivered`, `rejected`, `retry`, `unsure`, `refused`, or the cause for which the gate closed."""
    status: int | None = None
    message: str = ""
    started_at: float = 0.0
    took: float = 0.0
    """Duration of the call in seconds."""


@dataclass(frozen=True, slots=True)
class SentRevisions:
    """Which revisions of a lead were sent, whatever the result."""

    first: int
    """The first one, to any destination."""
    newest: int
    """The newest one to the destination in question; 0 if there was none."""


NEVER_SENT = SentRevisions(0, 0)


def start_batch(db: Database, destination: str, members: Mapping[str, int], clock: Clock) -> Batch:
    """
    Record a batch before it is sent: if the process is killed during the call, it is known which leads may have
    arrived.
    """
    now = clock.wall_time()
    batch = Batch(new_uuid7(now), destination, members, now)
    with write_transaction(db):
        db.execute(_INSERT_BATCH, (batch.id, destination, now))
        db.conn.executemany(_INSERT_MEMBER, [(batch.id, lead, revision) for lead, revision in members.items()])
    return batch


def find_sent_revisions(db: Database, lead_ids: Sequence[str], destination: str) -> dict[str, SentRevisions]:
    """Return, by lead id, which revisions were sent until now, whatever the result: the CRM may have them."""
    values = {"ids": json.dumps(list(lead_ids)), "destination": destination}
    return {
        row["lead_id"]: SentRevisions(row["first"], row["newest"]) for row in db.execute(_SELECT_SENT_REVISIONS, values)
    }


def end_batch(db: Database, batch: Batch, took: float, receipts: Sequence[Receipt], now: float) -> None:
    """Record the end of a batch, with one receipt per lead. Runs inside `write_transaction`."""
    db.conn.executemany(
        _INSERT_RECEIPT,
        [
            (batch.id, r.lead_id, batch.destination, r.revision, batch.started_at, took, r.outcome, r.status, r.message)
            for r in receipts
        ],
    )
    db.execute(_CLOSE_BATCH, (now, batch.id))


def close_unfinished_batches(db: Database, destination: str, clock: Clock) -> int:
    """
    Write an *unsure* receipt for every lead that was being sent when the worker died; return their number.

    They are still in the outbox and are sent again under their own ids, which does not make a second record.
    """
    found: dict[tuple[str, float], list[Receipt]] = {}
    for row in db.execute(_SELECT_UNFINISHED, (destination,)):
        receipt = Receipt(row["lead_id"], row["revision"], "unsure", message=NO_ANSWER_MESSAGE)
        found.setdefault((row["id"], row["started_at"]), []).append(receipt)
    if found:
        now = clock.wall_time()
        with write_transaction(db):
            for (batch_id, started_at), receipts in found.items():
                end_batch(db, Batch(batch_id, destination, {}, started_at), 0.0, receipts, now)
    return sum(map(len, found.values()))


def list_receipts(db: Database, lead_id: str) -> list[Receipt]:
    """List every attempt to send a lead, oldest first."""
    return [
        Receipt(lead_id, r["revision"], r["outcome"], r["status"], r["message"], r["started_at"], r["took"])
        for r in db.execute(_SELECT_RECEIPTS, (lead_id,))
    ]
