"""
Who looks for what is wrong, each in a thread of its own, which nobody waits for.

The worker does, for it has the network. While there is none, `kiosk run` stands in, and where there is no kiosk either,
`kiosk serve`: that the worker is gone is not for the worker to say.
"""

import logging
import threading

from data.clock import Clock
from kiosk.alerts.evaluate import Watcher
from kiosk.alerts.rules import STEADY_SECONDS
from kiosk.config.load import Settings
from sync.heartbeat import is_alive
from sync.lock import is_held

log = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
"""Between two looks of the worker, where no drain asks for one."""

SHORTEST_SECONDS = 2.0
"""Between two looks of the worker, however often it drains."""

STAND_IN_SECONDS = 15.0
"""Between two looks whether there is a worker."""

END_SECONDS = 3.0
"""That the end of the process waits for a look that is under way; what was not told then is told at the next start."""


class Rounds:
    """Looks again and again, until it is stopped."""

    every = EVERY_SECONDS
    shortest = 0.0

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.watcher = Watcher(settings, clock)
        self.bell = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="alerts", daemon=True)

    def run(self) -> None:
        """Look, and wait."""
        while not self.stopping.is_set():
            self.bell.clear()
            try:
                self.look()
            except Exception:
                log.exception("looking for what is wrong failed; it goes on")
            self.stopping.wait(self.shortest)
            self.bell.wait(self.every)

    def look(self) -> None:
        """Look once."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop looking."""
        self.stopping.set()
        self.bell.set()
        if self.thread.is_alive():
            self.thread.join(END_SECONDS)


class WorkerRounds(Rounds):
    """In the worker, which says after each drain that it is worth a look."""

    shortest = SHORTEST_SECONDS

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.started_at = clock.mono()

    def wake(self) -> None:
        """Look soon; the first time, begin to."""
        self.bell.set()
        if self.thread.ident is None:
            self.thread.start()

    def look(self) -> None:
        """Look once."""
        self.watcher.round(sender_up=self.clock.mono() - self.started_at)


class StandIn(Rounds):
    """In `kiosk run`, while no worker lives; one that fails again and again is as good as none."""

    every = STAND_IN_SECONDS

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.gone_since: float | None = None
        self.up_since: float | None = None

    def __enter__(self) -> "StandIn":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def look(self) -> None:
        """Look whether there is a worker, and where there is none, do its part."""
        now = self.clock.mono()
        if is_alive(self.settings.worker_lock):
            self.up_since = now if self.up_since is None else self.up_since
            if now - self.up_since >= STEADY_SECONDS:
                self.gone_since = None
            return
        self.up_since = None
        if self.gone_since is None:
            self.gone_since = now
            return
        self.watcher.round(sender_gone=now - self.gone_since)


class ServerStandIn(StandIn):
    """In `kiosk serve`, while no kiosk lives either: one that does has a worker of its own, and stands in for it."""

    def look(self) -> None:
        """Look whether there is a kiosk or a worker, and where there is none, do its part."""
        if is_held(self.settings.kiosk_lock):
            self.gone_since = None
        else:
            super().look()
