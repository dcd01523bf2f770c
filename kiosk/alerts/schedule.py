"""
When the alert rules are evaluated: in a background thread of one of three processes.

Normally the worker does it, because it is the process that has network access. While no worker runs, `kiosk run` does
it instead, and without a `kiosk run`, `kiosk serve`: a worker cannot report its own absence.
"""

import logging
import threading

from data.clock import Clock
from kiosk.alerts.evaluate import AlertEvaluator
from kiosk.alerts.rules import STEADY_SECONDS
from kiosk.config.load import Settings
from sync.file_lock import is_lock_held
from sync.heartbeat import is_holder_alive

log = logging.getLogger(__name__)

_ROUND_SECONDS = 30.0
"""Interval between two rounds in the worker when no drain asks for an earlier one."""

_MIN_ROUND_SECONDS = 2.0
"""Minimum interval between two rounds in the worker, however often it drains."""

_STAND_IN_ROUND_SECONDS = 15.0
"""Interval at which `kiosk run` and `kiosk serve` check whether a worker is running."""

# How long the end of the process waits for a round that is under way. What was not posted by then is posted after the
# next start.
_STOP_TIMEOUT_SECONDS = 3.0


class AlertThread:
    """A background thread that evaluates the alerts at an interval until it is stopped."""

    interval_seconds = _ROUND_SECONDS
    min_interval_seconds = 0.0

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.evaluator = AlertEvaluator(settings, clock)
        self.wake_event = threading.Event()
        self.stop_event = threading.Event()
        self.thread = threading.Thread(target=self.run, name="alerts", daemon=True)

    def run(self) -> None:
        """Run a round, then wait for the interval or for a wake-up."""
        while not self.stop_event.is_set():
            self.wake_event.clear()
            try:
                self.check_once()
            except Exception:
                log.exception("evaluating the alerts failed; trying again later")
            # A stop that came just before the wake-up was cleared would otherwise be seen an interval later.
            if self.stop_event.wait(self.min_interval_seconds):
                return
            self.wake_event.wait(self.interval_seconds)

    def check_once(self) -> None:
        """Run one round; subclasses decide whether it is their turn."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the thread, and wait briefly for a round that is under way."""
        self.stop_event.set()
        self.wake_event.set()
        if self.thread.is_alive():
            self.thread.join(_STOP_TIMEOUT_SECONDS)


class WorkerAlerts(AlertThread):
    """The thread in the worker, which wakes it after each drain."""

    min_interval_seconds = _MIN_ROUND_SECONDS

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.started_at = clock.seconds_since_boot()

    def wake(self) -> None:
        """Run a round soon; the first call starts the thread."""
        self.wake_event.set()
        if self.thread.ident is None:
            self.thread.start()

    def check_once(self) -> None:
        """Run one round."""
        self.evaluator.run_round(worker_up_seconds=self.clock.seconds_since_boot() - self.started_at)


class StandInAlerts(AlertThread):
    """The thread in `kiosk run`, which works while no worker runs; one that keeps crashing does not count."""

    interval_seconds = _STAND_IN_ROUND_SECONDS

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.worker_gone_since: float | None = None
        self.worker_up_since: float | None = None

    def __enter__(self) -> "StandInAlerts":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def check_once(self) -> None:
        """Run one round if the worker is missing, and was missing at the previous check as well."""
        now = self.clock.seconds_since_boot()
        if is_holder_alive(self.settings.worker_lock):
            self.worker_up_since = now if self.worker_up_since is None else self.worker_up_since
            if now - self.worker_up_since >= STEADY_SECONDS:
                self.worker_gone_since = None
            return
        self.worker_up_since = None
        if self.worker_gone_since is None:
            self.worker_gone_since = now
            return
        self.evaluator.run_round(worker_gone_seconds=now - self.worker_gone_since)


class ServerStandInAlerts(StandInAlerts):
    """The thread in `kiosk serve`, which works while neither a `kiosk run` nor a worker runs."""

    def check_once(self) -> None:
        """Run one round if neither a `kiosk run` nor a worker runs."""
        if is_lock_held(self.settings.kiosk_lock):
            self.worker_gone_since = None
        else:
            super().check_once()
