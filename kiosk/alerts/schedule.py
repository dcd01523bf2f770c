"""
Who looks for what is wrong, each in a thread of its own, which nobody waits for.

The worker does, for it has the network. While there is none, `kiosk run` stands in, and where there is no kiosk either,
`kiosk serve`: that the worker is gone is not for the worker to say.
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
"""Between two looks of the worker, where no drain asks for one."""

_MIN_ROUND_SECONDS = 2.0
"""Between two looks of the worker, however often it drains."""

_STAND_IN_ROUND_SECONDS = 15.0
"""Between two looks whether there is a worker."""

_STOP_TIMEOUT_SECONDS = 3.0
"""That the end of the process waits for a look that is under way; what was not told then is told at the next start."""


class AlertThread:
    """Looks again and again, until it is stopped."""

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
        """Look, and wait."""
        while not self.stop_event.is_set():
            self.wake_event.clear()
            try:
                self.check_once()
            except Exception:
                log.exception("looking for what is wrong failed; it goes on")
            # A stop that came just before the wake-up was cleared would otherwise be seen an interval later.
            if self.stop_event.wait(self.min_interval_seconds):
                return
            self.wake_event.wait(self.interval_seconds)

    def check_once(self) -> None:
        """Look once."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop looking."""
        self.stop_event.set()
        self.wake_event.set()
        if self.thread.is_alive():
            self.thread.join(_STOP_TIMEOUT_SECONDS)


class WorkerAlerts(AlertThread):
    """In the worker, which says after each drain that it is worth a look."""

    min_interval_seconds = _MIN_ROUND_SECONDS

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.started_at = clock.seconds_since_boot()

    def wake(self) -> None:
        """Look soon; the first time, begin to."""
        self.wake_event.set()
        if self.thread.ident is None:
            self.thread.start()

    def check_once(self) -> None:
        """Look once."""
        self.evaluator.run_round(worker_up_seconds=self.clock.seconds_since_boot() - self.started_at)


class StandInAlerts(AlertThread):
    """In `kiosk run`, while no worker lives; one that fails again and again is as good as none."""

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
        """Look whether there is a worker, and where there is none, do its part."""
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
    """In `kiosk serve`, while no kiosk lives either: one that does has a worker of its own, and stands in for it."""

    def check_once(self) -> None:
        """Look whether there is a kiosk or a worker, and where there is none, do its part."""
        if is_lock_held(self.settings.kiosk_lock):
            self.worker_gone_since = None
        else:
            super().check_once()
