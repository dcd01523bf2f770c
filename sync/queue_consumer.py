"""Huey as the kiosk uses it: one task, one tick a minute, and a consumer that finishes the running task."""

import logging
import signal
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from sync.disposable_files import is_usable_file, remove_unusable_file
from sync.waking_queue import open_queue

log = logging.getLogger(__name__)


def register_tasks(huey: SqliteHuey, work: Callable[[bool], None] = lambda now: None) -> Callable[..., Any]:
    """
    Register the tasks with *huey*, and return the one that drains.

    *work* is what the worker does for that task; processes that only enqueue it leave it out. The tick makes up for
    wake-ups that were lost.
    """

    @huey.task(name="drain")  # type: ignore[untyped-decorator]
    def drain(now: bool = False) -> None:
        work(now)

    @huey.periodic_task(crontab(minute="*"), name="tick")  # type: ignore[untyped-decorator]
    def tick() -> None:
        work(False)

    return drain  # type: ignore[no-any-return]


class GracefulConsumer(Consumer):  # type: ignore[misc]
    """A consumer that finishes the running task on SIGINT as well as on SIGTERM."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Huey would cut the running task off on SIGINT, and with it a call whose outcome would be unknown then.
        self._signal_actions[signal.SIGINT] = self._signal_actions[signal.SIGTERM]


def open_or_replace_queue(path: Path) -> SqliteHuey:
    """
    Open Huey's file; one that is damaged, or that another user could have written, is replaced.

    It holds nothing that matters, and Huey unpickles and runs whatever is in it.

    Raises:
        OSError, sqlite3.Error: it can be neither used nor replaced.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_usable_file(path):
        remove_unusable_file(path)
    try:
        huey = open_queue(path)
        huey.storage.queue_size()
    except sqlite3.DatabaseError:
        remove_unusable_file(path)
        huey = open_queue(path)
    return huey


def open_worker_queue(path: Path) -> SqliteHuey:
    """Open the worker's queue; if its file is unusable, open one in a private folder that the same wake-ups reach."""
    try:
        return open_or_replace_queue(path)
    except (OSError, sqlite3.Error) as error:
        log.warning(
            "%s cannot be used (%s): leads are sent without it. Delete it, or give it to the user who runs the kiosk.",
            path,
            error,
        )
    private = tempfile.TemporaryDirectory(prefix="kiosk-")
    huey = open_queue(Path(private.name) / path.name, wake_path=path)
    huey.private = private  # deleted together with the queue
    return huey
