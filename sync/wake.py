"""Waking the worker after a save, without ever making the one who saves wait."""

import logging
import sqlite3
import threading
import time
from pathlib import Path

from sync.queue_consumer import open_or_replace_queue, register_tasks
from sync.waking_queue import WakeSocket

log = logging.getLogger(__name__)

_MIN_WAKE_INTERVAL_SECONDS = 0.05
"""Between two wake-up calls: where many save at once, one call a save would cost a third of what the saves do."""


class WorkerWaker:
    """
    Call it after a save: a thread of its own asks Huey for a drain.

    A nudge that is lost costs a minute at the most: the worker's own tick and its next start repair it.
    """

    def __init__(self, queue: Path) -> None:
        self.queue = queue
        self.requested = threading.Event()
        threading.Thread(target=self._run, name="nudge", daemon=True).start()

    def __call__(self) -> None:
        """Ask for a drain, soon."""
        self.requested.set()

    def _run(self) -> None:
        """Enqueue one drain for any number of nudges that came meanwhile."""
        while True:
            self.requested.wait()
            self.requested.clear()
            try:
                request_drain(self.queue)
            except Exception as error:
                log.warning("the worker could not be woken (%s); its next tick repairs that", error)
            time.sleep(_MIN_WAKE_INTERVAL_SECONDS)


def request_drain(queue: Path, *, now: bool = False) -> None:
    """Enqueue a drain; *now* has it try whatever the gate says. One that is waiting already is enough."""
    try:
        huey = open_or_replace_queue(queue)
    except (OSError, sqlite3.Error):
        WakeSocket(queue).ring()  # the worker has a queue of its own then
        raise
    drain = register_tasks(huey)
    if now or huey.storage.queue_size() == 0:
        drain(now)
    else:
        huey.storage.bell.ring()
    huey.storage.close()
