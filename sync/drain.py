"""
A drain: one run over the outbox. Due leads go to the connector in batches, and the outcomes go back into the outbox.

Nothing is deleted here, and a lead counts as delivered only if the CRM's answer proves it. The caller holds the drain
lock. While all goes well, several calls may run at once; the cause of a failure is isolated with one call at a time.
While a person has paused sending, no call of any kind is begun; calls that are running end normally.
"""

import asyncio
import time
from collections.abc import Callable

from data import batches, outbox, pause
from data.clock import Clock
from data.outbox import DueLead
from data.store import Store
from sync.connectors.base import Connector
from sync.crm_calls import LeadOutcome
from sync.drain_summary import DrainSummary
from sync.errors import BatchRefused, CrmDown, DestinationFault, OutcomeUnknown, SendingPaused, SyncError
from sync.fault_isolation import FaultIsolation
from sync.sender import Sender


class Drain:
    """Delivers due leads to one destination. Kept between runs, because the sender learns which batch size works."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.sender = Sender(db, connector, clock)
        self.fault_isolation = FaultIsolation(self.sender)

    async def run(
        self,
        *,
        now: bool = False,
        probe: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
        on_progress: Callable[[DrainSummary], None] = lambda summary: None,
    ) -> DrainSummary:
        """
        Deliver everything that is due, until nothing is, the gate closes, sending is paused, or *is_stopping*.

        *probe* tries a closed gate before its time, with one call. So does *now*, which also sends leads that back off
        and tries a rejected key again: a person asked for it, and may have fixed the account instead of the key.
        *on_progress* gets the counts after every call.

        Raises:
            StoreError: an outcome could not be written; those leads are sent again, under the same ids.
        """
        started = time.monotonic()
        batches.close_unfinished_batches(self.db, self.connector.destination, self.clock)
        outbox.reset_after_reboot(self.db, self.clock)
        is_paused = self._is_paused()
        if now and not is_paused:
            outbox.make_all_due(self.db)
        caller = self.sender.caller
        gate = caller.read_gate()
        self.sender.begin_run(lambda: is_stopping() or self._is_paused(), on_progress)
        # A pause changes neither what is due nor the gate.
        if not is_paused and (now or probe or gate.seconds_left(self.clock) == 0):
            await self._drain_outbox()
            if not caller.call_count and (now or not caller.gate.is_open):
                await self._check_crm()
        summary = self.sender.summary
        summary.gate, summary.paused = caller.gate, pause.read_pause(self.db)
        summary.calls = caller.call_count
        summary.seconds = time.monotonic() - started
        return summary

    def _is_paused(self) -> bool:
        """Return whether a person has paused sending."""
        return pause.read_pause(self.db) is not None

    async def _drain_outbox(self) -> None:
        """Send what is due, and isolate the faults of failed calls, until nothing is due or the gate closes."""
        while not self.sender.is_stopping() and (failed := await self._send_due_leads()):
            # Faults that affect every lead come first, because no other fault can be isolated while one of them lasts.
            failed.sort(key=lambda failure: _may_be_one_leads_fault(failure[1]))
            for batch, error in failed:
                try:
                    await self.fault_isolation.isolate_fault(batch, error)
                except SendingPaused:
                    continue  # these leads stay due; the next failure may need no call to find its cause
                except DestinationFault as fault:
                    self.sender.caller.close_gate(fault)
                    self.sender.summary.add_reason(str(fault))
                    return

    async def _send_due_leads(self) -> list[tuple[list[DueLead], SyncError]]:
        """Send batch after batch, several at once, until nothing is due or a call fails; return the failed batches."""
        running: dict[asyncio.Task[list[LeadOutcome]], list[DueLead]] = {}
        failed: list[tuple[list[DueLead], SyncError]] = []
        while True:
            if not failed:
                self._start_calls(running)
            if not running:
                return failed
            done, _pending = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                batch = running.pop(task)
                try:
                    await self.fault_isolation.review_refusals(task.result())
                except SendingPaused:
                    continue  # the running calls end, and no other is begun
                except SyncError as error:
                    failed.append((batch, error))
                except BaseException:
                    # The other calls must end first: once this run is over, another process may drain.
                    await asyncio.gather(*running, return_exceptions=True)
                    raise

    def _start_calls(self, running: dict[asyncio.Task[list[LeadOutcome]], list[DueLead]]) -> None:
        """Begin as many calls as may run at once, each with due leads that no other call holds."""
        while not self.sender.is_stopping() and len(running) < self.sender.max_concurrent_calls():
            being_sent = [due_lead.lead.id for batch in running.values() for due_lead in batch]
            batch = outbox.list_due_leads(self.db, self.clock, self.sender.next_batch_size(), being_sent)
            if not batch:
                return
            running[asyncio.create_task(self.sender.send_batch(batch))] = batch

    async def _check_crm(self) -> None:
        """
        Run the connector's check, because there was nothing to send.

        Otherwise a closed gate would stay closed until there is a lead, and *sync now* would have no result.
        """
        summary, caller = self.sender.summary, self.sender.caller
        # One lost answer says nothing yet; a second one is worth reporting.
        for is_last_try in (False, True):
            try:
                results = await caller.check_crm()
                summary.asked = any(result.was_asked for result in results)
                for result in results:
                    if not result.is_well:
                        summary.add_reason(result.sentence)
                if summary.asked and all(result.is_well for result in results):
                    caller.open_gate()
                return
            except SendingPaused:
                return
            except OutcomeUnknown as error:
                if is_last_try:
                    summary.add_reason(str(error))
            except BatchRefused as error:
                summary.add_reason(str(error))
                return
            except DestinationFault as error:
                caller.close_gate(error)
                summary.add_reason(str(error))
                return


def _may_be_one_leads_fault(error: SyncError) -> bool:
    """Return whether one lead of the batch may have caused *error*; all others affect every lead."""
    return isinstance(error, BatchRefused | OutcomeUnknown | CrmDown)
