"""Write the outcome of a delivery into the outbox: settle, postpone, or park for a person."""

from data import outbox
from data.batches import Receipt
from data.clock import Clock
from data.language import ngettext
from data.outbox import DueLead
from data.store import Store
from sync.backoff import full_jitter
from sync.connectors.base import Delivered, NotSent, Outcome, Rejected, Retry, SharedRecord

# How often a lead may fail through its own fault, while others are delivered, before it is parked.
MAX_ATTEMPTS = 6

# The waits between a lead's attempts: the first, and the longest. They double in between; all take half an hour.
_RETRY_BASE_SECONDS, _RETRY_MAX_SECONDS = 60.0, 900.0

# How many of a lead's unknown outcomes do not count as attempts: the answers got lost, and the CRM may have the lead.
MAX_FREE_UNKNOWN_OUTCOMES = 4


def write_outcome(db: Store, due_lead: DueLead, outcome: Outcome, clock: Clock, destination: str) -> Receipt:
    """Update the lead's outbox row for *outcome*, and return the receipt. Runs inside `write_transaction`."""
    lead, now = due_lead.lead, clock.wall_time()
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
            return Receipt(lead.id, lead.revision, "not sent")  # not shown: a stored value
        case Retry(reason, status, is_unsure):
            write_failure(db, due_lead, reason, clock, is_unsure=is_unsure)
            return Receipt(lead.id, lead.revision, "retry", status, reason)


def write_failure(db: Store, due_lead: DueLead, reason: str, clock: Clock, *, is_unsure: bool = False) -> None:
    """
    Count a failure of this lead alone: it backs off, and after `MAX_ATTEMPTS` it is parked for a person.

    The first unknown outcomes (*is_unsure*) do not count as attempts.
    """
    is_attempt = not is_unsure or due_lead.setbacks >= MAX_FREE_UNKNOWN_OUTCOMES
    if is_attempt and due_lead.attempts + 1 >= MAX_ATTEMPTS:
        sentence = ngettext(
            "The CRM failed {count} time on this lead while accepting others: {reason}",
            "The CRM failed {count} times on this lead while accepting others: {reason}",
            MAX_ATTEMPTS,
        ).format(count=MAX_ATTEMPTS, reason=reason)
        outbox.park_lead(db, due_lead.lead.id, due_lead.lead.revision, "retry", sentence, clock.wall_time())
        return
    seconds = full_jitter(due_lead.attempts, _RETRY_BASE_SECONDS, _RETRY_MAX_SECONDS)
    outbox.postpone_lead(
        db, due_lead.lead.id, clock, seconds=seconds, cause="retry", reason=reason, is_attempt=is_attempt
    )
