"""
Who is at fault when a call brings no lead to its end: one lead, the CRM, or the set-up.

A call that fails without saying why is told from a CRM that is down by having the CRM take another lead right then.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from data import outbox
from data.outbox import Owed
from data.store import writing
from sync.calls import End
from sync.canary import LATELY as LATELY
from sync.canary import OTHERS, Canary
from sync.connectors.base import Rejected
from sync.errors import BatchRefused, CrmDown, DestinationFault, NotAuthorised, SetUpFault, SyncError, Unsure
from sync.gate import as_fault
from sync.outcomes import write_failure, write_outcome
from sync.refusals import AllRefused, Refusals

if TYPE_CHECKING:
    from sync.drain import Drain

FAILING = 5
"""So many leads that failed alone and none taken between: it is the CRM, whatever else it still does, not the leads."""

_FOR_WHO_SET_IT_UP = re.compile(r"^CRM set-up: |:? ?[Cc]orrect [^:]{0,80}?kiosk\.toml\.?|: renew it where .*? go on\.")
"""What a fault of the set-up says to whoever set it up, and is wrong where one lead alone has it."""


class Trouble:
    """Looks into what went wrong during one run of a drain, one call at a time."""

    def __init__(self, drain: "Drain") -> None:
        self.drain = drain
        self.db, self.clock = drain.db, drain.clock
        self.canary = Canary(drain)
        self.refusals = Refusals(drain, self.canary)
        self.failing: set[str] = set()
        """Leads that were charged with a failure since the last that was taken."""

    async def look_into(self, chunk: list[Owed], error: SyncError) -> None:
        """
        Bring every lead of *chunk*, whose call ended with *error*, to an end of its own, halving where need be.

        Raises:
            DestinationFault: no lead is at fault.
        """
        stack: list[list[Owed]] = []
        await self.sort_out(chunk, error, stack)
        while stack and not self.drain.stopping():
            part = stack.pop()
            try:
                await self.send(part)
            except SyncError as broken:
                await self.sort_out(part, broken, stack)

    async def sort_out(self, chunk: list[Owed], error: SyncError, stack: list[list[Owed]]) -> None:
        """
        Do what *error* asks for: what is left of *chunk* goes on *stack*, or the one lead in it comes to an end.

        Raises:
            DestinationFault: no lead is at fault.
        """
        match error:
            case BatchRefused(too_big=True) if len(chunk) > 1:
                self.drain.keep_smaller(len(chunk))
                stack += reversed(halves(chunk))
            case BatchRefused():
                await self.find_the_refused(chunk, error, stack)
            case Unsure(lacks_proof=True) if self.drain.calls.gate.cause == SetUpFault.cause:
                self.close_for(error, chunk[:1])  # as before: each further call might make one more record
            case Unsure():
                await self.ask_again(chunk, stack)
            case CrmDown():
                await self.find_the_failing(chunk, error, stack)
            case AllRefused():
                raise error
            case SetUpFault() | NotAuthorised():
                await self.find_whose_set_up(chunk, error, stack)
            case _:
                raise error

    async def ask_again(self, chunk: list[Owed], stack: list[list[Owed]]) -> None:
        """
        Send *chunk*, whose answer got lost, once more under the same ids: the CRM may have it all.

        Raises:
            DestinationFault: no lead is at fault.
        """
        if self.drain.stopping():
            return
        try:
            await self.send(chunk)
        except Unsure as again:
            if again.lacks_proof and not self.canary.has_worked_lately():
                self.close_for(again, chunk[:1])
            await self.find_the_failing(chunk, again, stack)
        except SyncError as error:
            await self.sort_out(chunk, error, stack)

    async def find_the_refused(self, chunk: list[Owed], refusal: BatchRefused, stack: list[list[Owed]]) -> None:
        """
        Halve *chunk* until the lead that is refused is alone, and park it: in at most twice log2 of its size calls.

        Where the first half is taken it is in the second, which need not be sent whole to know that.
        """
        is_alone = len(chunk) == 1
        while len(chunk) > 1 and not self.drain.stopping():
            first, second = halves(chunk)
            try:
                await self.send(first)
                chunk, is_alone = second, False
            except BatchRefused as error:
                stack.append(second)
                chunk, refusal, is_alone = first, error, len(first) == 1
            except SyncError as error:
                stack.append(second)
                await self.sort_out(first, error, stack)
                return
        if is_alone:
            await self.refuse(chunk[0], refusal)
        elif not self.drain.stopping():
            stack.append(chunk)

    async def find_the_failing(self, chunk: list[Owed], trouble: SyncError, stack: list[list[Owed]]) -> None:
        """
        Halve *chunk* while the CRM takes others, and charge the lead that fails alone.

        Raises:
            DestinationFault: it takes no others.
        """
        self.drain.shrink(chunk)
        alone = len(chunk) == 1
        if len(self.failing) >= FAILING:
            self.close_for(trouble, chunk[:1])
        await self.prove_that_crm_works(trouble, chunk, stack)
        if not alone:
            stack += [half for half in reversed(halves(chunk)) if half]
            return
        with writing(self.db):
            write_failure(self.db, chunk[0], str(trouble), self.clock, is_unsure=isinstance(trouble, Unsure))
        self.failing.add(chunk[0].lead.id)
        self.drain.summary.postponed += 1
        self.drain.summary.note(str(trouble))

    async def find_whose_set_up(self, chunk: list[Owed], fault: DestinationFault, stack: list[list[Owed]]) -> None:
        """
        Have other leads tried before the gate closes: *fault* may be about one record alone, or what is in it.

        It is believed at once where this CRM never took a lead. So is a refused key, unless the CRM took it a moment
        ago, and refuses it for a single lead.

        Raises:
            DestinationFault: it is the destination's.
        """
        is_alone = len(chunk) == 1
        is_key = isinstance(fault, NotAuthorised)
        if not self.canary.has_ever_worked() or (is_key and not (is_alone and self.canary.has_worked_lately())):
            self.close_for(fault, chunk[:1])
        tried, works = list(chunk) if is_alone else [], False
        while not works and len(tried) < OTHERS + is_alone:
            if self.drain.stopping():
                return
            other = self.another_than(chunk, stack) or self.canary.next_due([*chunk, *tried])
            if not other:
                break
            works = await self.canary.takes(other)
            tried += [] if works else other
        if not works and not await self.canary.still_works((tried or chunk)[0].lead.id):
            self.close_for(fault, tried or chunk[:1])
        stack += [[item] for item in tried[is_alone:]]
        if is_alone:
            self.refuse_alone(chunk[0], Rejected(own_words(fault), fault.cause))
        else:
            stack += [half for half in reversed(halves(chunk)) if half]

    async def prove_that_crm_works(self, trouble: SyncError, chunk: list[Owed], stack: list[list[Owed]]) -> None:
        """
        Have the CRM take another lead right now: then *trouble* is with *chunk*, not with the CRM.

        The other lead is the first of a larger *chunk*, else the next on *stack*; where that fails too, one that was
        delivered lately, else its own word.

        Raises:
            DestinationFault: it takes none.
        """
        other = self.another_than(chunk, stack)
        if other and await self.canary.takes(other):
            return
        if await self.canary.still_works(chunk[0].lead.id):
            stack += [other] if other else []
            return
        self.close_for(trouble, [*chunk[:1], *other])

    def close_for(self, trouble: SyncError, tried: list[Owed]) -> NoReturn:
        """
        Let others go before those that were *tried*, next time.

        Raises:
            DestinationFault: *trouble* is with the CRM.
        """
        with writing(self.db):
            for item in tried:
                outbox.step_back(self.db, item.lead.id)
        raise as_fault(trouble)

    def another_than(self, chunk: list[Owed], stack: list[list[Owed]]) -> list[Owed]:
        """One lead to try in place of *chunk*, taken out of where it is."""
        if len(chunk) > 1:
            return [chunk.pop(0)]
        if stack:
            following = stack.pop()
            if following[1:]:
                stack.append(following[1:])
            return following[:1]
        return []

    async def send(self, chunk: list[Owed], *, again: bool = False) -> list[End]:
        """
        One call and how it ended, after a look at what was refused in it.

        Raises:
            SyncError: no lead of it was delivered, as far as we know; or the set-up is at fault for those refused.
        """
        ends = await self.drain.send(chunk, again=again)
        if not again:
            await self.refusals_in(ends)
        return ends

    async def refuse(self, owed: Owed, refusal: BatchRefused) -> None:
        """
        Park a lead that is refused alone.

        Raises:
            SetUpFault: the set-up is at fault.
        """
        sentence = f"It is too long for the CRM: shorten its note. {refusal}" if refusal.code == "413" else str(refusal)
        rejected = Rejected(sentence, refusal.code, field=refusal.field)
        self.refuse_alone(owed, rejected)
        await self.refusals_in([End(owed, rejected)])

    def refuse_alone(self, owed: Owed, rejected: Rejected) -> None:
        """Park a lead whose fault it is."""
        with writing(self.db):
            write_outcome(self.db, owed, rejected, self.clock, self.drain.connector.destination)
        self.drain.summary.count(rejected)

    async def refusals_in(self, ends: Sequence[End]) -> None:
        """
        Look whether leads are refused alike, one after another and none taken between.

        Raises:
            SetUpFault: so many were that it is the set-up; they are not parked.
        """
        if await self.refusals.note(ends):
            self.failing = set()


def own_words(fault: SyncError) -> str:
    """What a fault of the set-up says, about one lead that alone has it."""
    said = _FOR_WHO_SET_IT_UP.sub("", str(fault)).strip(" :.")
    return f"The CRM takes other leads, and refuses this one: {said[:1].lower()}{said[1:]}."


def halves(chunk: list[Owed]) -> tuple[list[Owed], list[Owed]]:
    """*chunk* in two; the second is empty where there is only one."""
    middle = (len(chunk) + 1) // 2
    return chunk[:middle], chunk[middle:]
