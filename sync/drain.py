"""
One run over the outbox: what is due, in batches, to the connector; how each delivery ended, back into the outbox.

Nothing is deleted here, and no lead counts as delivered but by the CRM's own word. Whoever drains holds the drain lock.
"""

import time
from collections.abc import Callable

from data import batches, outbox
from data.clock import Clock
from data.outbox import Owed
from data.store import Store, writing
from sync.calls import Calls
from sync.connectors.base import Connector, Rejected
from sync.errors import BatchRefused, CrmDown, DestinationFault, SetUpFault, SyncError, Unsure
from sync.gate import as_fault
from sync.outcomes import write_failure, write_outcome
from sync.summary import Summary

SAME_REFUSAL = 3
"""So many leads refused alike, one after another and none taken between: it may be the set-up, not the leads."""


class Drain:
    """Delivers what is owed to one destination. Kept between runs, it remembers what size of batch gets through."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.size = connector.batch_size
        """How many leads go in a call: halved on trouble, doubled on success."""
        self.calls = Calls(db, connector, clock)
        self.summary = Summary()
        self.stopping: Callable[[], bool] = lambda: False
        self.report: Callable[[Summary], None] = lambda summary: None
        self.refused_alike: list[tuple[str, Owed]] = []
        """Leads refused one after another since the last that was taken, each with the code of its refusal."""

    async def run(
        self,
        *,
        now: bool = False,
        stopping: Callable[[], bool] = lambda: False,
        report: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """
        Deliver everything that is due, until nothing is, the gate closes, or *stopping* says so.

        *now* tries whatever the gate and the backoffs say: a person asked for it. *report* hears of every call.

        Raises:
            StoreError: an outcome could not be written; those leads go again, under the same ids.
        """
        started = time.monotonic()
        destination = self.connector.destination
        batches.close_unfinished(self.db, destination, self.clock)
        outbox.after_a_restart(self.db, self.clock)
        if now:
            outbox.hurry(self.db)
        gate = self.calls.read_gate()
        self.calls.made = 0
        self.summary = Summary()
        self.refused_alike = []
        self.stopping, self.report = stopping, report
        if now or gate.seconds_left(self.clock) == 0:
            while not stopping() and (owed := outbox.due(self.db, self.clock, self.probe_size())):
                if not await self.work_off(owed):
                    break
        self.summary.gate = self.calls.gate
        self.summary.calls = self.calls.made
        self.summary.seconds = time.monotonic() - started
        return self.summary

    def probe_size(self) -> int:
        """How many leads the next call may hold: a closed gate is tried with one."""
        return self.size if self.calls.gate.is_open else 1

    async def work_off(self, owed: list[Owed]) -> bool:
        """Bring every lead of *owed* to an end of its own, halving where need be; False when the gate closed."""
        stack = [owed]
        while stack and not self.stopping():
            try:
                await self.work_on(stack.pop(), stack)
            except DestinationFault as fault:
                self.calls.close_gate(fault)
                self.summary.note(str(fault))
                return False
        return True

    async def work_on(self, chunk: list[Owed], stack: list[list[Owed]]) -> None:
        """
        Send *chunk*; where it fails, put what is left of it on *stack*, or bring the one lead in it to an end.

        Raises:
            DestinationFault: no lead is at fault.
        """
        try:
            await self.send(chunk)
        except BatchRefused as refusal:
            if len(chunk) > 1:
                self.shrink(chunk)
                stack += halves(chunk)
            else:
                await self.refuse(chunk[0], refusal)
        except (CrmDown, Unsure) as trouble:
            self.shrink(chunk)
            alone = len(chunk) == 1
            await self.prove_that_crm_works(trouble, chunk, stack)
            if alone:
                self.fail_alone(chunk[0], trouble)
            else:
                stack += halves(chunk)

    async def send(self, chunk: list[Owed], *, again: bool = False) -> None:
        """
        One call; a call that was answered lets the next one be larger.

        *again* says that the CRM has the leads already: they do not count as delivered by this run.

        Raises:
            SyncError: no lead of it was delivered, as far as we know.
        """
        receipts = await self.calls.send(chunk)
        self.size = min(self.connector.batch_size, self.size * 2)
        if not again:
            self.summary.count(receipts)
            if any(receipt.outcome == "delivered" for receipt in receipts):
                self.refused_alike = []
        self.summary.calls = self.calls.made
        self.report(self.summary)

    def shrink(self, chunk: list[Owed]) -> None:
        """Send less at once from now on."""
        self.size = max(1, len(chunk) // 2)

    async def prove_that_crm_works(self, trouble: SyncError, chunk: list[Owed], stack: list[list[Owed]]) -> None:
        """
        Have the CRM take another lead right now: then *trouble* is with *chunk*, not with the CRM.

        The other lead is the first of a larger *chunk*, else the next that is due; where that fails too, one that was
        delivered before: sending that again changes nothing.

        Raises:
            DestinationFault: it takes none.
        """
        other = next_but(chunk, stack)
        if other and await self.takes(other):
            return
        if await self.takes(outbox.another(self.db, chunk[0].lead.id), again=True):
            stack += [other] if other else []
            return
        with writing(self.db):
            for item in (*chunk[:1], *other):
                outbox.step_back(self.db, item.lead.id, self.clock)
        raise as_fault(trouble)

    async def takes(self, owed: list[Owed], *, again: bool = False) -> bool:
        """
        Whether the CRM takes *owed*; nothing is not taken.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            if owed:
                await self.send(owed, again=again)
            return bool(owed)
        except (CrmDown, Unsure, BatchRefused):
            return False

    async def refuse(self, owed: Owed, refusal: BatchRefused) -> None:
        """
        Park a lead that is refused alone.

        Raises:
            SetUpFault: so many were refused alike, and one that was delivered before is not taken now either.
        """
        self.refused_alike = [(code, item) for code, item in self.refused_alike if code == refusal.code]
        self.refused_alike.append((refusal.code, owed))
        if len(self.refused_alike) >= SAME_REFUSAL:
            if not await self.takes(outbox.another(self.db, owed.lead.id), again=True):
                with writing(self.db):
                    for _, item in self.refused_alike:
                        outbox.unpark(self.db, item.lead.id, self.clock)
                raise SetUpFault(f"The CRM refuses every lead alike: {refusal} Check the set-up.")
            self.refused_alike = []
        with writing(self.db):
            write_outcome(self.db, owed, Rejected(str(refusal), refusal.code), self.clock)
        self.summary.rejected += 1
        self.summary.note(str(refusal))

    def fail_alone(self, owed: Owed, trouble: SyncError) -> None:
        """Charge a lead with a failure of its own."""
        with writing(self.db):
            write_failure(self.db, owed, str(trouble), self.clock)
        self.summary.postponed += 1
        self.summary.note(str(trouble))


def next_but(chunk: list[Owed], stack: list[list[Owed]]) -> list[Owed]:
    """Take out one lead to try in place of *chunk*: its own first where it has several, else the next that is due."""
    if len(chunk) > 1:
        return [chunk.pop(0)]
    if not stack:
        return []
    following = stack.pop()
    if following[1:]:
        stack.append(following[1:])
    return following[:1]


def halves(chunk: list[Owed]) -> list[list[Owed]]:
    """*chunk* in two, the first half last: a stack takes it first."""
    middle = (len(chunk) + 1) // 2
    return [half for half in (chunk[middle:], chunk[:middle]) if half]
