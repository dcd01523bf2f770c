"""
Who is at fault when a call brings no lead to its end: one lead, the CRM, or the set-up.

A call that fails without saying why is told from a CRM that is down by having the CRM take another lead right then.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from data import outbox
from data.outbox import Owed
from data.store import writing
from sync.calls import End
from sync.connectors.base import Delivered, Rejected
from sync.errors import BatchRefused, CrmDown, SetUpFault, SyncError, Unsure
from sync.gate import as_fault
from sync.outcomes import write_failure, write_outcome

if TYPE_CHECKING:
    from sync.drain import Drain

SAME_REFUSAL = 3
"""So many leads refused alike, one after another and none taken between: it may be the set-up, not the leads."""

FAILING = 5
"""So many leads that failed alone and none taken between: it is the CRM, whatever else it still does, not the leads."""

LATELY = 600.0
"""Seconds in which a lead may be sent again to see whether the CRM takes it: later it may have been edited there."""


class Trouble:
    """Looks into what went wrong during one run of a drain, one call at a time."""

    def __init__(self, drain: "Drain") -> None:
        self.drain = drain
        self.db, self.clock = drain.db, drain.clock
        self.refused_alike: list[tuple[Rejected, Owed]] = []
        """Leads refused one after another since the last that was taken."""
        self.failing: set[str] = set()
        """Leads that were charged with a failure since then."""

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
                self.drain.shrink(chunk)
                stack += reversed(halves(chunk))
            case BatchRefused():
                await self.find_the_refused(chunk, error, stack)
            case Unsure():
                await self.ask_again(chunk, stack)
            case CrmDown():
                await self.find_the_failing(chunk, error, stack)
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

    async def prove_that_crm_works(self, trouble: SyncError, chunk: list[Owed], stack: list[list[Owed]]) -> None:
        """
        Have the CRM take another lead right now: then *trouble* is with *chunk*, not with the CRM.

        The other lead is the first of a larger *chunk*, else the next on *stack*; where that fails too, one that was
        delivered lately, else its own word.

        Raises:
            DestinationFault: it takes none.
        """
        other = self.another_than(chunk, stack)
        if other and await self.takes(other):
            return
        if await self.still_works(chunk[0].lead.id):
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

    async def takes(self, owed: list[Owed], *, again: bool = False, refused_is_no: bool = False) -> bool:
        """
        Whether the CRM takes *owed*; a refusal proves, too, that it works, unless *refused_is_no*.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            ends = await self.send(owed, again=again)
            return not refused_is_no or any(isinstance(end.outcome, Delivered) for end in ends)
        except (CrmDown, Unsure, BatchRefused):
            return False

    async def still_works(self, lead_id: str, *, refused_is_no: bool = False) -> bool:
        """
        Whether the CRM takes a lead, other than this, that it got lately; where it got none, whether it says that it
        is well. False where it never took any, or may not be sent one again.

        Raises:
            DestinationFault: it cannot be asked.
        """
        connector = self.drain.connector
        if not connector.may_repeat:
            return False
        if other := outbox.another(self.db, lead_id, connector.destination, self.clock.wall() - LATELY):
            return await self.takes(other, again=True, refused_is_no=refused_is_no)
        return bool(outbox.another(self.db, lead_id, connector.destination)) and await self.is_well()

    async def is_well(self) -> bool:
        """
        Whether the CRM finds nothing wrong when it is asked without sending a lead.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            return all(finding.is_well for finding in await self.drain.calls.check())
        except (CrmDown, Unsure, BatchRefused):
            return False

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
        rejected = Rejected(str(refusal), refusal.code)
        with writing(self.db):
            write_outcome(self.db, owed, rejected, self.clock, self.drain.connector.destination)
        self.drain.summary.count(rejected)
        await self.refusals_in([End(owed, rejected)])

    async def refusals_in(self, ends: Sequence[End]) -> None:
        """
        Look whether leads are refused alike, one after another and none taken between.

        Raises:
            SetUpFault: so many were, and one that the CRM has already would not be taken now; they are not parked.
        """
        if any(isinstance(end.outcome, Delivered) for end in ends):
            self.refused_alike, self.failing = [], set()
            return
        for end in ends:
            if isinstance(end.outcome, Rejected):
                alike = [(other, item) for other, item in self.refused_alike if same(other, end.outcome)]
                self.refused_alike = [*alike, (end.outcome, end.owed)]
        if len(self.refused_alike) < SAME_REFUSAL:
            return
        refused = self.refused_alike
        works = await self.still_works(refused[-1][1].lead.id, refused_is_no=True)
        self.refused_alike = []  # where it could not be asked, the question stays
        if not works:
            self.take_back(refused)
            raise SetUpFault(f"CRM set-up: it refuses every lead alike. {refused[-1][0].reason}")

    def take_back(self, refused: Sequence[tuple[Rejected, Owed]]) -> None:
        """Unpark leads that were refused through no fault of theirs."""
        with writing(self.db):
            for _, item in refused:
                outbox.unpark(self.db, item.lead.id, self.clock)
        # Some may have been counted by an earlier run.
        self.drain.summary.rejected = max(0, self.drain.summary.rejected - len(refused))
        for rejected, _ in refused:
            self.drain.summary.forget(rejected.reason)


def same(one: Rejected, other: Rejected) -> bool:
    """Whether two leads were refused alike."""
    return (one.code, one.reason) == (other.code, other.reason)


def halves(chunk: list[Owed]) -> tuple[list[Owed], list[Owed]]:
    """*chunk* in two; the second is empty where there is only one."""
    middle = (len(chunk) + 1) // 2
    return chunk[:middle], chunk[middle:]
