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
from data.checkpoint import IDLE_SECONDS, check_all, checkpoint, checkpoint_if_idle
from data.clock import Clock
from data.errors import StoreError
from data.pruning import prune
from data.store import Store, open_store, stay_in_place
from sync.connectors.base import Connector
from sync.consumer import GracefulConsumer, tasks, workers_queue
from sync.drain import Drain
from sync.errors import NotAuthorised
from sync.gate import ASKED_TO_WAIT, WORTH_A_TRY
from sync.heartbeat import held_alive
from sync.links import LinkWatch
from sync.lock import Held
from sync.summary import Summary
from sync.wakeup import Alarm

log = logging.getLogger(__name__)

HELD_SECONDS = 2.0
"""Before the worker looks again where somebody else, such as `kiosk sync`, is draining."""

CREDENTIAL_SECONDS = 5.0
"""Between two looks whether a refused credential has been renewed."""

PRUNE_SECONDS = 3600.0
"""Between two looks for old receipts."""

TROUBLE_SECONDS = 10.0
"""Before the worker looks again at a database that it cannot use."""

NICE = 10
"""How far the processes beside the screen stand back, from 0 to 19."""

STUCK_SECONDS = 120.0
"""Without a turn of its loop a drain hangs: longer than it waits for the database."""

SHORTEST = 0.1
"""Seconds between two drains that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files that a worker needs."""

    store: Path
    queue: Path
    worker_lock: Path
    drain_lock: Path
    receipts_days: int = 90
    """How long receipts are kept of leads that are at their end."""


def run_worker(
    files: Files, make_connector: Callable[[], Connector], clock: Clock, after: Callable[[], None] = lambda: None
) -> None:
    """
    Drain whenever there is something to drain, until SIGTERM or SIGINT; the call in flight is finished first.

    *after* hears of the end of each drain, and of the tick each minute; it must return at once.

    Raises:
        Held: a worker runs already.
        StoreError: the database cannot be opened.
    """
    files.worker_lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pulse = Pulse()
    with held_alive(files.worker_lock, pulse.is_well):
        open_store(files.store, create=False).close()
        huey = workers_queue(files.queue)
        worker = Worker(files, make_connector, clock, huey, after, pulse)
        drain_task = tasks(huey, worker.work)
        worker.alarm = huey.storage.alarm = Alarm(clock, drain_task)
        huey.storage.idle = worker.idle
        huey.storage.flush_queue()
        huey.storage.listen()
        drain_task()
        LinkWatch(worker.link_changed)
        consumer = GracefulConsumer(huey, workers=1, max_delay=1.0, graceful_signal="TERM")
        worker.stopping = consumer.stop_flag.is_set
        log.info("the worker starts")
        consumer.run()
        log.info("the worker ends")


class Pulse:
    """Whether a drain that is under way gets anywhere: its event loop turns, whatever it waits for."""

    def __init__(self) -> None:
        self.turned_at: float | None = None
        """In seconds of `time.monotonic`; None while no drain is under way."""

    def is_well(self) -> bool:
        """Whether no drain is under way, or its loop turned a while ago at most."""
        return self.turned_at is None or time.monotonic() - self.turned_at < STUCK_SECONDS

    async def around(self, run: Coroutine[Any, Any, Summary]) -> Summary:
        """What *run* returns, while it is watched."""
        ticking = asyncio.create_task(self.tick())
        try:
            return await run
        finally:
            ticking.cancel()
            self.turned_at = None

    async def tick(self) -> None:
        """Note again and again that the loop turns."""
        while True:
            self.turned_at = time.monotonic()
            await asyncio.sleep(1.0)


