"""Writing down how a delivery ended for one lead: settle, postpone, or park for a person."""

from data import outbox
from data.batches import Receipt
from data.clock import Clock
from data.outbox import DueLead
from data.store import Store
from sync.backoff import full_jitter
from sync.connectors.base import Delivered, NotSent, Outcome, Rejected, Retry, SharedRecord

MAX_ATTEMPTS = 6
"""After so many failures of its own, with others getting through, a lead is handed to a person."""

_RETRY_BASE_SECONDS, _RETRY_MAX_SECONDS = 60.0, 900.0
"""Seconds between a lead's own attempts, doubled from the first to the second: half an hour in all."""

MAX_FREE_UNKNOWN_OUTCOMES = 4
"""So many unsure ends of its own are no failures of a lead's: its answer got lost, and the CRM may have it."""

NOT_NAMED_OUTCOME = Retry("The CRM answered, but said nothing of this lead.", is_unsure=True)


def write_outcome(db: Store, owed: DueLead, outcome: Outcome, clock: Clock, destination: str) -> Receipt:
    """Change the lead's outbox row as *outcome* says, and give the receipt. Runs inside `write_transaction`."""
    lead, now = owed.lead, clock.wall_time()
    match outcome:
        case Delivered(remote_id, status):
            outbox.settle_lead(db, lead.id, lead.revision, remote_id, now, destination)
            return Receipt(lead.id, lead.revision, "delivered", status)
        case SharedRecord(remote_id, _, status, sentence):
            outbox.park_shared_record(db, lead, remote_id, destination, sentence, now)
            return Receipt(lead.id, lead.revision, "rejected", status, sentence)
        case Rejected(reason, _, status, cause=cause):
            outbox.park_lead(db, lead.id, lead.revision, cause, reason, now)
            return Receipt(lead.id, lead.revision, "rejected", status, reason)
        case NotSent():
            return Receipt(lead.id, lead.revision, "not sent")
        case Retry(reason, status, is_unsure):
            write_failure(db, owed, reason, clock, is_unsure=is_unsure)
            return Receipt(lead.id, lead.revision, "retry", status, reason)


def write_failure(db: Store, owed: DueLead, reason: str, clock: Clock, *, is_unsure: bool = False) -> None:
    """
    Count a failure that is this lead's own: it backs off alone, and after some goes to a person.

    An unsure end is none for a while.
    """
    spent = not is_unsure or owed.setbacks >= MAX_FREE_UNKNOWN_OUTCOMES
    if spent and owed.attempts + 1 >= MAX_ATTEMPTS:
        sentence = f"The CRM failed {MAX_ATTEMPTS} times on this lead while taking others: {reason}"
        outbox.park_lead(db, owed.lead.id, owed.lead.revision, "retry", sentence, clock.wall_time())
        return
    seconds = full_jitter(owed.attempts, _RETRY_BASE_SECONDS, _RETRY_MAX_SECONDS)
    outbox.postpone_lead(db, owed.lead.id, clock, seconds=seconds, cause="retry", reason=reason, is_attempt=spent)
