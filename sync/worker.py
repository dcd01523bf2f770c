"""The worker: a Huey consumer in its own process, whose one task is to drain the outbox."""

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
from sync.heartbeat import hold_lock_with_heartbeat
from sync.network_watch import NetworkWatch
from sync.probe_rules import WorkerFacts, seconds_until_drain, should_probe
from sync.queue_consumer import GracefulConsumer, open_worker_queue, register_tasks
from sync.waking_queue import WakeTimer

log = logging.getLogger(__name__)

# How soon the worker tries again while another process, such as `kiosk sync`, is draining.
_LOCK_RETRY_SECONDS = 2.0

# How often old receipts are deleted.
_PRUNE_INTERVAL_SECONDS = 3600.0

# How soon the worker tries again to use a database that it could not use.
_DATABASE_RETRY_SECONDS = 10.0

# The niceness of services, from 0 to 19, so that the screen gets the processor first.
_NICENESS = 10

# How long a drain's event loop may stand still before it counts as hung. Even waiting for the database takes less.
_MAX_LOOP_SILENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class WorkerFiles:
    """The files that a worker needs."""

    store: Path
    queue: Path
    worker_lock: Path
    drain_lock: Path
    receipts_days: int = 90
    """How long the receipts of delivered and discarded leads are kept."""


def run_worker(
    files: WorkerFiles,
    make_connector: Callable[[], Connector],
    clock: Clock,
    on_drain_end: Callable[[], None] = lambda: None,
) -> None:
    """
    Drain whenever there is something to drain, until SIGTERM or SIGINT; a running call is finished first.

    *on_drain_end* is called after each drain and every minute; it must not block.

    Raises:
        LockHeld: a worker is already running.
        StoreError: the database cannot be opened.
    """
    files.worker_lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    loop_monitor = _LoopMonitor()
    with hold_lock_with_heartbeat(files.worker_lock, loop_monitor.is_healthy):
        open_store(files.store, may_create=False).close()
        huey = open_worker_queue(files.queue)
        worker = _Worker(files, make_connector, clock, huey, on_drain_end, loop_monitor)
        drain_task = register_tasks(huey, worker.run_drain)
        worker.timer = huey.storage.timer = WakeTimer(clock, drain_task)
        huey.storage.on_idle = worker.run_idle_tasks
        # Tasks left by an earlier worker are superfluous, because a drain follows right here.
        huey.storage.flush_queue()
        huey.storage.start_listening()
        drain_task()
        NetworkWatch(worker.on_network_change)
        consumer = GracefulConsumer(huey, workers=1, max_delay=1.0, graceful_signal="TERM")
        worker.is_stopping = consumer.stop_flag.is_set
        log.info("the worker starts")
        consumer.run()
        log.info("the worker ends")


class _LoopMonitor:
    """Detects a drain whose event loop hangs."""

    def __init__(self) -> None:
        self.last_turn_at: float | None = None
        """By `time.monotonic`; None while no drain is running."""

    def is_healthy(self) -> bool:
        """Return whether the event loop turned recently, or no drain is running."""
        return self.last_turn_at is None or time.monotonic() - self.last_turn_at < _MAX_LOOP_SILENCE_SECONDS

    async def monitor_run(self, run: Coroutine[Any, Any, DrainSummary]) -> DrainSummary:
        """Await *run* and return its result, monitored meanwhile."""
        ticking = asyncio.create_task(self._record_turns())
        try:
            return await run
        finally:
            ticking.cancel()
            self.last_turn_at = None

    async def _record_turns(self) -> None:
        """Record every second that the loop turns."""
        while True:
            self.last_turn_at = time.monotonic()
            await asyncio.sleep(1.0)


