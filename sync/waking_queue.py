"""Huey's queue with a wake-up socket: enqueuing a task wakes an idle worker, which therefore need not poll."""

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

# How long an idle worker waits for a wake-up before it reads the queue anyway; also how soon it notices a stop.
_POLL_SECONDS = 1.0


class WakeTimer:
    """When the worker wakes by itself. Counted in seconds since boot, so that a clock that jumps delays no retry."""

    def __init__(self, clock: Clock, on_due: Callable[[], object]) -> None:
        """*on_due* enqueues the task; it is called in the worker's thread once the timer is due."""
        self.clock = clock
        self.on_due = on_due
        self.due_at = inf

    def seconds_left(self) -> float:
        """Return how long the worker may wait for a wake-up, at most `_POLL_SECONDS`."""
        return min(max(self.due_at - self.clock.seconds_since_boot(), 0.0), _POLL_SECONDS)

    def fire_if_due(self) -> None:
        """Call `on_due` if the timer is due."""
        if self.clock.seconds_since_boot() >= self.due_at:
            self.on_due()  # before the next line: if it fails, the timer stays due
            self.due_at = inf


class WakeSocket:
    """A datagram socket in Linux's abstract namespace (unix(7)): without a file, and gone when its owner dies."""

    def __init__(self, queue: Path) -> None:
        self.address = b"\0booth-kiosk-" + hashlib.sha256(str(queue.resolve()).encode()).hexdigest()[:32].encode()
        self.receiver: socket.socket | None = None

    def wake_worker(self) -> None:
        """Wake the worker, if one listens; never waits."""
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            sender.sendto(b"!", self.address)

    def listen(self) -> None:
        """
        Receive wake-ups from now on.

        Raises:
            OSError: another process listens already, or this system has no such sockets.
        """
        self.receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.receiver.bind(self.address)

    def wait_for_wake_up(self, seconds: float) -> bool:
        """Wait for a wake-up, at most *seconds*, and return whether one came; False at once if nobody listens."""
        if self.receiver is None:
            return False
        # Further wake-ups stay in the socket's buffer: each costs one more look at the queue, and none is lost.
        self.receiver.settimeout(seconds)
        with suppress(TimeoutError, BlockingIOError):
            return bool(self.receiver.recv(16))
        return False


class _WakingStorage(SqliteStorage):  # type: ignore[misc]
    """Huey's SQLite storage; taking a task from an empty queue waits for a wake-up."""

    blocking = False

    def __init__(self, *args: Any, filename: str, wake_path: Path, **options: Any) -> None:
        self.wake_socket = WakeSocket(wake_path)
        self.has_shared_file = wake_path == Path(filename)
        """Whether other processes put tasks into this file; if not, a wake-up itself means that there is a task."""
        self.inode = 0
        self.timer: WakeTimer | None = None
        self.on_idle: Callable[[], None] = lambda: None
        """Called in the worker's thread while the queue is empty, at least once a second."""
        super().__init__(*args, filename=filename, **options)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Add a task, and wake the worker."""
        super().enqueue(data, priority)
        self.wake_socket.wake_worker()

    def dequeue(self) -> bytes | None:
        """Take a task; if the queue is empty, first wait for a wake-up, for the timer, or for a second."""
        found = self._pop_task()
        if found is None:
            was_woken = self.wake_socket.wait_for_wake_up(self.timer.seconds_left() if self.timer else _POLL_SECONDS)
            self._reopen_if_replaced()
            if self.timer:
                if was_woken and not self.has_shared_file:
                    self.timer.due_at = 0.0
                self.timer.fire_if_due()
            self.on_idle()
            found = self._pop_task()
        return found

    def _pop_task(self) -> bytes | None:
        """Take a task if there is one. A file that cannot be read counts as empty, and is replaced."""
        try:
            found: bytes | None = super().dequeue()
            return found
        except sqlite3.Error as error:
            log.info("the queue cannot be read (%s)", error)
            self.recover()
            return None

    def read_schedule(self, ts: Any) -> list[bytes]:
        """Return nothing: `timer` replaces Huey's schedule, and reading that each second keeps a computer awake."""
        return []

    def recover(self) -> None:
        """
        Connect to the file again, and replace it if it is damaged.

        A connection that saw damage keeps failing (no such table, disk I/O error), even when another process has
        already replaced the file. A task that was in the file is lost, so the timer becomes due.
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
            log.warning("the queue cannot be created again (%s); retrying", error)
            return
        if self.timer:
            self.timer.due_at = 0.0

    def _create_connection(self) -> sqlite3.Connection:
        # Read before the file is opened, so that a file replaced in between is noticed the next time.
        with suppress(FileNotFoundError):
            self.inode = Path(self.filename).stat().st_ino
        connection: sqlite3.Connection = super()._create_connection()
        return connection

    def _set_journal_mode(self, conn: sqlite3.Connection) -> None:
        # This is the first statement on a new connection. If the file is damaged, Huey drops the connection unclosed.
        try:
            super()._set_journal_mode(conn)
        except sqlite3.Error:
            conn.close()
            raise

    def _reopen_if_replaced(self) -> None:
        """Switch to the new file if ours was deleted and another process has created one."""
        with suppress(FileNotFoundError):
            if Path(self.filename).stat().st_ino != self.inode:
                self.recover()

    def start_listening(self) -> None:
        """Wait for wake-ups from now on; if that is impossible, Huey polls."""
        with suppress(OSError):
            self.wake_socket.listen()
            self.blocking = True


def open_queue(path: Path, wake_path: Path | None = None) -> SqliteHuey:
    """
    Open Huey's file at *path*, and create it if there is none; *wake_path* names the wake-up socket.

    The file holds nothing of value: it is not flushed to the disk, and may be deleted at any time.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return SqliteHuey(
        "kiosk",
        filename=str(path),
        wake_path=wake_path or path,
        storage_class=_WakingStorage,
        results=False,
        utc=True,
        fsync=False,
    )
