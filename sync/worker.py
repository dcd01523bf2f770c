"""The worker: a Huey consumer in a process of its own, whose one task is to drain the outbox."""

import asyncio
import logging
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from huey import SqliteHuey

from data import gates, outbox, scans
from data.checkpoint import IDLE_SECONDS, check_integrity, checkpoint_if_idle, checkpoint_if_long
from data.clock import Clock
from data.errors import StoreError
from data.pruning import prune_receipts
from data.store import Store, ensure_files_in_place, open_store
from sync.connectors.base import Connector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.errors import NotAuthorised
from sync.file_lock import LockHeld
from sync.gate import NETWORK_CHANGE_CAUSES, RATE_LIMIT_CAUSES
from sync.heartbeat import hold_lock_with_heartbeat
from sync.network_watch import NetworkWatch
from sync.queue_consumer import GracefulConsumer, open_worker_queue, register_tasks
from sync.waking_queue import WakeTimer

log = logging.getLogger(__name__)

LOCK_RETRY_SECONDS = 2.0
"""Before the worker looks again where somebody else, such as `kiosk sync`, is draining."""

_CREDENTIAL_POLL_SECONDS = 5.0
"""Between two looks whether a refused credential has been renewed."""

_PRUNE_INTERVAL_SECONDS = 3600.0
"""Between two looks for old receipts."""

_DATABASE_RETRY_SECONDS = 10.0
"""Before the worker looks again at a database that it cannot use."""

_NICENESS = 10
"""How far the processes beside the screen stand back, from 0 to 19."""

_MAX_LOOP_SILENCE_SECONDS = 120.0
"""Without a turn of its loop a drain hangs: longer than it waits for the database."""

_MIN_DRAIN_INTERVAL_SECONDS = 0.1
"""Seconds between two drains that nobody asked for."""


@dataclass(frozen=True, slots=True)
class WorkerFiles:
    """The files that a worker needs."""

    store: Path
    queue: Path
    worker_lock: Path
    drain_lock: Path
    receipts_days: int = 90
    """How long receipts are kept of leads that are at their end."""


def run_worker(
    files: WorkerFiles,
    make_connector: Callable[[], Connector],
    clock: Clock,
    on_drain_end: Callable[[], None] = lambda: None,
) -> None:
    """
    Drain whenever there is something to drain, until SIGTERM or SIGINT; the call in flight is finished first.

    *on_drain_end* hears of the end of each drain, and of the tick each minute; it must return at once.

    Raises:
        Held: a worker runs already.
        StoreError: the database cannot be opened.
    """
    files.worker_lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pulse = _LoopMonitor()
    with hold_lock_with_heartbeat(files.worker_lock, pulse.is_healthy):
        open_store(files.store, may_create=False).close()
        huey = open_worker_queue(files.queue)
        worker = _Worker(files, make_connector, clock, huey, on_drain_end, pulse)
        drain_task = register_tasks(huey, worker.run_drain)
        worker.timer = huey.storage.timer = WakeTimer(clock, drain_task)
        huey.storage.run_idle_tasks = worker.run_idle_tasks
        huey.storage.flush_queue()
        huey.storage.listen()
        drain_task()
        NetworkWatch(worker.on_network_change)
        consumer = GracefulConsumer(huey, workers=1, max_delay=1.0, graceful_signal="TERM")
        worker.is_stopping = consumer.stop_flag.is_set
        log.info("the worker starts")
        consumer.run()
        log.info("the worker ends")


class _LoopMonitor:
    """Whether a drain that is under way gets anywhere: its event loop turns, whatever it waits for."""

    def __init__(self) -> None:
        self.last_turn_at: float | None = None
        """In seconds of `time.monotonic`; None while no drain is under way."""

    def is_healthy(self) -> bool:
        """Whether no drain is under way, or its loop turned a while ago at most."""
        return self.last_turn_at is None or time.monotonic() - self.last_turn_at < _MAX_LOOP_SILENCE_SECONDS

    async def monitor_run(self, run: Coroutine[Any, Any, DrainSummary]) -> DrainSummary:
        """What *run* returns, while it is watched."""
        ticking = asyncio.create_task(self._record_turns())
        try:
            return await run
        finally:
            ticking.cancel()
            self.last_turn_at = None

    async def _record_turns(self) -> None:
        """Note again and again that the loop turns."""
        while True:
            self.last_turn_at = time.monotonic()
            await asyncio.sleep(1.0)


