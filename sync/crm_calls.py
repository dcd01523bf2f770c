"""
Calls to the CRM, each recorded before and after it is made: the batch, the receipts, the outcomes, the gate.

What a call means for the leads in it is decided here; what to do next is up to the drain.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data import batches, gates, outbox, pause
from data.batches import Batch, Receipt
from data.clock import Clock
from data.gates import Gate
from data.language import _
from data.outbox import DueLead
from data.store import Store, write_transaction
from sync.connectors.base import CheckResult, Connector, Delivered, Outcome, Rejected, Retry, SharedRecord
from sync.errors import BatchRefused, CrmDown, DestinationFault, NotAuthorised, OutcomeUnknown, SendingPaused, SyncError
from sync.gate import close_gate, open_gate
from sync.outcomes import write_outcome
from sync.outgoing_leads import build_outgoing_leads
from sync.shared_records import check_shared_after_send, find_shared_before_send

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeadOutcome:
    """The outcome of a call for one lead."""

    due_lead: DueLead
    outcome: Outcome


class CrmCaller:
    """Makes the calls to one destination, and keeps its gate."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.gate = Gate(connector.destination)
        self.call_count = 0

    def read_gate(self) -> Gate:
        """Read the gate as the last call left it, whichever process made that."""
        self.gate = gates.read_gate(self.db, self.connector.destination)
        return self.gate

    def _raise_if_paused(self) -> None:
        """
        Check that sending is not paused; called before every call, whatever its purpose.

        Raises:
            SendingPaused: no call may be made.
        """
        if pause.read_pause(self.db):
            raise SendingPaused

    async def check_crm(self) -> Sequence[CheckResult]:
        """
        Run the connector's check, which sends no lead.

        Raises:
            SyncError: the CRM could not be reached, or did not answer.
            SendingPaused: the call was not made.
        """
        self._raise_if_paused()
        return await self.connector.check_setup()

    async def send_batch(self, due_leads: Sequence[DueLead]) -> list[LeadOutcome]:
        """
        Make one call. The batch is recorded before it, the outcomes after it, in one transaction each.

        Raises:
            SyncError: no lead of it was delivered, as far as we know; the receipts say so.
            SendingPaused: the call was not made.
        """
        self._raise_if_paused()
        due_leads, held_back = self._hold_back_shared(due_leads)
        if not due_leads:
            return held_back
        leads = build_outgoing_leads(self.db, due_leads, self.connector.destination)
        members = {lead.id: lead.revision for lead in leads}
        batch = batches.start_batch(self.db, self.connector.destination, members, self.clock)
        self.call_count += 1
        started = time.monotonic()
        try:
            outcomes = await self.connector.push(batch.id, leads)
            _require_proof(outcomes, members)
        except SyncError as error:
            self._write_failed_call(batch, due_leads, error, time.monotonic() - started)
            raise
        except Exception as error:
            # A bug of ours that one lead triggers must not hold up the others: that lead is isolated like a bad one.
            log.exception("the connector failed")
            sentence = _("The kiosk itself failed while sending ({error}). Details are in its log.")
            unknown = OutcomeUnknown(sentence.format(error=type(error).__name__))
            self._write_failed_call(batch, due_leads, unknown, time.monotonic() - started)
            raise unknown from error
        took = time.monotonic() - started
        with write_transaction(self.db):
            if not self.gate.is_open:
                outbox.reset_setbacks(self.db)
            results, receipts = self._write_outcomes(due_leads, outcomes)
            batches.end_batch(self.db, batch, took, receipts, self.clock.wall_time())
            self.gate = open_gate(self.gate, self.clock)
            gates.write_gate(self.db, self.gate)
        return [*held_back, *results]

    def _write_outcomes(
        self, due_leads: Sequence[DueLead], outcomes: Mapping[str, Outcome]
    ) -> tuple[list[LeadOutcome], list[Receipt]]:
        """
        Write the outcome of each lead, one by one, because the CRM may have given two of them the same record. Runs
        inside `write_transaction`.
        """
        results, receipts, destination = [], [], self.connector.destination
        for due_lead in due_leads:
            outcome = outcomes.get(due_lead.lead.id)
            if outcome is None:
                outcome = Retry(_("The CRM responded, but did not mention this lead."), is_unsure=True)
            outcome = check_shared_after_send(self.db, due_lead, outcome, destination)
            results.append(LeadOutcome(due_lead, outcome))
            receipts.append(write_outcome(self.db, due_lead, outcome, self.clock, destination))
        return results, receipts

    def _hold_back_shared(self, due_leads: Sequence[DueLead]) -> tuple[list[DueLead], list[LeadOutcome]]:
        """Park leads that the CRM would write over another lead; return the others, and the outcomes of the parked."""
        if not getattr(self.connector, "knows_by_email", False):
            return list(due_leads), []
        destination = self.connector.destination
        found = [(item, find_shared_before_send(self.db, item, destination)) for item in due_leads]
        parked = [LeadOutcome(item, shared) for item, shared in found if shared is not None]
        if parked:
            with write_transaction(self.db):
                for one in parked:
                    write_outcome(self.db, one.due_lead, one.outcome, self.clock, destination)
        return [item for item, shared in found if shared is None], parked

    def _write_failed_call(self, batch: Batch, due_leads: Sequence[DueLead], error: SyncError, took: float) -> None:
        """Record a call that delivered nothing."""
        with write_transaction(self.db):
            batches.end_batch(self.db, batch, took, _build_failure_receipts(due_leads, error), self.clock.wall_time())

    def open_gate(self) -> None:
        """Open the gate, because the CRM's check succeeded without a lead being sent."""
        self.gate = open_gate(self.gate, self.clock)
        with write_transaction(self.db):
            gates.write_gate(self.db, self.gate)

    def close_gate(self, fault: DestinationFault) -> None:
        """Close the gate. No lead's attempts are spent."""
        credential = self.connector.fingerprint_credential() if isinstance(fault, NotAuthorised) else ""
        self.gate = close_gate(self.gate, fault, self.clock, credential)
        with write_transaction(self.db):
            gates.write_gate(self.db, self.gate)


def _require_proof(outcomes: Mapping[str, Outcome], members: Mapping[str, int]) -> None:
    """
    Check that a response proves that the CRM works.

    Raises:
        OutcomeUnknown: it names none of *members*.
        CrmDown: every lead that it names is to be retried.
    """
    named = [outcomes[lead] for lead in members if lead in outcomes]
    if any(isinstance(outcome, Delivered | SharedRecord | Rejected) for outcome in named):
        return
    for outcome in named:
        if isinstance(outcome, Retry):
            raise CrmDown(outcome.reason)
    raise OutcomeUnknown(_("The CRM's response names none of the leads that were sent."))


def _build_failure_receipts(due_leads: Sequence[DueLead], error: SyncError) -> list[Receipt]:
    """Return the receipts of a call that delivered nothing."""
    match error:
        case DestinationFault():
            outcome = error.cause
        case BatchRefused():
            outcome = "refused"
        case _:
            outcome = "unsure"
    return [Receipt(item.lead.id, item.lead.revision, outcome, message=str(error)) for item in due_leads]
