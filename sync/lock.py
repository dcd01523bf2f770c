"""Locks that the kernel drops when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Held(Exception):
    """Somebody else holds the lock."""


@contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[None]:
    """
    Hold the lock at *path*.

    Raises:
        Held: another process has it, and we were not to *wait*.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        if wait:
            fcntl.flock(handle, fcntl.LOCK_EX)
        else:
            take(handle, path)
        yield
    finally:
        os.close(handle)


def take(handle: int, path: Path) -> None:
    """Take the lock now; a moment's patience, for `is_held` takes it for an instant to look."""
    for patience in (0.01, 0.05, 0.1, None):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if patience is None:
                raise Held(str(path)) from None
            time.sleep(patience)


def is_held(path: Path) -> bool:
    """Whether some process holds the lock at *path* right now."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