class _Worker:
    """What the consumer's one thread keeps from task to task: the database, the connector, and an event loop."""

    def __init__(
        self,
        files: WorkerFiles,
        make_connector: Callable[[], Connector],
        clock: Clock,
        huey: SqliteHuey,
        on_drain_end: Callable[[], None],
        loop_monitor: _LoopMonitor | None = None,
    ) -> None:
        self.loop_monitor = loop_monitor or _LoopMonitor()
        self.files = files
        self.make_connector = make_connector
        self.clock = clock
        self.huey = huey
        self.on_drain_end = on_drain_end
        self.pruned_at = -inf
        self.timer: WakeTimer
        self.network_changed = False
        """Whether the network changed since the last drain."""
        self.is_probe_pending = False
        """Whether the gate was to be tried when somebody else was draining, or sending was paused."""
        self.was_paused = False
        self.checkpoint_at = inf
        """When to look whether the log can be moved into the database, in seconds since boot."""
        self.is_stopping: Callable[[], bool] = lambda: False
        self.runner: asyncio.Runner | None = None
        self.db: Store
        self.drain: Drain

    def run_drain(self, now: bool) -> None:
        """Drain what is due, and ask Huey to come back when the next lead or the gate's next try is."""
        probe = False
        try:
            is_fresh = self._open_if_needed()
            ensure_files_in_place(self.db)
            probe = is_fresh or self._should_probe() or self.is_probe_pending
            self.network_changed = self.is_probe_pending = False
            scans.record_boot_clock(self.db, self.clock)
            with hold_lock_with_heartbeat(self.files.drain_lock, self.loop_monitor.is_healthy):
                run = self.drain.run(now=now, probe=probe, is_stopping=self.is_stopping)
                summary = self.runner.run(self.loop_monitor.monitor_run(run))  # type: ignore[union-attr]
            self._run_maintenance()
            _log_summary(summary)
            self._record_pause(summary, probe)
            if not summary.paused:  # whoever has sending go on wakes us
                self._schedule_next_drain()
        except LockHeld:
            log.info("somebody else is draining")
            self.is_probe_pending = probe
            self.timer.due_at = self.clock.seconds_since_boot() + LOCK_RETRY_SECONDS
        except StoreError as error:
            log.error("%s", error)
            self.timer.due_at = self.clock.seconds_since_boot() + _DATABASE_RETRY_SECONDS
        except sqlite3.Error as error:
            log.error("the database cannot be used: %s", error)
        finally:
            self.checkpoint_at = self.clock.seconds_since_boot() + IDLE_SECONDS
            self.on_drain_end()

    def run_idle_tasks(self) -> None:
        """While there is no task: see that the database is still at its place, and whole without its log."""
        if self.runner is None:
            return
        with suppress(StoreError, sqlite3.Error, OSError):
            ensure_files_in_place(self.db)
            if self.clock.seconds_since_boot() >= self.checkpoint_at:
                self.checkpoint_at = inf
                wait = checkpoint_if_idle(self.db)
                self.checkpoint_at = inf if wait is None else self.clock.seconds_since_boot() + wait

    def _open_if_needed(self) -> bool:
        """
        Open what belongs to this thread, where that was not done yet.

        A start is a try at once: somebody has probably just acted. Only what the CRM asked for itself is kept.
        """
        if self.runner is not None:
            return False
        self.db = open_store(self.files.store, may_create=False)
        check_integrity(self.db)
        self.drain = Drain(self.db, self.make_connector(), self.clock)
        self.runner = asyncio.Runner()
        return gates.read_gate(self.db, self.drain.connector.destination).cause not in RATE_LIMIT_CAUSES

    def _run_maintenance(self) -> None:
        """Move the log into the file, and now and then forget old receipts."""
        checkpoint_if_long(self.db)
        # A clock that nobody has set may be years ahead, and everything would be old by it.
        if self.clock.is_synchronized() and self.clock.seconds_since_boot() - self.pruned_at >= _PRUNE_INTERVAL_SECONDS:
            self.pruned_at = self.clock.seconds_since_boot()
            prune_receipts(self.db, self.files.receipts_days, self.clock)

    def _record_pause(self, summary: DrainSummary, probe: bool) -> None:
        """Write down once that sending is paused, and once that it goes on; what was to be tried then is owed."""
        self.is_probe_pending = probe and summary.paused is not None and not summary.calls
        if summary.paused and not self.was_paused:
            log.info("sending is paused by %s: nothing is sent", summary.paused.operator or "somebody")
        elif self.was_paused and not summary.paused:
            log.info("sending goes on")
        self.was_paused = summary.paused is not None

    def _should_probe(self) -> bool:
        """Whether something has happened that may have ended what closed the gate."""
        gate = gates.read_gate(self.db, self.drain.connector.destination)
        if gate.cause == NotAuthorised.cause:
            return gate.credential != self.drain.connector.fingerprint_credential()
        return self.network_changed and gate.cause in NETWORK_CHANGE_CAUSES

    def on_network_change(self) -> None:
        """The network has changed: wake up, and see. Called in a thread of its own."""
        self.network_changed = True
        self.timer.due_at = 0.0
        self.huey.storage.bell.ring()

    def _schedule_next_drain(self) -> None:
        """Set the alarm to when the next lead is due or a closed gate may be tried; a changed key is seen sooner."""
        due = outbox.find_next_due(self.db)
        gate = gates.read_gate(self.db, self.drain.connector.destination)
        if self.network_changed or (due is None and gate.is_open):
            return
        seconds = max(
            (due or 0.0) - self.clock.seconds_since_boot(), gate.seconds_left(self.clock), _MIN_DRAIN_INTERVAL_SECONDS
        )
        if gate.cause == NotAuthorised.cause:
            seconds = min(seconds, _CREDENTIAL_POLL_SECONDS)
        self.timer.due_at = self.clock.seconds_since_boot() + seconds


def _log_summary(summary: DrainSummary) -> None:
    """One line a drain that did something."""
    if summary.calls:
        log.info(
            "drained: %d delivered, %d need you, %d postponed in %d calls, %.1f s",
            summary.delivered,
            summary.rejected,
            summary.postponed,
            summary.calls,
            summary.seconds,
        )
    if summary.gate.cause and summary.calls and summary.gate.failures == 1:
        log.info("the gate closes (%s): %s", summary.gate.cause, summary.gate.sentence)


def stop_with_parent() -> None:
    """
    Stop this process gracefully when the one that started it dies: its end of our standard input closes then.

    While that one lives its screen comes first.
    """

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    _lower_priority()
    threading.Thread(target=watch, name="parent", daemon=True).start()


def _lower_priority() -> None:
    """Let others have the processor first: also as a session of its own, for which Linux counts apart (sched(7))."""
    with suppress(OSError):
        os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))
