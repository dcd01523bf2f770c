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

from data.clock import boot_id
from sync.lock import held, is_held

BEAT_SECONDS = 5.0
"""Between two signs of life."""

SILENT_SECONDS = 30.0
"""Without one, a holder hangs: six were left out."""

_ENTRY_BYTES = 80


@dataclass(frozen=True, slots=True)
class Hanging:
    """A process that holds a lock and shows no sign of life."""

    pid: int
    seconds: float
    """Since its last."""


@contextmanager
def held_alive(path: Path, is_well: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """
    Hold the lock at *path*, also where its file is deleted, and show signs of life for as long as *is_well* says so.

    Raises:
        Held: another process has it.
    """
    with held(path, guarded=True), _beating(path, is_well):
        yield


@contextmanager
def _beating(path: Path, is_well: Callable[[], bool]) -> Iterator[None]:
    """Show signs of life in the file at *path*, from a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            if is_well():
                _write(path, f"{os.getpid()} {boot_id()} {time.monotonic():.1f}")

    _write(path, f"{os.getpid()} {boot_id()} {time.monotonic():.1f}")
    thread = threading.Thread(target=beat, name=f"heartbeat {path.stem}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _write(path, "")


def hanging(path: Path) -> Hanging | None:
    """Who holds the lock at *path* and hangs; None where nobody does, as far as that can be known."""
    if not is_held(path):
        return None
    with suppress(OSError, ValueError):
        pid, boot, at = path.read_text(encoding="ascii").split()
        seconds = time.monotonic() - float(at)
        if boot == boot_id() and seconds > SILENT_SECONDS:
            return Hanging(int(pid), seconds)
    return None


def is_alive(path: Path) -> bool:
    """Whether somebody holds the lock at *path*, and does not hang."""
    return is_held(path) and hanging(path) is None


def _write(path: Path, entry: str) -> None:
    """Write *entry* into the lock's file; a disk that is full or gone costs no more than the sign."""
    with suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(handle, f"{entry:<{_ENTRY_BYTES}}".encode() if entry else b"", 0)
            if not entry:
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)
