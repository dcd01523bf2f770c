"""Huey as the kiosk uses it: one task, one tick a minute, and a consumer that lets the call in flight end."""

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
    Register the tasks with *huey*, and return the one that drains; only the worker says what *work* it does.

    A minute tick repairs nudges that were lost.
    """

    @huey.task(name="drain")  # type: ignore[untyped-decorator]
    def drain(now: bool = False) -> None:
        work(now)

    @huey.periodic_task(crontab(minute="*"), name="tick")  # type: ignore[untyped-decorator]
    def tick() -> None:
        work(False)

    return drain  # type: ignore[no-any-return]


class GracefulConsumer(Consumer):  # type: ignore[misc]
    """A consumer that lets the call in flight end on SIGINT too, not on SIGTERM alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._signal_actions[signal.SIGINT] = self._signal_actions[signal.SIGTERM]


def open_or_replace_queue(path: Path) -> SqliteHuey:
    """
    Huey's file; one that is damaged or somebody else's is thrown away: it holds nothing that matters, and Huey would
    run whatever another user has put into it.

    Raises:
        OSError, sqlite3.Error: it cannot be used, or thrown away.
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
    """The queue that the worker waits at; where its file cannot be used, one of its own, which the same bell wakes."""
    try:
        return open_or_replace_queue(path)
    except (OSError, sqlite3.Error) as error:
        log.warning(
            "%s cannot be used (%s): leads are sent without it. Delete it, or give it to the user who runs the kiosk.",
            path,
            error,
        )
    private = tempfile.TemporaryDirectory(prefix="kiosk-")
    huey = open_queue(Path(private.name) / path.name, bell=path)
    huey.private = private  # it goes with the queue
    return huey
