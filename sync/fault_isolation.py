"""
Fault isolation: is a failed call the fault of one lead, of the CRM, or of the configuration?

`sync.isolation_steps` decides what to do next (the table is in docs/fault-isolation.md), and this module does it, one
call at a time. When a lead fails, another one is sent right away: if that fails too, the CRM is down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from data import outbox
from data.language import _
from data.outbox import DueLead
from data.store import write_transaction
from sync.canary import Canary
from sync.connectors.base import Rejected
from sync.crm_calls import LeadOutcome
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    DestinationFault,
    NotAuthorised,
    OutcomeUnknown,
    SyncError,
)
from sync.gate import to_destination_fault
from sync.isolation_steps import CALLING_STEPS, History, Step, next_step
from sync.outcomes import write_failure, write_outcome
from sync.repeated_refusals import RepeatedRefusals
from sync.sender import Sender


@dataclass(slots=True)
class _Suspect:
    """A batch whose call failed, or that still has to be sent, and what was tried since."""

    batch: list[DueLead]
    error: SyncError | None = None
    """How its call failed; None if it was not sent yet."""
    sent_size: int = 0
    """Number of leads in that call; some may have been taken out of `batch` since, to be tried alone."""
    is_inferred: bool = False
    """Whether it was not sent but must hold the refused lead, because the rest of its batch was accepted."""
    was_resent: bool = False
    failed_others: list[DueLead] = field(default_factory=list)
    """Other leads that were tried since and failed too."""
    is_other_left: bool = True
    has_other_worked: bool = False
    has_recent_worked: bool | None = None

    @property
    def must_be_sent(self) -> bool:
        """Whether this very batch has to be sent to learn more. A single inferred lead was never refused itself."""
        return self.error is None or (self.is_inferred and len(self.batch) == 1)


class FaultIsolation:
    """Finds the cause of failed calls during the runs of one drain."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.db, self.clock = sender.db, sender.clock
        self.canary = Canary(sender)
        self.refusals = RepeatedRefusals(sender, self.canary)
        self.failing_ids: set[str] = set()
        """Leads that have spent an attempt since the last delivery."""

    async def isolate_fault(self, batch: list[DueLead], error: SyncError) -> None:
        """
        Settle every lead of *batch*, whose call failed with *error*.

        If a stop or a pause interrupts this, the remaining leads stay due.

        Raises:
            DestinationFault: no lead is at fault.
            SendingPaused: a person paused sending meanwhile.
        """
        # A stack instead of recursion: what is known about a part decides what happens to the others.
        stack = [_Suspect(batch, error, len(batch))]
        while stack:
            suspect = stack.pop()
            if suspect.must_be_sent:
                if self.sender.is_stopping():
                    return
                suspect = _Suspect(suspect.batch, await self._try_send(suspect.batch), len(suspect.batch))
            if suspect.error is not None:
                await self._take_steps(suspect, suspect.error, stack)

    async def _take_steps(self, suspect: _Suspect, error: SyncError, stack: list[_Suspect]) -> None:
        """
        Take steps until *suspect* is settled, or its parts are on *stack*.

        Raises:
            DestinationFault: no lead is at fault.
        """
        # Smaller calls may get through when large ones are lost on the way.
        is_lost_again = isinstance(error, OutcomeUnknown) and suspect.was_resent and not error.lacks_proof
        if isinstance(error, CrmDown) or is_lost_again:
            self.sender.shrink_batch(suspect.sent_size)
        while True:
            step = next_step(self._history_of(suspect), error)
            if step in CALLING_STEPS and self.sender.is_stopping():
                return
            match step:
                case Step.TRY_OTHER_LEAD:
                    await self._try_other_lead(suspect, error, stack)
                case Step.TRY_RECENT_LEAD:
                    suspect.has_recent_worked = await self.canary.try_recent_lead(suspect.batch[0].lead.id)
                case Step.RESEND:
                    if (again := await self._try_send(suspect.batch)) is not None:
                        stack.append(_Suspect(suspect.batch, again, suspect.sent_size, was_resent=True))
                    return
                case Step.HALVE_REFUSED:
                    await self._halve_refused(suspect.batch, error, stack)
                    return
                case _:
                    await self._settle(step, suspect, error, stack)
                    return

    async def _settle(self, step: Step, suspect: _Suspect, error: SyncError, stack: list[_Suspect]) -> None:
        """
        Take a last step for *suspect*, one that does not send it as it is.

        Raises:
            DestinationFault: no lead is at fault.
        """
        if step is Step.CLOSE_GATE:
            raise error
        if step is Step.CLOSE_GATE_AFTER_TRIALS:
            self._close_gate_after_trials(suspect, error)
        stack += [_Suspect([other]) for other in suspect.failed_others]
        match step:
            case Step.LIMIT_BATCH_SIZE:
                self.sender.limit_batch_size(suspect.sent_size)
                stack += _split_in_half(suspect.batch)
            case Step.SPLIT:
                stack += _split_in_half(suspect.batch)
            case Step.PARK_REFUSED if isinstance(error, BatchRefused):
                await self._park_refused(suspect.batch[0], error)
            case Step.PARK_MISCONFIGURED if isinstance(error, DestinationFault):
                self._park(suspect.batch[0], Rejected(_describe_for_lead(error), error.cause))
            case Step.CHARGE_FAILURE:
                self._charge_failure(suspect.batch[0], error)

    def _history_of(self, suspect: _Suspect) -> History:
        """Collect what is known about *suspect* and the destination."""
        return History(
            batch_size=suspect.sent_size,
            was_resent=suspect.was_resent,
            others_failed=len(suspect.failed_others),
            is_other_left=suspect.is_other_left,
            has_other_worked=suspect.has_other_worked,
            has_recent_worked=suspect.has_recent_worked,
            failing_leads=len(self.failing_ids),
            gate_cause=self.sender.caller.gate.cause,
            has_ever_worked=self.canary.has_ever_worked(),
            has_worked_recently=self.canary.has_worked_recently(),
        )

    async def _try_send(self, batch: list[DueLead]) -> SyncError | None:
        """Send *batch* and return how that failed; None if it was answered. Reviews the refusals in the answer."""
        try:
            await self.review_refusals(await self.sender.send_batch(batch))
        except SyncError as error:
            return error
        return None

    async def _halve_refused(self, batch: list[DueLead], refusal: SyncError, stack: list[_Suspect]) -> None:
        """
        Send the first half of a refused *batch*. In a batch of n leads this finds a bad one in at most 2 log2(n) calls.

        If the first half is accepted, the bad lead is in the second, which therefore need not be sent as a whole.
        """
        second, first = _split_in_half(batch)
        error = await self._try_send(first.batch)
        if error is None:
            stack.append(_Suspect(second.batch, refusal, len(second.batch), is_inferred=True))
        else:
            stack += [second, _Suspect(first.batch, error, len(first.batch))]

    async def _try_other_lead(self, suspect: _Suspect, error: SyncError, stack: list[_Suspect]) -> None:
        """
        Send one lead that has not failed yet: from *suspect*, or else the next on *stack*, or else the next due one.

        Raises:
            DestinationFault: the CRM cannot be reached.
        """
        other = _take_lead(suspect.batch) if len(suspect.batch) > 1 else None
        if other is None and stack:
            other = _take_lead(stack[-1].batch)
            if not stack[-1].batch:
                stack.pop()
        if other is None and isinstance(error, ConfigurationFault | NotAuthorised):
            due = self.canary.pick_next_due([*suspect.batch, *suspect.failed_others])
            other = due[0] if due else None
        if other is None:
            suspect.is_other_left = False
        elif await self.canary.try_leads([other]):
            suspect.has_other_worked = True
        else:
            suspect.failed_others.append(other)

    def _close_gate_after_trials(self, suspect: _Suspect, error: SyncError) -> NoReturn:
        """
        Put the leads that were tried and failed behind all others for the next run, and raise the destination's fault.

        Raises:
            DestinationFault: always; *error* as a fault of the destination.
        """
        with write_transaction(self.db):
            for due_lead in [*suspect.batch[:1], *suspect.failed_others]:
                outbox.add_setback(self.db, due_lead.lead.id)
        raise to_destination_fault(error)

    def _charge_failure(self, due_lead: DueLead, error: SyncError) -> None:
        """Count a failure that is this lead's own fault."""
        with write_transaction(self.db):
            write_failure(self.db, due_lead, str(error), self.clock, is_unsure=isinstance(error, OutcomeUnknown))
        self.failing_ids.add(due_lead.lead.id)
        self.sender.summary.postponed += 1
        self.sender.summary.add_reason(str(error))

    async def _park_refused(self, due_lead: DueLead, refusal: BatchRefused) -> None:
        """
        Park a lead that was refused alone.

        Raises:
            ConfigurationFault: other leads were refused for the same reason, so the configuration is at fault.
        """
        sentence = str(refusal)
        if refusal.code == "413":
            sentence = _("This lead is too long for the CRM: shorten its note. {message}").format(message=refusal)
        rejected = Rejected(sentence, refusal.code, field=refusal.field)
        self._park(due_lead, rejected)
        await self.review_refusals([LeadOutcome(due_lead, rejected)])

    def _park(self, due_lead: DueLead, rejected: Rejected) -> None:
        """Park a lead that is at fault itself."""
        with write_transaction(self.db):
            write_outcome(self.db, due_lead, rejected, self.clock, self.sender.connector.destination)
        self.sender.summary.add_outcome(rejected)

    async def review_refusals(self, outcomes: Sequence[LeadOutcome]) -> None:
        """
        Check whether one lead after another is refused for the same reason, with none accepted in between.

        Raises:
            ConfigurationFault: so many were refused that the configuration is at fault; they are not parked.
        """
        if await self.refusals.add_outcomes(outcomes):
            self.failing_ids = set()


def _describe_for_lead(fault: DestinationFault) -> str:
    """Return the sentence for the only lead with a configuration fault, without the advice to change kiosk.toml."""
    label = _("CRM setup: {problem}").format(problem="")
    problem = (fault.about_lead or str(fault)).removeprefix(label).strip(" :")
    return _("The CRM accepts other leads, but not this one: {problem}").format(problem=problem)


def _take_lead(batch: list[DueLead]) -> DueLead:
    """Take the first lead out of *batch*."""
    return batch.pop(0)


def _split_in_half(batch: list[DueLead]) -> list[_Suspect]:
    """Split *batch* into halves to be sent; the first half comes last, on top of the stack. Neither is empty."""
    middle = (len(batch) + 1) // 2
    return [_Suspect(half) for half in (batch[middle:], batch[:middle]) if half]
