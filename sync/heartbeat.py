"""
Whether whoever holds a lock still works: a process that was stopped or hangs holds its locks as one that runs does.

The holder writes the time since boot into the lock's own file, every few seconds. Suspending the machine does not count
as silence: the clock that is used stands still meanwhile.
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

HEARTBEAT_SECONDS = 5.0
"""Between two signs of life."""

MAX_SILENCE_SECONDS = 30.0
"""Without one, a holder hangs: six were left out."""

_ENTRY_BYTES = 80


@dataclass(frozen=True, slots=True)
class HungProcess:
    """A process that holds a lock and shows no sign of life."""

    pid: int
    silent_seconds: float
    """Since its last."""


@contextmanager
def hold_lock_with_heartbeat(path: Path, is_healthy: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """
    Hold the lock at *path*, also where its file is deleted, and show signs of life for as long as *is_healthy* says so.

    Raises:
        Held: another process has it.
    """
    with hold_lock(path, guarded=True), _write_heartbeats(path, is_healthy):
        yield


@contextmanager
def _write_heartbeats(path: Path, is_healthy: Callable[[], bool]) -> Iterator[None]:
    """Show signs of life in the file at *path*, from a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            if is_healthy():
                _write_entry(path, f"{os.getpid()} {read_boot_id()} {time.monotonic():.1f}")

    _write_entry(path, f"{os.getpid()} {read_boot_id()} {time.monotonic():.1f}")
    thread = threading.Thread(target=beat, name=f"heartbeat {path.stem}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _write_entry(path, "")


def find_hung_holder(path: Path) -> HungProcess | None:
    """Who holds the lock at *path* and hangs; None where nobody does, as far as that can be known."""
    if not is_lock_held(path):
        return None
    with suppress(OSError, ValueError):
        pid, boot, at = path.read_text(encoding="ascii").split()
        seconds = time.monotonic() - float(at)
        if boot == read_boot_id() and seconds > MAX_SILENCE_SECONDS:
            return HungProcess(int(pid), seconds)
    return None


def is_holder_alive(path: Path) -> bool:
    """Whether somebody holds the lock at *path*, and does not hang."""
    return is_lock_held(path) and find_hung_holder(path) is None


def _write_entry(path: Path, entry: str) -> None:
    """Write *entry* into the lock's file; a disk that is full or gone costs no more than the sign."""
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(handle, f"{entry:<{_ENTRY_BYTES}}".encode() if entry else b"", 0)
            if not entry:
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)
