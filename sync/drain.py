"""
One run over the outbox: what is due, in batches, to the connector; how each delivery ended, back into the outbox.

Nothing is deleted here, and no lead counts as delivered but by the CRM's own word. Whoever drains holds the drain lock.
While all goes well several calls may be under way at once; what went wrong is looked into with one call at a time.
While a person has paused sending no call is begun, whatever it is for, and those under way end as ever.
"""

import asyncio
import time
from collections.abc import Callable

from data import batch_sizes, batches, outbox, pause
from data.clock import Clock
from data.outbox import Owed
from data.store import Store
from sync.calls import Calls, End
from sync.connectors.base import Connector, NotSent
from sync.errors import BatchRefused, CrmDown, DestinationFault, SendingPaused, SyncError, Unsure
from sync.summary import Summary
from sync.trouble import Trouble


class Drain:
    """Delivers what is owed to one destination. Kept between runs, it remembers what size of batch gets through."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        known = batch_sizes.read(db, connector.destination, clock)
        self.most = min(connector.batch_size, known or connector.batch_size)
        """How many leads the CRM is known to take in a call."""
        self.size = self.most
        """How many leads go in a call: halved on trouble, doubled on success."""
        self.calls = Calls(db, connector, clock)
        self.summary = Summary()
        self.stopping: Callable[[], bool] = lambda: False
        self.report: Callable[[Summary], None] = lambda summary: None
        self.trouble = Trouble(self)

    async def run(
        self,
        *,
        now: bool = False,
        probe: bool = False,
        stopping: Callable[[], bool] = lambda: False,
        report: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """
        Deliver everything that is due, until nothing is, the gate closes, sending is paused, or *stopping* says so.

        *probe* tries although the gate is to be tried later; *now* does so for the leads that back off too, and with
        a key that was refused: a person asked for it, and may have mended the account instead of the key. A closed gate
        is tried with one call. *report* hears of every call.

        Raises:
            StoreError: an outcome could not be written; those leads go again, under the same ids.
        """
        started = time.monotonic()
        batches.close_unfinished(self.db, self.connector.destination, self.clock)
        outbox.after_a_restart(self.db, self.clock)
        is_paused = pause.paused(self.db) is not None
        if now and not is_paused:
            outbox.hurry(self.db)
        gate = self.calls.read_gate()
        self.calls.made = 0
        self.summary = Summary()
        self.stopping, self.report = lambda: stopping() or pause.paused(self.db) is not None, report
        if is_paused:
            pass  # what is due stays due, and the gate as it is
        elif now or probe or gate.seconds_left(self.clock) == 0:
            await self.work_through()
            if not self.calls.made and (now or not self.calls.gate.is_open):
                await self.ask_how_it_is()
        self.summary.gate, self.summary.paused = self.calls.gate, pause.paused(self.db)
        self.summary.calls = self.calls.made
        self.summary.seconds = time.monotonic() - started
        return self.summary

    async def work_through(self) -> None:
        """Send what is due, and look into what went wrong, until nothing is due or the gate closes."""
        while not self.stopping() and (broken := await self.send_what_is_due()):
            # What keeps every lead from the CRM keeps us from finding out about one, too.
            for chunk, error in sorted(broken, key=lambda one: isinstance(one[1], BatchRefused | Unsure | CrmDown)):
                try:
                    await self.trouble.look_into(chunk, error)
                except SendingPaused:
                    continue  # these leads are due as before; the next may tell by itself whose fault it was
                except DestinationFault as fault:
                    self.calls.close_gate(fault)
                    self.summary.note(str(fault))
                    return

    async def ask_how_it_is(self) -> None:
        """With nothing to send, ask the CRM without sending a lead: people want to know whether it works."""
        for is_last in (False, True):
            try:
                findings = await self.calls.check()
                self.summary.asked = any(finding.was_asked for finding in findings)
                for finding in findings:
                    if not finding.is_well:
                        self.summary.note(finding.sentence)
                if self.summary.asked and all(finding.is_well for finding in findings):
                    self.calls.open_gate()
                return
            except SendingPaused:
                return
            except Unsure as error:
                if is_last:
                    self.summary.note(str(error))
            except BatchRefused as error:
                self.summary.note(str(error))
                return
            except DestinationFault as error:
                self.calls.close_gate(error)
                self.summary.note(str(error))
                return

    async def send_what_is_due(self) -> list[tuple[list[Owed], SyncError]]:
        """Send batch after batch, several at once, until nothing is due; or until some break, and return those."""
        flying: dict[asyncio.Task[list[End]], list[Owed]] = {}
        broken: list[tuple[list[Owed], SyncError]] = []
        while True:
            while not broken and not self.stopping() and len(flying) < self.at_once():
                besides = [item.lead.id for chunk in flying.values() for item in chunk]
                if not (owed := outbox.due(self.db, self.clock, self.probe_size(), besides)):
                    break
                flying[asyncio.create_task(self.send(owed))] = owed
            if not flying:
                return broken
            done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                chunk = flying.pop(task)
                try:
                    await self.trouble.refusals_in(task.result())
                except SendingPaused:
                    continue  # the others end, and none is begun
                except SyncError as error:
                    broken.append((chunk, error))
                except BaseException:
                    # The other calls end first: nobody may drain beside them.
                    await asyncio.gather(*flying, return_exceptions=True)
                    raise

    def at_once(self) -> int:
        """How many calls may be under way: one while the gate is closed, or large batches have not got through yet."""
        return self.connector.at_once if self.probe_size() == self.most else 1

    def probe_size(self) -> int:
        """How many leads the next call may hold: a closed gate is tried with one."""
        return self.size if self.calls.gate.is_open else 1

    async def send(self, chunk: list[Owed], *, again: bool = False) -> list[End]:
        """
        One call; a call that was answered lets the next one be larger.

        *again* says that the CRM has the leads already: they do not count as delivered by this run.

        Raises:
            SyncError: no lead of it was delivered, as far as we know.
            SendingPaused: it was not made.
        """
        ends = await self.calls.send(chunk)
        self.size = min(self.most, self.size * 2)
        if any(isinstance(end.outcome, NotSent) and end.outcome.too_many for end in ends):
            self.keep_smaller(len(ends))
        if not again:
            for end in ends:
                self.summary.count(end.outcome)
        self.summary.calls = self.calls.made
        self.report(self.summary)
        return ends

    def keep_smaller(self, count: int) -> None:
        """Send less than *count* leads at once from now on, in later runs too: the CRM does not take so many."""
        self.most = self.size = max(1, count // 2)
        batch_sizes.write(self.db, self.connector.destination, self.most, self.clock)

    def shrink(self, chunk: list[Owed]) -> None:
        """Send less at once from now on."""
        self.size = max(1, len(chunk) // 2)
