"""Huey as the kiosk uses it: one task, one tick a minute, and a consumer that lets the call in flight end."""

import logging
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from sync.wakeup import open_queue

log = logging.getLogger(__name__)


def tasks(huey: SqliteHuey, work: Callable[[bool], None] = lambda now: None) -> Callable[..., Any]:
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


def fresh_queue(path: Path) -> SqliteHuey:
    """Huey's file; one that is damaged is thrown away, for it holds nothing that matters."""
    try:
        huey = open_queue(path)
        huey.storage.queue_size()
    except sqlite3.DatabaseError:
        log.info("the wake-up queue %s was damaged and is made anew", path.name)
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        huey = open_queue(path)
    return huey
