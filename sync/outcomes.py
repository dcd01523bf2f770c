"""Writing down how a delivery ended for one lead: settle, postpone, or park for a person."""

from data import outbox
from data.batches import Receipt
from data.clock import Clock
from data.outbox import Owed
from data.store import Store
from sync.backoff import full_jitter
from sync.connectors.base import Delivered, NotSent, Outcome, Rejected, Retry, Shared

MAX_ATTEMPTS = 6
"""After so many failures of its own, with others getting through, a lead is handed to a person."""

RETRY_BASE, RETRY_CAP = 60.0, 900.0
"""Seconds between a lead's own attempts, doubled from the first to the second: half an hour in all."""

UNSURE_FREE = 4
"""So many unsure ends of its own are no failures of a lead's: its answer got lost, and the CRM may have it."""

NOT_NAMED = Retry("The CRM answered, but said nothing of this lead.", is_unsure=True)


def write_outcome(db: Store, owed: Owed, outcome: Outcome, clock: Clock, destination: str) -> Receipt:
    """Change the lead's outbox row as *outcome* says, and give the receipt. Runs inside `writing`."""
    lead, now = owed.lead, clock.wall()
    match outcome:
        case Delivered(remote_id, status):
            outbox.settle(db, lead.id, lead.revision, remote_id, now, destination)
            return Receipt(lead.id, lead.revision, "delivered", status)
        case Shared(remote_id, _, status, sentence):
            outbox.park_shared(db, lead, remote_id, destination, sentence, now)
            return Receipt(lead.id, lead.revision, "rejected", status, sentence)
        case Rejected(reason, _, status, cause=cause):
            outbox.park(db, lead.id, lead.revision, cause, reason, now)
            return Receipt(lead.id, lead.revision, "rejected", status, reason)
        case NotSent():
            return Receipt(lead.id, lead.revision, "not sent")
        case Retry(reason, status, is_unsure):
            write_failure(db, owed, reason, clock, is_unsure=is_unsure)
            return Receipt(lead.id, lead.revision, "retry", status, reason)


def write_failure(db: Store, owed: Owed, reason: str, clock: Clock, *, is_unsure: bool = False) -> None:
    """
    Count a failure that is this lead's own: it backs off alone, and after some goes to a person.

    An unsure end is none for a while.
    """
    spent = not is_unsure or owed.setbacks >= UNSURE_FREE
    if spent and owed.attempts + 1 >= MAX_ATTEMPTS:
        sentence = f"The CRM failed {MAX_ATTEMPTS} times on this lead while taking others: {reason}"
        outbox.park(db, owed.lead.id, owed.lead.revision, "retry", sentence, clock.wall())
        return
    seconds = full_jitter(owed.attempts, RETRY_BASE, RETRY_CAP)
    outbox.postpone(db, owed.lead.id, clock, seconds=seconds, cause="retry", reason=reason, spent=spent)
