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
from data.outbox import DueLead
from data.store import Store
from sync.connectors.base import Connector, NotSent
from sync.crm_calls import CrmCalls, LeadOutcome
from sync.drain_summary import DrainSummary
from sync.errors import BatchRefused, CrmDown, DestinationFault, OutcomeUnknown, SendingPaused, SyncError
from sync.fault_isolation import FaultIsolation


class Drain:
    """Delivers what is owed to one destination. Kept between runs, it remembers what size of batch gets through."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        known = batch_sizes.read_batch_size(db, connector.destination, clock)
        self.max_batch_size = min(connector.batch_size, known or connector.batch_size)
        """How many leads the CRM is known to take in a call."""
        self.batch_size = self.max_batch_size
        """How many leads go in a call: halved on trouble, doubled on success."""
        self.calls = CrmCalls(db, connector, clock)
        self.summary = DrainSummary()
        self.is_stopping: Callable[[], bool] = lambda: False
        self.on_progress: Callable[[DrainSummary], None] = lambda summary: None
        self.fault_isolation = FaultIsolation(self)

    async def run(
        self,
        *,
        now: bool = False,
        probe: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
        on_progress: Callable[[DrainSummary], None] = lambda summary: None,
    ) -> DrainSummary:
        """
        Deliver everything that is due, until nothing is, the gate closes, sending is paused, or *is_stopping* says so.

        *probe* tries although the gate is to be tried later; *now* does so for the leads that back off too, and with
        a key that was refused: a person asked for it, and may have mended the account instead of the key. A closed gate
        is tried with one call. *report* hears of every call.

        Raises:
            StoreError: an outcome could not be written; those leads go again, under the same ids.
        """
        started = time.monotonic()
        batches.close_unfinished_batches(self.db, self.connector.destination, self.clock)
        outbox.reset_after_reboot(self.db, self.clock)
        is_paused = pause.read_pause(self.db) is not None
        if now and not is_paused:
            outbox.make_all_due(self.db)
        gate = self.calls.read_gate()
        self.calls.call_count = 0
        self.summary = DrainSummary()
        self.is_stopping, self.on_progress = lambda: is_stopping() or pause.read_pause(self.db) is not None, on_progress
        if is_paused:
            pass  # what is due stays due, and the gate as it is
        elif now or probe or gate.seconds_left(self.clock) == 0:
            await self._drain_outbox()
            if not self.calls.call_count and (now or not self.calls.gate.is_open):
                await self._check_crm()
        self.summary.gate, self.summary.paused = self.calls.gate, pause.read_pause(self.db)
        self.summary.calls = self.calls.call_count
        self.summary.seconds = time.monotonic() - started
        return self.summary

    async def _drain_outbox(self) -> None:
        """Send what is due, and look into what went wrong, until nothing is due or the gate closes."""
        while not self.is_stopping() and (broken := await self._send_due_leads()):
            # What keeps every lead from the CRM keeps us from finding out about one, too.
            for chunk, error in sorted(
                broken, key=lambda one: isinstance(one[1], BatchRefused | OutcomeUnknown | CrmDown)
            ):
                try:
                    await self.fault_isolation.isolate_fault(chunk, error)
                except SendingPaused:
                    continue  # these leads are due as before; the next may tell by itself whose fault it was
                except DestinationFault as fault:
                    self.calls.close_gate(fault)
                    self.summary.add_reason(str(fault))
                    return

    async def _check_crm(self) -> None:
        """With nothing to send, ask the CRM without sending a lead: people want to know whether it works."""
        for is_last in (False, True):
            try:
                findings = await self.calls.check_crm()
                self.summary.asked = any(finding.was_asked for finding in findings)
                for finding in findings:
                    if not finding.is_well:
                        self.summary.add_reason(finding.sentence)
                if self.summary.asked and all(finding.is_well for finding in findings):
                    self.calls.open_gate()
                return
            except SendingPaused:
                return
            except OutcomeUnknown as error:
                if is_last:
                    self.summary.add_reason(str(error))
            except BatchRefused as error:
                self.summary.add_reason(str(error))
                return
            except DestinationFault as error:
                self.calls.close_gate(error)
                self.summary.add_reason(str(error))
                return

    async def _send_due_leads(self) -> list[tuple[list[DueLead], SyncError]]:
        """Send batch after batch, several at once, until nothing is due; or until some break, and return those."""
        flying: dict[asyncio.Task[list[LeadOutcome]], list[DueLead]] = {}
        broken: list[tuple[list[DueLead], SyncError]] = []
        while True:
            while not broken and not self.is_stopping() and len(flying) < self._max_concurrent_calls():
                besides = [item.lead.id for chunk in flying.values() for item in chunk]
                if not (owed := outbox.list_due_leads(self.db, self.clock, self._next_batch_size(), besides)):
                    break
                flying[asyncio.create_task(self.send_batch(owed))] = owed
            if not flying:
                return broken
            done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                chunk = flying.pop(task)
                try:
                    await self.fault_isolation.review_refusals(task.result())
                except SendingPaused:
                    continue  # the others end, and none is begun
                except SyncError as error:
                    broken.append((chunk, error))
                except BaseException:
                    # The other calls end first: nobody may drain beside them.
                    await asyncio.gather(*flying, return_exceptions=True)
                    raise

    def _max_concurrent_calls(self) -> int:
        """How many calls may be under way: one while the gate is closed, or large batches have not got through yet."""
        return self.connector.max_parallel_pushes if self._next_batch_size() == self.max_batch_size else 1

    def _next_batch_size(self) -> int:
        """How many leads the next call may hold: a closed gate is tried with one."""
        return self.batch_size if self.calls.gate.is_open else 1

    async def send_batch(self, chunk: list[DueLead], *, already_delivered: bool = False) -> list[LeadOutcome]:
        """
        One call; a call that was answered lets the next one be larger.

        *already_delivered* says that the CRM has the leads already: they do not count as delivered by this run.

        Raises:
            SyncError: no lead of it was delivered, as far as we know.
            SendingPaused: it was not made.
        """
        ends = await self.calls.send_batch(chunk)
        self.batch_size = min(self.max_batch_size, self.batch_size * 2)
        if any(isinstance(end.outcome, NotSent) and end.outcome.is_batch_too_big for end in ends):
            self.limit_batch_size(len(ends))
        if not already_delivered:
            for end in ends:
                self.summary.add_outcome(end.outcome)
        self.summary.calls = self.calls.call_count
        self.on_progress(self.summary)
        return ends

    def limit_batch_size(self, count: int) -> None:
        """Send less than *count* leads at once from now on, in later runs too: the CRM does not take so many."""
        self.max_batch_size = self.batch_size = max(1, count // 2)
        batch_sizes.write_batch_size(self.db, self.connector.destination, self.max_batch_size, self.clock)

    def shrink_batch(self, chunk: list[DueLead]) -> None:
        """Send less at once from now on."""
        self.batch_size = max(1, len(chunk) // 2)
