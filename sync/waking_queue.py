"""Huey's queue with a doorbell: who enqueues rings a local socket, so that an idle worker need not poll."""

import hashlib
import logging
import socket
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.storage import SqliteStorage

from data.clock import Clock
from sync.disposable_files import remove_unusable_file

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How long an idle worker waits for the bell before it looks at the queue anyway; also how soon it notices a stop."""


class WakeTimer:
    """When the worker is to wake by itself: in seconds since boot, for a clock that jumps must not hold up a retry."""

    def __init__(self, clock: Clock, ring: Callable[[], object]) -> None:
        """*ring* is called, in the worker's thread, when it is time; it enqueues what is to be done."""
        self.clock = clock
        self.on_due = ring
        self.due_at = inf

    def seconds_left(self) -> float:
        """How long the worker may wait, at the most `LOOK_SECONDS`."""
        return min(max(self.due_at - self.clock.seconds_since_boot(), 0.0), POLL_SECONDS)

    def fire_if_due(self) -> None:
        """Ring once it is time."""
        if self.clock.seconds_since_boot() >= self.due_at:
            self.on_due()  # first: what could not be enqueued is still due
            self.due_at = inf


class WakeSocket:
    """A datagram socket in Linux's abstract namespace (unix(7)): it has no file, and goes when its owner dies."""

    def __init__(self, queue: Path) -> None:
        self.address = b"\0booth-kiosk-" + hashlib.sha256(str(queue.resolve()).encode()).hexdigest()[:32].encode()
        self.ear: socket.socket | None = None
        self.was_rung = False
        """Whether the last wait ended because somebody rang."""

    def ring(self) -> None:
        """Wake the worker, if one listens; never waits."""
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as bell:
            bell.sendto(b"!", self.address)

    def listen(self) -> None:
        """
        Hear the bell from now on.

        Raises:
            OSError: somebody listens already, or this system has no such sockets.
        """
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(self.address)

    def wait(self, seconds: float) -> bool:
        """Wait for the bell, at most so many *seconds*; whether this system can wait at all."""
        if self.ear is None:
            return False
        self.ear.settimeout(seconds)
        self.was_rung = False
        with suppress(TimeoutError, BlockingIOError):
            self.was_rung = bool(self.ear.recv(16))
        return True


class WakingStorage(SqliteStorage):  # type: ignore[misc]
    """Huey's SQLite storage; taking a task from an empty queue waits for the bell."""

    blocking = False

    def __init__(self, *args: Any, filename: str, bell: Path, **options: Any) -> None:
        self.bell = WakeSocket(bell)
        self.has_shared_file = bell == Path(filename)
        """Whether those who ring can put a task into this file; else the bell alone is the task."""
        self.inode = 0
        self.alarm: WakeTimer | None = None
        self.idle: Callable[[], None] = lambda: None
        """Called in the worker's thread while the queue is empty, at least once a second."""
        super().__init__(*args, filename=filename, **options)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Add a task, and ring."""
        super().enqueue(data, priority)
        self.bell.ring()

    def dequeue(self) -> bytes | None:
        """Take a task; from an empty queue, after the bell, the alarm or a second."""
        found = self._pop_task()
        if found is None:
            self.bell.wait(self.alarm.seconds_left() if self.alarm else POLL_SECONDS)
            self._reopen_if_replaced()
            if self.alarm and self.bell.was_rung and not self.has_shared_file:
                self.alarm.due_at = 0.0
            if self.alarm:
                self.alarm.fire_if_due()
            self.idle()
            found = self._pop_task()
        return found

    def _pop_task(self) -> bytes | None:
        """Take a task if one waits. There is none in a file that cannot be read, which is then made again."""
        try:
            found: bytes | None = super().dequeue()
            return found
        except sqlite3.Error as error:
            log.info("the queue cannot be read (%s)", error)
            self.recover()
            return None

    def read_schedule(self, ts: Any) -> list[bytes]:
        """Nothing: the alarm replaces Huey's schedule, and looking each second would only wake an idle computer."""
        return []

    def recover(self) -> None:
        """
        Connect to the file again, and make it again if it is damaged.

        A connection that saw damage keeps failing (no such table, disk I/O error), even when another process has
        already replaced the file. A task that was in the file is lost, therefore the alarm is set to now.
        """
        self.close()
        try:
            try:
                self.initialize_schema()
            except sqlite3.OperationalError:
                raise  # busy, or a full disk: not damaged
            except sqlite3.DatabaseError:
                remove_unusable_file(Path(self.filename))
                self.initialize_schema()
        except (OSError, sqlite3.Error) as error:
            log.warning("the queue cannot be made again (%s); trying again", error)
            return
        if self.alarm:
            self.alarm.due_at = 0.0

    def _create_connection(self) -> sqlite3.Connection:
        # Looked up before the file is opened: one that is replaced in between is then noticed at the next look.
        with suppress(FileNotFoundError):
            self.inode = Path(self.filename).stat().st_ino
        connection: sqlite3.Connection = super()._create_connection()
        return connection

    def _set_journal_mode(self, conn: sqlite3.Connection) -> None:
        # The first statement on a new connection. Huey drops the connection unclosed where the file is damaged.
        try:
            super()._set_journal_mode(conn)
        except sqlite3.Error:
            conn.close()
            raise

    def _reopen_if_replaced(self) -> None:
        """Turn to the new file where somebody deleted ours and who rang has made another."""
        with suppress(FileNotFoundError):
            if Path(self.filename).stat().st_ino != self.inode:
                self.recover()

    def listen(self) -> None:
        """Wait for the bell from now on; where that cannot be had, Huey polls."""
        with suppress(OSError):
            self.bell.listen()
            self.blocking = True


def open_queue(path: Path, bell: Path | None = None) -> SqliteHuey:
    """
    Huey on its own file at *path*, which is made where it is not there. Who rings knows it as *bell*.

    Nothing in it is owed to anybody: it is not flushed, and may be deleted at any time.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return SqliteHuey(
        "kiosk",
        filename=str(path),
        bell=bell or path,
        storage_class=WakingStorage,
        results=False,
        utc=True,
        fsync=False,
    )
