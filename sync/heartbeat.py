"""
Heartbeats of the processes that hold locks: a process that is stopped or hangs keeps its locks.

The holder writes the time since boot into the lock's own file every few seconds. That clock stands still while the
machine is suspended, so that a suspension does not count as silence.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from data.clock import read_boot_id
from sync.file_lock import hold_lock, is_lock_held

# The time between two heartbeats.
_HEARTBEAT_SECONDS = 5.0

# How long a holder may send no heartbeat before it counts as hung: six are missing then.
MAX_SILENCE_SECONDS = 30.0

# The size that entries are padded to.
_ENTRY_BYTES = 80


@dataclass(frozen=True, slots=True)
class HungProcess:
    """A process that holds a lock and sends no heartbeats."""

    pid: int
    silent_seconds: float
    """Since its last heartbeat."""


@contextmanager
def hold_lock_with_heartbeat(path: Path, is_healthy: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """
    Hold the guarded lock at *path*, and send heartbeats for as long as *is_healthy* returns True.

    Raises:
        LockHeld: another process has the lock.
    """
    with hold_lock(path, guarded=True), _write_heartbeats(path, is_healthy):
        yield


@contextmanager
def _write_heartbeats(path: Path, is_healthy: Callable[[], bool]) -> Iterator[None]:
    """Write heartbeats into the file at *path*, in a thread."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_HEARTBEAT_SECONDS):
            if is_healthy():
                _write_entry(path, f"{os.getpid()} {read_boot_id()} {time.monotonic():.1f}")

    _write_entry(path, f"{os.getpid()} {read_boot_id()} {time.monotonic():.1f}")
    thread = threading.Thread(target=beat, name=f"heartbeat {path.stem}", daemon=True)  # not shown: a thread's name
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _write_entry(path, "")


def find_hung_holder(path: Path) -> HungProcess | None:
    """Return the hung process that holds the lock at *path*; None if there is none, or if that cannot be determined."""
    if not is_lock_held(path):
        return None
    with suppress(OSError, ValueError):
        pid, boot, at = path.read_text(encoding="ascii").split()
        seconds = time.monotonic() - float(at)
        # After a restart of the machine the times of the previous boot mean nothing.
        if boot == read_boot_id() and seconds > MAX_SILENCE_SECONDS:
            return HungProcess(int(pid), seconds)
    return None


def is_holder_alive(path: Path) -> bool:
    """Return whether a process holds the lock at *path*, and does not hang."""
    return is_lock_held(path) and find_hung_holder(path) is None


def _write_entry(path: Path, entry: str) -> None:
    """Write *entry* into the lock's file; where the disk is full or gone, only the heartbeat is lost."""
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            # Padded to a fixed size, so that a shorter entry leaves nothing of a longer one.
            os.pwrite(handle, f"{entry:<{_ENTRY_BYTES}}".encode() if entry else b"", 0)
            if not entry:
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)
