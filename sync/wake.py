"""Wake the worker after a save, without ever making the caller wait."""

import logging
import sqlite3
import threading
import time
from pathlib import Path

from sync.queue_consumer import open_or_replace_queue, register_tasks
from sync.waking_queue import WakeSocket

log = logging.getLogger(__name__)

# The shortest time between two wake-ups. When many leads are saved at once, one wake-up for each would cost a third of
# the time of the saves.
_MIN_WAKE_INTERVAL_SECONDS = 0.05


class WorkerWaker:
    """
    Call it after a save: its own thread asks Huey for a drain.

    A wake-up that is lost costs a minute at most: the worker's one-minute timer and its next start make up for it.
    """

    def __init__(self, queue: Path) -> None:
        self.queue = queue
        self.requested = threading.Event()
        threading.Thread(target=self._run, name="wake", daemon=True).start()

    def __call__(self) -> None:
        """Ask for a drain, soon."""
        self.requested.set()

    def _run(self) -> None:
        """Wait for calls forever, and enqueue one drain for all that arrived meanwhile."""
        while True:
            self.requested.wait()
            self.requested.clear()
            try:
                request_drain(self.queue)
            except Exception as error:
                log.warning("the worker could not be woken (%s); its next tick makes up for that", error)
            time.sleep(_MIN_WAKE_INTERVAL_SECONDS)


def request_drain(queue: Path, *, now: bool = False) -> None:
    """
    Enqueue a drain, unless one waits already.

    *now* enqueues one in any case, which tries whatever the gate says.
    """
    try:
        huey = open_or_replace_queue(queue)
    except (OSError, sqlite3.Error):
        WakeSocket(queue).wake_worker()  # the worker has a private queue then
        raise
    drain = register_tasks(huey)
    if now or huey.storage.queue_size() == 0:
        drain(now)
    else:
        huey.storage.wake_socket.wake_worker()
    huey.storage.close()