class _Worker:
    """What the consumer's one thread keeps between tasks: the database, the connector, and an event loop."""

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
        """Whether the network changed since the last drain began."""
        self.is_probe_pending = False
        """Whether a probe is still due, because another process was draining or sending was paused at its time."""
        self.was_paused = False
        self.checkpoint_at = inf
        """When to try a checkpoint next, in seconds since boot."""
        self.is_stopping: Callable[[], bool] = lambda: False
        self.runner: asyncio.Runner | None = None
        self.db: Store
        self.drain: Drain

    def run_drain(self, now: bool) -> None:
        """Drain what is due, and set the timer for what is due next; with *now* because a person asked for it."""
        probe = False
        try:
            is_first_drain = self.runner is None
            if is_first_drain:
                self._open_resources()
            ensure_files_in_place(self.db)
            probe = should_probe(self._collect_facts(is_first_drain=is_first_drain))
            self.network_changed = self.is_probe_pending = False
            scans.record_boot_clock(self.db, self.clock)
            with hold_lock_with_heartbeat(self.files.drain_lock, self.loop_monitor.is_healthy):
                run = self.drain.run(now=now, probe=probe, is_stopping=self.is_stopping)
                summary = self.runner.run(self.loop_monitor.monitor_run(run))  # type: ignore[union-attr]
            self._run_maintenance()
            _log_summary(summary)
            self._record_pause(summary, probe)
            if not summary.paused:  # resuming wakes the worker
                self._schedule_next_drain()
        except LockHeld:
            log.info("another process is draining")
            self.is_probe_pending = probe
            self.timer.due_at = self.clock.seconds_since_boot() + _LOCK_RETRY_SECONDS
        except StoreError as error:
            log.error("%s", error)
            self.timer.due_at = self.clock.seconds_since_boot() + _DATABASE_RETRY_SECONDS
        except sqlite3.Error as error:
            log.error("the database cannot be used: %s", error)
            self.timer.due_at = self.clock.seconds_since_boot() + _DATABASE_RETRY_SECONDS
        finally:
            self.checkpoint_at = self.clock.seconds_since_boot() + IDLE_SECONDS
            self.on_drain_end()

    def run_idle_tasks(self) -> None:
        """While there is no task: check that the database files are in place, and checkpoint the log."""
        if self.runner is None:
            return
        with suppress(StoreError, sqlite3.Error, OSError):
            ensure_files_in_place(self.db)
            if self.clock.seconds_since_boot() >= self.checkpoint_at:
                self.checkpoint_at = inf
                wait = checkpoint_if_idle(self.db)
                self.checkpoint_at = inf if wait is None else self.clock.seconds_since_boot() + wait

    def _open_resources(self) -> None:
        """Open what belongs to this thread: the database, the connector, and an event loop."""
        self.db = open_store(self.files.store, may_create=False)
        check_integrity(self.db)
        self.drain = Drain(self.db, self.make_connector(), self.clock)
        self.runner = asyncio.Runner()

    def _run_maintenance(self) -> None:
        """Checkpoint a long log, and delete old receipts once an hour."""
        checkpoint_if_long(self.db)
        # A clock that was never set may be years ahead, which would make every receipt look old.
        if self.clock.is_synchronized() and self.clock.seconds_since_boot() - self.pruned_at >= _PRUNE_INTERVAL_SECONDS:
            self.pruned_at = self.clock.seconds_since_boot()
            prune_receipts(self.db, self.files.receipts_days, self.clock)

    def _record_pause(self, summary: DrainSummary, probe: bool) -> None:
        """Log when a pause begins and when it ends, and remember a probe that it prevented."""
        self.is_probe_pending = probe and summary.paused is not None and not summary.calls
        if summary.paused and not self.was_paused:
            log.info("sending is paused by %s", summary.paused.operator or "somebody")
        elif self.was_paused and not summary.paused:
            log.info("sending was resumed")
        self.was_paused = summary.paused is not None

    def _collect_facts(self, *, is_first_drain: bool = False) -> WorkerFacts:
        """Collect the facts that `sync.probe_rules` decides by."""
        gate = gates.read_gate(self.db, self.drain.connector.destination)
        is_rejected = gate.cause == NotAuthorised.cause  # only then is the credential worth reading
        return WorkerFacts(
            gate_cause=gate.cause,
            is_first_drain=is_first_drain,
            is_probe_pending=self.is_probe_pending,
            has_credential_changed=is_rejected and gate.credential != self.drain.connector.fingerprint_credential(),
            has_network_changed=self.network_changed,
        )

    def on_network_change(self) -> None:
        """Wake the worker, because the network changed. Called in the thread of `NetworkWatch`."""
        self.network_changed = True
        self.timer.due_at = 0.0
        self.huey.storage.wake_socket.wake_worker()

    def _schedule_next_drain(self) -> None:
        """Set the timer to when the next lead is due, or a closed gate may be tried."""
        gate = gates.read_gate(self.db, self.drain.connector.destination)
        due, now = outbox.find_next_due(self.db), self.clock.seconds_since_boot()
        seconds = seconds_until_drain(
            self._collect_facts(), None if due is None else due - now, gate.seconds_left(self.clock)
        )
        # With nothing to wait for, leave the timer alone: a change of the network may just have set it.
        if seconds < inf:
            self.timer.due_at = now + seconds


def _log_summary(summary: DrainSummary) -> None:
    """Log what a drain did, if it made a call."""
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
        log.info("the gate was closed (%s): %s", summary.gate.cause, summary.gate.sentence)


def stop_with_parent() -> None:
    """
    Stop this process gracefully when its parent dies, which closes the other end of our standard input.

    Also lowers the priority of this process, because the parent's screen comes first.
    """

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    _lower_priority()
    threading.Thread(target=watch, name="parent", daemon=True).start()


def _lower_priority() -> None:
    """Lower the priority of this process, and of its session, which Linux schedules as a group (sched(7))."""
    with suppress(OSError):
        os.nice(_NICENESS)
    # Somebody else's session may be a whole terminal with all that runs in it.
    if os.getsid(0) != os.getpid():
        return
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))
