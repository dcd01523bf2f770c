"""
Who is at fault when a call brings no lead to its end: one lead, the CRM, or the set-up.

A call that fails without saying why is told from a CRM that is down by having the CRM take another lead right then.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from data import outbox
from data.outbox import DueLead
from data.store import write_transaction
from sync.canary import MAX_CANARY_LEADS, Canary
from sync.canary import RECENT_SECONDS as RECENT_SECONDS
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
from sync.outcomes import write_failure, write_outcome
from sync.repeated_refusals import AllLeadsRefused, RepeatedRefusals

if TYPE_CHECKING:
    from sync.drain import Drain

MAX_FAILING_LEADS = 5
"""So many leads that failed alone and none taken between: it is the CRM, whatever else it still does, not the leads."""

_SETUP_ADVICE_PATTERN = re.compile(
    r"^CRM set-up: |:? ?[Cc]orrect [^:]{0,80}?kiosk\.toml\.?|: renew it where .*? go on\."
)
"""What a fault of the set-up says to whoever set it up, and is wrong where one lead alone has it."""


class FaultIsolation:
    """Looks into what went wrong during one run of a drain, one call at a time."""

    def __init__(self, drain: "Drain") -> None:
        self.drain = drain
        self.db, self.clock = drain.db, drain.clock
        self.canary = Canary(drain)
        self.refusals = RepeatedRefusals(drain, self.canary)
        self.failing_ids: set[str] = set()
        """Leads that were charged with a failure since the last that was taken."""

    async def isolate_fault(self, chunk: list[DueLead], error: SyncError) -> None:
        """
        Bring every lead of *chunk*, whose call ended with *error*, to an end of its own, halving where need be.

        Raises:
            DestinationFault: no lead is at fault.
        """
        stack: list[list[DueLead]] = []
        await self._handle_error(chunk, error, stack)
        while stack and not self.drain.is_stopping():
            part = stack.pop()
            try:
                await self._send_and_review(part)
            except SyncError as broken:
                await self._handle_error(part, broken, stack)

    async def _handle_error(self, chunk: list[DueLead], error: SyncError, stack: list[list[DueLead]]) -> None:
        """
        Do what *error* asks for: what is left of *chunk* goes on *stack*, or the one lead in it comes to an end.

        Raises:
            DestinationFault: no lead is at fault.
        """
        match error:
            case BatchRefused(is_too_big=True) if len(chunk) > 1:
                self.drain.limit_batch_size(len(chunk))
                stack += reversed(_split_in_half(chunk))
            case BatchRefused():
                await self._isolate_refused(chunk, error, stack)
            case OutcomeUnknown(lacks_proof=True) if self.drain.calls.gate.cause == ConfigurationFault.cause:
                self._raise_destination_fault(
                    error, chunk[:1]
                )  # as before: each further call might make one more record
            case OutcomeUnknown():
                await self._resend_batch(chunk, stack)
            case CrmDown():
                await self._isolate_failing(chunk, error, stack)
            case AllLeadsRefused():
                raise error
            case ConfigurationFault() | NotAuthorised():
                await self._isolate_configuration_fault(chunk, error, stack)
            case _:
                raise error

    async def _resend_batch(self, chunk: list[DueLead], stack: list[list[DueLead]]) -> None:
        """
        Send *chunk*, whose answer got lost, once more under the same ids: the CRM may have it all.

        Raises:
            DestinationFault: no lead is at fault.
        """
        if self.drain.is_stopping():
            return
        try:
            await self._send_and_review(chunk)
        except OutcomeUnknown as again:
            if again.lacks_proof and not self.canary.has_worked_recently():
                self._raise_destination_fault(again, chunk[:1])
            await self._isolate_failing(chunk, again, stack)
        except SyncError as error:
            await self._handle_error(chunk, error, stack)

    async def _isolate_refused(self, chunk: list[DueLead], refusal: BatchRefused, stack: list[list[DueLead]]) -> None:
        """
        Halve *chunk* until the lead that is refused is alone, and park it: in at most twice log2 of its size calls.

        Where the first half is taken it is in the second, which need not be sent whole to know that.
        """
        is_alone = len(chunk) == 1
        while len(chunk) > 1 and not self.drain.is_stopping():
            first, second = _split_in_half(chunk)
            try:
                await self._send_and_review(first)
                chunk, is_alone = second, False
            except BatchRefused as error:
                stack.append(second)
                chunk, refusal, is_alone = first, error, len(first) == 1
            except SyncError as error:
                stack.append(second)
                await self._handle_error(first, error, stack)
                return
        if is_alone:
            await self._park_refused(chunk[0], refusal)
        elif not self.drain.is_stopping():
            stack.append(chunk)

    async def _isolate_failing(self, chunk: list[DueLead], trouble: SyncError, stack: list[list[DueLead]]) -> None:
        """
        Halve *chunk* while the CRM takes others, and charge the lead that fails alone.

        Raises:
            DestinationFault: it takes no others.
        """
        self.drain.shrink_batch(chunk)
        alone = len(chunk) == 1
        if len(self.failing_ids) >= MAX_FAILING_LEADS:
            self._raise_destination_fault(trouble, chunk[:1])
        await self._prove_crm_works(trouble, chunk, stack)
        if not alone:
            stack += [half for half in reversed(_split_in_half(chunk)) if half]
            return
        with write_transaction(self.db):
            write_failure(self.db, chunk[0], str(trouble), self.clock, is_unsure=isinstance(trouble, OutcomeUnknown))
        self.failing_ids.add(chunk[0].lead.id)
        self.drain.summary.postponed += 1
        self.drain.summary.add_reason(str(trouble))

    async def _isolate_configuration_fault(
        self, chunk: list[DueLead], fault: DestinationFault, stack: list[list[DueLead]]
    ) -> None:
        """
        Have other leads tried before the gate closes: *fault* may be about one record alone, or what is in it.

        It is believed at once where this CRM never took a lead. So is a refused key, unless the CRM took it a moment
        ago, and refuses it for a single lead.

        Raises:
            DestinationFault: it is the destination's.
        """
        is_alone = len(chunk) == 1
        is_key = isinstance(fault, NotAuthorised)
        if not self.canary.has_ever_worked() or (is_key and not (is_alone and self.canary.has_worked_recently())):
            self._raise_destination_fault(fault, chunk[:1])
        tried, works = list(chunk) if is_alone else [], False
        while not works and len(tried) < MAX_CANARY_LEADS + is_alone:
            if self.drain.is_stopping():
                return
            other = self._take_other_lead(chunk, stack) or self.canary.pick_next_due([*chunk, *tried])
            if not other:
                break
            works = await self.canary.try_leads(other)
            tried += [] if works else other
        if not works and not await self.canary.try_recent_lead((tried or chunk)[0].lead.id):
            self._raise_destination_fault(fault, tried or chunk[:1])
        stack += [[item] for item in tried[is_alone:]]
        if is_alone:
            self._park_lead(chunk[0], Rejected(_describe_for_lead(fault), fault.cause))
        else:
            stack += [half for half in reversed(_split_in_half(chunk)) if half]

    async def _prove_crm_works(self, trouble: SyncError, chunk: list[DueLead], stack: list[list[DueLead]]) -> None:
        """
        Have the CRM take another lead right now: then *trouble* is with *chunk*, not with the CRM.

        The other lead is the first of a larger *chunk*, else the next on *stack*; where that fails too, one that was
        delivered lately, else its own word.

        Raises:
            DestinationFault: it takes none.
        """
        other = self._take_other_lead(chunk, stack)
        if other and await self.canary.try_leads(other):
            return
        if await self.canary.try_recent_lead(chunk[0].lead.id):
            stack += [other] if other else []
            return
        self._raise_destination_fault(trouble, [*chunk[:1], *other])

    def _raise_destination_fault(self, trouble: SyncError, tried: list[DueLead]) -> NoReturn:
        """
        Let others go before those that were *tried*, next time.

        Raises:
            DestinationFault: *trouble* is with the CRM.
        """
        with write_transaction(self.db):
            for item in tried:
                outbox.add_setback(self.db, item.lead.id)
        raise to_destination_fault(trouble)

    def _take_other_lead(self, chunk: list[DueLead], stack: list[list[DueLead]]) -> list[DueLead]:
        """One lead to try in place of *chunk*, taken out of where it is."""
        if len(chunk) > 1:
            return [chunk.pop(0)]
        if stack:
            following = stack.pop()
            if following[1:]:
                stack.append(following[1:])
            return following[:1]
        return []

    async def _send_and_review(self, chunk: list[DueLead], *, already_delivered: bool = False) -> list[LeadOutcome]:
        """
        One call and how it ended, after a look at what was refused in it.

        Raises:
            SyncError: no lead of it was delivered, as far as we know; or the set-up is at fault for those refused.
        """
        ends = await self.drain.send_batch(chunk, already_delivered=already_delivered)
        if not already_delivered:
            await self.review_refusals(ends)
        return ends

    async def _park_refused(self, owed: DueLead, refusal: BatchRefused) -> None:
        """
        Park a lead that is refused alone.

        Raises:
            SetUpFault: the set-up is at fault.
        """
        sentence = f"It is too long for the CRM: shorten its note. {refusal}" if refusal.code == "413" else str(refusal)
        rejected = Rejected(sentence, refusal.code, field=refusal.field)
        self._park_lead(owed, rejected)
        await self.review_refusals([LeadOutcome(owed, rejected)])

    def _park_lead(self, owed: DueLead, rejected: Rejected) -> None:
        """Park a lead whose fault it is."""
        with write_transaction(self.db):
            write_outcome(self.db, owed, rejected, self.clock, self.drain.connector.destination)
        self.drain.summary.add_outcome(rejected)

    async def review_refusals(self, ends: Sequence[LeadOutcome]) -> None:
        """
        Look whether leads are refused alike, one after another and none taken between.

        Raises:
            SetUpFault: so many were that it is the set-up; they are not parked.
        """
        if await self.refusals.add_outcomes(ends):
            self.failing_ids = set()


def _describe_for_lead(fault: SyncError) -> str:
    """What a fault of the set-up says, about one lead that alone has it."""
    said = _SETUP_ADVICE_PATTERN.sub("", str(fault)).strip(" :.")
    return f"The CRM takes other leads, and refuses this one: {said[:1].lower()}{said[1:]}."


def _split_in_half(chunk: list[DueLead]) -> tuple[list[DueLead], list[DueLead]]:
    """*chunk* in two; the second is empty where there is only one."""
    middle = (len(chunk) + 1) // 2
    return chunk[:middle], chunk[middle:]
