"""
Calls to the CRM, each written down before it is made and after: the batch, the receipts, the outcomes, the gate.

What a call means for the leads in it is here; what to do next is the drain's.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data import batches, gates, outbox, pause
from data.batches import Batch, Receipt
from data.clock import Clock
from data.gates import Gate
from data.outbox import Owed
from data.store import Store, writing
from sync.connectors.base import Connector, Delivered, Finding, Outcome, Rejected, Retry, Shared
from sync.errors import BatchRefused, CrmDown, DestinationFault, NotAuthorised, SendingPaused, SyncError, Unsure
from sync.gate import closed, opened
from sync.one_record import shared_after, shared_before
from sync.outcomes import NOT_NAMED, write_outcome
from sync.outgoing import outgoing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended for one lead."""

    owed: Owed
    outcome: Outcome


class Calls:
    """Calls to one destination, and how it stands."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.gate = Gate(connector.destination)
        self.made = 0
        """How many calls there were."""

    def read_gate(self) -> Gate:
        """How the destination stood when it was last spoken to, by whomever."""
        self.gate = gates.read(self.db, self.connector.destination)
        return self.gate

    def look_for_pause(self) -> None:
        """
        Look whether a call may be made now; every call does, whatever it is for.

        Raises:
            SendingPaused: it may not.
        """
        if pause.paused(self.db):
            raise SendingPaused

    async def check(self) -> Sequence[Finding]:
        """
        Ask the CRM how it is, without sending a lead.

        Raises:
            SyncError: it could not be asked, or did not answer.
            SendingPaused: it was not asked.
        """
        self.look_for_pause()
        return await self.connector.check()

    async def send(self, chunk: Sequence[Owed]) -> list[End]:
        """
        One call: the batch is written down first, the outcomes after, in one transaction each.

        Raises:
            SyncError: no lead of it was delivered, as far as we know; the receipts say so.
            SendingPaused: it was not made.
        """
        self.look_for_pause()
        chunk, kept_back = self.keep_back_shared(chunk)
        if not chunk:
            return kept_back
        leads = outgoing(self.db, chunk, self.connector.destination)
        members = {lead.id: lead.revision for lead in leads}
        batch = batches.start(self.db, self.connector.destination, members, self.clock)
        self.made += 1
        started = time.monotonic()
        try:
            outcomes = await self.connector.push(batch.id, leads)
            check(outcomes, members)
        except SyncError as error:
            self.write_failed(batch, chunk, error, time.monotonic() - started)
            raise
        except Exception as error:
            # A mistake of ours that one lead brings out must not hold up the others: it is looked for like a bad lead.
            log.exception("the connector failed")
            unsure = Unsure(f"The kiosk failed on it ({type(error).__name__}); its log says more.")
            self.write_failed(batch, chunk, unsure, time.monotonic() - started)
            raise unsure from error
        took = time.monotonic() - started
        with writing(self.db):
            if not self.gate.is_open:
                outbox.forget_setbacks(self.db)
            ends, receipts = self.write_ends(chunk, outcomes)
            batches.end(self.db, batch, took, receipts, self.clock.wall())
            self.gate = opened(self.gate, self.clock)
            gates.write(self.db, self.gate)
        return [*kept_back, *ends]

    def write_ends(self, chunk: Sequence[Owed], outcomes: Mapping[str, Outcome]) -> tuple[list[End], list[Receipt]]:
        """Write down how each lead ended, one after another: two of them may have got one id. Runs inside `writing`."""
        ends, receipts, destination = [], [], self.connector.destination
        for item in chunk:
            outcome = shared_after(self.db, item, outcomes.get(item.lead.id, NOT_NAMED), destination)
            ends.append(End(item, outcome))
            receipts.append(write_outcome(self.db, item, outcome, self.clock, destination))
        return ends, receipts

    def keep_back_shared(self, chunk: Sequence[Owed]) -> tuple[list[Owed], list[End]]:
        """Those of *chunk* to be sent, and how those end whom the CRM would write over another lead: a person looks."""
        if not getattr(self.connector, "knows_by_email", False):
            return list(chunk), []
        destination = self.connector.destination
        found = [(item, shared_before(self.db, item, destination)) for item in chunk]
        ends = [End(item, shared) for item, shared in found if shared is not None]
        if ends:
            with writing(self.db):
                for end in ends:
                    write_outcome(self.db, end.owed, end.outcome, self.clock, destination)
        return [item for item, shared in found if shared is None], ends

    def write_failed(self, batch: Batch, chunk: Sequence[Owed], error: SyncError, took: float) -> None:
        """Write down a call that delivered nothing."""
        with writing(self.db):
            batches.end(self.db, batch, took, failed(chunk, error), self.clock.wall())

    def open_gate(self) -> None:
        """Open the gate: the destination just proved to work, without a lead."""
        self.gate = opened(self.gate, self.clock)
        with writing(self.db):
            gates.write(self.db, self.gate)

    def close_gate(self, fault: DestinationFault) -> None:
        """Close the gate. Nobody's attempts are spent."""
        credential = self.connector.credential() if isinstance(fault, NotAuthorised) else ""
        self.gate = closed(self.gate, fault, self.clock, credential)
        with writing(self.db):
            gates.write(self.db, self.gate)


def check(outcomes: Mapping[str, Outcome], members: Mapping[str, int]) -> None:
    """
    Look whether an answer proves that the CRM works.

    Raises:
        Unsure: it names none of *members*.
        CrmDown: it says of each that the CRM had trouble.
    """
    named = [outcomes[lead] for lead in members if lead in outcomes]
    if any(isinstance(outcome, Delivered | Shared | Rejected) for outcome in named):
        return
    for outcome in named:
        if isinstance(outcome, Retry):
            raise CrmDown(outcome.reason)
    raise Unsure("The CRM's answer names none of the leads that were sent.")


def failed(chunk: Sequence[Owed], error: SyncError) -> list[Receipt]:
    """The receipts of a call that delivered nothing."""
    match error:
        case DestinationFault():
            outcome = error.cause
        case BatchRefused():
            outcome = "refused"
        case _:
            outcome = "unsure"
    return [Receipt(item.lead.id, item.lead.revision, outcome, message=str(error)) for item in chunk]
