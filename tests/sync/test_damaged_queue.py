"""A queue file that is damaged while the worker uses it: no wake-up and no due retry is lost."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import Any

import pytest
from huey import SqliteHuey

from data.clock import SystemClock
from sync.queue_consumer import open_worker_queue, register_tasks
from sync.waking_queue import WakeTimer

NUDGE = "import sys, pathlib; from sync.wake import request_drain; request_drain(pathlib.Path(sys.argv[1]))"


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[SqliteHuey]:
    """The worker's queue, as the worker opens it: with its socket and an alarm, and a task taken from it."""
    huey = open_worker_queue(tmp_path / "huey.db")
    drain = register_tasks(huey)
    huey.storage.timer = WakeTimer(SystemClock(), drain)
    huey.storage.start_listening()
    drain()
    assert huey.dequeue() is not None
    # The connection keeps pages in memory; without them it reads the file at its next look.
    huey.storage.conn.execute("pragma shrink_memory")
    yield huey
    huey.storage.close()
    huey.storage.wake_socket.receiver.close()


def empty_file(path: Path) -> None:
    """Cut the file and its log to nothing; SQLite then says *disk I/O error* to whoever has it open."""
    for name in (path, Path(f"{path}-wal")):
        with name.open("r+b") as file:
            file.truncate(0)


def overwrite_file(path: Path) -> None:
    """Write over the file and its log; SQLite then says *file is not a database*."""
    for name in (path, Path(f"{path}-wal")):
        name.write_bytes(b"this is not a database" * 1000)


def delete_files(path: Path) -> None:
    """Delete the file and what SQLite keeps beside it."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink()


def drop_and_delete(path: Path) -> None:
    """Delete a file that had lost its tables: open connections report *no such table* from then on."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript("drop table task; drop table schedule; drop table kv;")
    delete_files(path)


@pytest.mark.parametrize("damage", [empty_file, overwrite_file, delete_files, drop_and_delete])
def test_a_wake_up_after_the_damage_is_heard(queue: SqliteHuey, damage: Callable[[Path], None]) -> None:
    """Another process replaces the file; the worker turns to the new one instead of failing at the old one."""
    path = Path(queue.storage.filename)
    damage(path)
    subprocess.run([sys.executable, "-c", NUDGE, str(path)], check=True, timeout=60)

    found = take_tasks(queue, looks=2)

    assert [task.name for task in found] == ["drain"] * len(found)
    assert found


@pytest.mark.parametrize("damage", [empty_file, overwrite_file])
def test_a_retry_that_falls_due_after_the_damage_is_made(queue: SqliteHuey, damage: Callable[[Path], None]) -> None:
    """No process saves anything that would repair the file: the worker does it itself."""
    path = Path(queue.storage.filename)
    damage(path)
    queue.storage.timer.due_at = 0.0

    found = take_tasks(queue, looks=2)

    assert found
    assert queue.storage.timer.due_at == inf


def test_a_damaged_queue_writes_no_tracebacks(queue: SqliteHuey, caplog: pytest.LogCaptureFixture) -> None:
    """Huey's scheduler looks every second, whatever state the file is in."""
    overwrite_file(Path(queue.storage.filename))

    assert queue.read_schedule() == []
    assert take_tasks(queue, looks=2)

    assert [record.exc_info for record in caplog.records] == [None] * len(caplog.records)


def take_tasks(queue: SqliteHuey, looks: int) -> list[Any]:
    """The tasks that the worker finds in so many looks; none of them may raise."""
    return [task for task in (queue.dequeue() for _ in range(looks)) if task is not None]
