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
from data.outbox import DueLead
from data.store import Store, write_transaction
from sync.connectors.base import CheckResult, Connector, Delivered, Outcome, Rejected, Retry, SharedRecord
from sync.errors import BatchRefused, CrmDown, DestinationFault, NotAuthorised, OutcomeUnknown, SendingPaused, SyncError
from sync.gate import close_gate, open_gate
from sync.outcomes import NOT_NAMED_OUTCOME, write_outcome
from sync.outgoing_leads import build_outgoing_leads
from sync.shared_records import check_shared_after_send, find_shared_before_send

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeadOutcome:
    """How a call ended for one lead."""

    due_lead: DueLead
    outcome: Outcome


class CrmCalls:
    """Calls to one destination, and how it stands."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.gate = Gate(connector.destination)
        self.call_count = 0
        """How many calls there were."""

    def read_gate(self) -> Gate:
        """How the destination stood when it was last spoken to, by whomever."""
        self.gate = gates.read_gate(self.db, self.connector.destination)
        return self.gate

    def _raise_if_paused(self) -> None:
        """
        Look whether a call may be made now; every call does, whatever it is for.

        Raises:
            SendingPaused: it may not.
        """
        if pause.read_pause(self.db):
            raise SendingPaused

    async def check_crm(self) -> Sequence[CheckResult]:
        """
        Ask the CRM how it is, without sending a lead.

        Raises:
            SyncError: it could not be asked, or did not answer.
            SendingPaused: it was not asked.
        """
        self._raise_if_paused()
        return await self.connector.check_setup()

    async def send_batch(self, chunk: Sequence[DueLead]) -> list[LeadOutcome]:
        """
        One call: the batch is written down first, the outcomes after, in one transaction each.

        Raises:
            SyncError: no lead of it was delivered, as far as we know; the receipts say so.
            SendingPaused: it was not made.
        """
        self._raise_if_paused()
        chunk, kept_back = self._hold_back_shared(chunk)
        if not chunk:
            return kept_back
        leads = build_outgoing_leads(self.db, chunk, self.connector.destination)
        members = {lead.id: lead.revision for lead in leads}
        batch = batches.start_batch(self.db, self.connector.destination, members, self.clock)
        self.call_count += 1
        started = time.monotonic()
        try:
            outcomes = await self.connector.push(batch.id, leads)
            require_proof(outcomes, members)
        except SyncError as error:
            self._write_failed_call(batch, chunk, error, time.monotonic() - started)
            raise
        except Exception as error:
            # A mistake of ours that one lead brings out must not hold up the others: it is looked for like a bad lead.
            log.exception("the connector failed")
            unsure = OutcomeUnknown(f"The kiosk failed on it ({type(error).__name__}); its log says more.")
            self._write_failed_call(batch, chunk, unsure, time.monotonic() - started)
            raise unsure from error
        took = time.monotonic() - started
        with write_transaction(self.db):
            if not self.gate.is_open:
                outbox.reset_setbacks(self.db)
            ends, receipts = self._write_outcomes(chunk, outcomes)
            batches.end_batch(self.db, batch, took, receipts, self.clock.wall_time())
            self.gate = open_gate(self.gate, self.clock)
            gates.write_gate(self.db, self.gate)
        return [*kept_back, *ends]

    def _write_outcomes(
        self, chunk: Sequence[DueLead], outcomes: Mapping[str, Outcome]
    ) -> tuple[list[LeadOutcome], list[Receipt]]:
        """Write down how each lead ended, one after another: two of them may have got one id. Runs inside `write_transaction`."""
        ends, receipts, destination = [], [], self.connector.destination
        for item in chunk:
            outcome = check_shared_after_send(self.db, item, outcomes.get(item.lead.id, NOT_NAMED_OUTCOME), destination)
            ends.append(LeadOutcome(item, outcome))
            receipts.append(write_outcome(self.db, item, outcome, self.clock, destination))
        return ends, receipts

    def _hold_back_shared(self, chunk: Sequence[DueLead]) -> tuple[list[DueLead], list[LeadOutcome]]:
        """Those of *chunk* to be sent, and how those end whom the CRM would write over another lead: a person looks."""
        if not getattr(self.connector, "knows_by_email", False):
            return list(chunk), []
        destination = self.connector.destination
        found = [(item, find_shared_before_send(self.db, item, destination)) for item in chunk]
        ends = [LeadOutcome(item, shared) for item, shared in found if shared is not None]
        if ends:
            with write_transaction(self.db):
                for end in ends:
                    write_outcome(self.db, end.due_lead, end.outcome, self.clock, destination)
        return [item for item, shared in found if shared is None], ends

    def _write_failed_call(self, batch: Batch, chunk: Sequence[DueLead], error: SyncError, took: float) -> None:
        """Write down a call that delivered nothing."""
        with write_transaction(self.db):
            batches.end_batch(self.db, batch, took, build_failure_receipts(chunk, error), self.clock.wall_time())

    def open_gate(self) -> None:
        """Open the gate: the destination just proved to work, without a lead."""
        self.gate = open_gate(self.gate, self.clock)
        with write_transaction(self.db):
            gates.write_gate(self.db, self.gate)

    def close_gate(self, fault: DestinationFault) -> None:
        """Close the gate. Nobody's attempts are spent."""
        credential = self.connector.fingerprint_credential() if isinstance(fault, NotAuthorised) else ""
        self.gate = close_gate(self.gate, fault, self.clock, credential)
        with write_transaction(self.db):
            gates.write_gate(self.db, self.gate)


def require_proof(outcomes: Mapping[str, Outcome], members: Mapping[str, int]) -> None:
    """
    Look whether an answer proves that the CRM works.

    Raises:
        Unsure: it names none of *members*.
        CrmDown: it says of each that the CRM had trouble.
    """
    named = [outcomes[lead] for lead in members if lead in outcomes]
    if any(isinstance(outcome, Delivered | SharedRecord | Rejected) for outcome in named):
        return
    for outcome in named:
        if isinstance(outcome, Retry):
            raise CrmDown(outcome.reason)
    raise OutcomeUnknown("The CRM's answer names none of the leads that were sent.")


def build_failure_receipts(chunk: Sequence[DueLead], error: SyncError) -> list[Receipt]:
    """The receipts of a call that delivered nothing."""
    match error:
        case DestinationFault():
            outcome = error.cause
        case BatchRefused():
            outcome = "refused"
        case _:
            outcome = "unsure"
    return [Receipt(item.lead.id, item.lead.revision, outcome, message=str(error)) for item in chunk]