class Worker:
    """What the consumer's one thread keeps from task to task: the database, the connector, and an event loop."""

    def __init__(
        self,
        files: Files,
        make_connector: Callable[[], Connector],
        clock: Clock,
        huey: SqliteHuey,
        after: Callable[[], None],
        pulse: Pulse | None = None,
    ) -> None:
        self.pulse = pulse or Pulse()
        self.files = files
        self.make_connector = make_connector
        self.clock = clock
        self.huey = huey
        self.after = after
        self.pruned_at = -inf
        self.alarm: Alarm
        self.network_is_new = False
        """Whether the network changed since the last drain."""
        self.owes_a_probe = False
        """Whether the gate was to be tried when somebody else was draining, or sending was paused."""
        self.was_paused = False
        self.log_moves_at = inf
        """When to look whether the log can be moved into the database, in seconds since boot."""
        self.stopping: Callable[[], bool] = lambda: False
        self.runner: asyncio.Runner | None = None
        self.db: Store
        self.drain: Drain

    def work(self, now: bool) -> None:
        """Drain what is due, and ask Huey to come back when the next lead or the gate's next try is."""
        probe = False
        try:
            is_fresh = self.is_fresh_start()
            stay_in_place(self.db)
            probe = is_fresh or self.is_worth_a_try() or self.owes_a_probe
            self.network_is_new = self.owes_a_probe = False
            scans.note_boot(self.db, self.clock)
            with held_alive(self.files.drain_lock, self.pulse.is_well):
                run = self.drain.run(now=now, probe=probe, stopping=self.stopping)
                summary = self.runner.run(self.pulse.around(run))  # type: ignore[union-attr]
            self.tidy_up()
            log_summary(summary)
            self.note_pause(summary, probe)
            if not summary.paused:  # whoever has sending go on wakes us
                self.come_back()
        except Held:
            log.info("somebody else is draining")
            self.owes_a_probe = probe
            self.alarm.at = self.clock.mono() + HELD_SECONDS
        except StoreError as error:
            log.error("%s", error)
            self.alarm.at = self.clock.mono() + TROUBLE_SECONDS
        except sqlite3.Error as error:
            log.error("the database cannot be used: %s", error)
        finally:
            self.log_moves_at = self.clock.mono() + IDLE_SECONDS
            self.after()

    def idle(self) -> None:
        """While there is no task: see that the database is still at its place, and whole without its log."""
        if self.runner is None:
            return
        with suppress(StoreError, sqlite3.Error, OSError):
            stay_in_place(self.db)
            if self.clock.mono() >= self.log_moves_at:
                self.log_moves_at = inf
                wait = checkpoint_if_idle(self.db)
                self.log_moves_at = inf if wait is None else self.clock.mono() + wait

    def is_fresh_start(self) -> bool:
        """
        Open what belongs to this thread, where that was not done yet.

        A start is a try at once: somebody has probably just acted. Only what the CRM asked for itself is kept.
        """
        if self.runner is not None:
            return False
        self.db = open_store(self.files.store, create=False)
        check_all(self.db)
        self.drain = Drain(self.db, self.make_connector(), self.clock)
        self.runner = asyncio.Runner()
        return gates.read(self.db, self.drain.connector.destination).cause not in ASKED_TO_WAIT

    def tidy_up(self) -> None:
        """Move the log into the file, and now and then forget old receipts."""
        checkpoint(self.db)
        # A clock that nobody has set may be years ahead, and everything would be old by it.
        if self.clock.synced() and self.clock.mono() - self.pruned_at >= PRUNE_SECONDS:
            self.pruned_at = self.clock.mono()
            prune(self.db, self.files.receipts_days, self.clock)

    def note_pause(self, summary: Summary, probe: bool) -> None:
        """Write down once that sending is paused, and once that it goes on; what was to be tried then is owed."""
        self.owes_a_probe = probe and summary.paused is not None and not summary.calls
        if summary.paused and not self.was_paused:
            log.info("sending is paused by %s: nothing is sent", summary.paused.operator or "somebody")
        elif self.was_paused and not summary.paused:
            log.info("sending goes on")
        self.was_paused = summary.paused is not None

    def is_worth_a_try(self) -> bool:
        """Whether something has happened that may have ended what closed the gate."""
        gate = gates.read(self.db, self.drain.connector.destination)
        if gate.cause == NotAuthorised.cause:
            return gate.credential != self.drain.connector.credential()
        return self.network_is_new and gate.cause in WORTH_A_TRY

    def link_changed(self) -> None:
        """The network has changed: wake up, and see. Called in a thread of its own."""
        self.network_is_new = True
        self.alarm.at = 0.0
        self.huey.storage.bell.ring()

    def come_back(self) -> None:
        """Set the alarm to when the next lead is due or a closed gate may be tried; a changed key is seen sooner."""
        due = outbox.next_due(self.db)
        gate = gates.read(self.db, self.drain.connector.destination)
        if self.network_is_new or (due is None and gate.is_open):
            return
        seconds = max((due or 0.0) - self.clock.mono(), gate.seconds_left(self.clock), SHORTEST)
        if gate.cause == NotAuthorised.cause:
            seconds = min(seconds, CREDENTIAL_SECONDS)
        self.alarm.at = self.clock.mono() + seconds


def log_summary(summary: Summary) -> None:
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

    give_way()
    threading.Thread(target=watch, name="parent", daemon=True).start()


def give_way() -> None:
    """Let others have the processor first: also as a session of its own, for which Linux counts apart (sched(7))."""
    with suppress(OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE))
