"""Sends batches to one destination and adapts their size; the drain and fault isolation share it."""

from collections.abc import Callable

from data import batch_sizes
from data.clock import Clock
from data.outbox import DueLead
from data.store import Store
from sync.connectors.base import Connector, NotSent
from sync.crm_calls import CrmCaller, LeadOutcome
from sync.drain_summary import DrainSummary


class Sender:
    """Makes the calls of a drain and counts their results. Kept between runs, it remembers which batch size works."""

    def __init__(self, db: Store, connector: Connector, clock: Clock) -> None:
        self.db = db
        self.connector = connector
        self.clock = clock
        self.caller = CrmCaller(db, connector, clock)
        self.summary = DrainSummary()
        self.is_stopping: Callable[[], bool] = lambda: False
        self.on_progress: Callable[[DrainSummary], None] = lambda summary: None
        known = batch_sizes.read_batch_size(db, connector.destination, clock)
        # The largest batch that this CRM is known to accept.
        self.max_batch_size = min(connector.batch_size, known or connector.batch_size)
        # The size of the next batch: halved after a failure, doubled after a success.
        self.batch_size = self.max_batch_size

    def begin_run(self, is_stopping: Callable[[], bool], on_progress: Callable[[DrainSummary], None]) -> None:
        """Reset the counts; *is_stopping* is asked before each call, *on_progress* gets the counts after it."""
        self.caller.call_count = 0
        self.summary = DrainSummary()
        self.is_stopping, self.on_progress = is_stopping, on_progress

    def next_batch_size(self) -> int:
        """Return how many leads the next call may hold; a closed gate is probed with one."""
        return self.batch_size if self.caller.gate.is_open else 1

    def max_concurrent_calls(self) -> int:
        """Return how many calls may run at once: one while the gate is closed or the batch size still has to grow."""
        return self.connector.max_parallel_pushes if self.next_batch_size() == self.max_batch_size else 1

    async def send_batch(self, batch: list[DueLead], *, already_delivered: bool = False) -> list[LeadOutcome]:
        """
        Make one call. If it is answered, the next one may hold twice as many leads.

        *already_delivered* says that the CRM has these leads: they do not count as delivered by this run.

        Raises:
            SyncError: as far as we know, none of its leads was delivered.
            SendingPaused: the call was not made.
        """
        outcomes = await self.caller.send_batch(batch)
        self.batch_size = min(self.max_batch_size, self.batch_size * 2)
        if any(isinstance(one.outcome, NotSent) and one.outcome.is_batch_too_big for one in outcomes):
            self.limit_batch_size(len(outcomes))
        if not already_delivered:
            for one in outcomes:
                self.summary.add_outcome(one.outcome)
        self.summary.calls = self.caller.call_count
        self.on_progress(self.summary)
        return outcomes

    def limit_batch_size(self, refused_size: int) -> None:
        """Send fewer than *refused_size* leads per call from now on, in later runs too: the CRM refuses so many."""
        self.max_batch_size = self.batch_size = max(1, refused_size // 2)
        batch_sizes.write_batch_size(self.db, self.connector.destination, self.max_batch_size, self.clock)

    def shrink_batch(self, failed_size: int) -> None:
        """Halve the size of the next batch after one of *failed_size* leads failed."""
        self.batch_size = max(1, failed_size // 2)
