"""Locks that the kernel drops when their holder dies, however it dies."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.disposable_files import remove_unusable_file

log = logging.getLogger(__name__)

GUARD_POLL_SECONDS = 2.0
"""Between two looks whether the file of a guarded lock was deleted."""


class LockHeld(Exception):
    """Somebody else holds the lock."""


@contextmanager
def hold_lock(path: Path, *, wait: bool = False, guarded: bool = False) -> Iterator[None]:
    """
    Hold the lock at *path*. While it is *guarded*, a file that is deleted is made and locked again: others ask it
    whether we live.

    Raises:
        Held: another process has it, and we were not to *wait*.
        OSError: there can be no file; it is named.
    """
    handles = [_acquire_lock(path, wait)]
    done = threading.Event()
    guard = threading.Thread(
        target=_guard_lock_file, args=(path, handles, done), name=f"guard {path.name}", daemon=True
    )
    if guarded:
        guard.start()
    try:
        yield
    finally:
        done.set()
        if guarded:
            guard.join()  # or it finds our handle closed, and takes the lock again for good
        for handle in handles:
            os.close(handle)


def _acquire_lock(path: Path, wait: bool) -> int:
    """
    A handle that holds the lock at *path*, whose file is still there.

    Raises:
        Held: another process has it.
        OSError: there can be no file.
    """
    while True:
        handle = _open_lock_file(path)
        try:
            if wait:
                fcntl.flock(handle, fcntl.LOCK_EX)
            else:
                take_lock(handle, path)
            if _is_same_file(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # it was deleted while we waited for it


def _open_lock_file(path: Path) -> int:
    """
    A handle to the file at *path*, which is made where there is none or where it can be no lock.

    Raises:
        Held: it is another user's, who holds it.
        OSError: there can be no file; it is named.
    """
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except (PermissionError, IsADirectoryError):
        if not os.path.lexists(path):
            raise  # it is the folder that takes no files
    try:
        if path.is_file():
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # enough for a lock of this kind
    except PermissionError:
        if _is_locked_by_anyone(path):
            raise LockHeld(str(path)) from None
    remove_unusable_file(path)
    return os.open(path, flags, 0o600)


def _is_locked_by_anyone(path: Path) -> bool:
    """Whether any process of any user holds a lock on the file at *path* (proc_locks(5)); True where nobody knows."""
    try:
        found = path.stat()
        locks = Path("/proc/locks").read_text()
    except OSError:
        return True
    # Some file systems name another device there than stat does, so the inode alone has to do.
    flocks = [line.split() for line in locks.splitlines() if "FLOCK" in line.split()]
    return any(words[-3].rpartition(":")[2] == str(found.st_ino) for words in flocks)


def _guard_lock_file(path: Path, handles: list[int], done: threading.Event) -> None:
    """Until it is *done*, have the file at *path* be one that we hold."""
    while not done.wait(GUARD_POLL_SECONDS):
        try:
            if not _is_same_file(handles[-1], path):
                handles.append(_acquire_lock(path, False))
                log.info("%s was deleted and is there again", path.name)
        except LockHeld:
            log.error("%s was deleted, and another process has taken its place", path.name)
            return
        except OSError:
            continue


def _is_same_file(handle: int, path: Path) -> bool:
    """Whether the file at *path* is the one that *handle* has open."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def take_lock(handle: int, path: Path) -> None:
    """Take the lock now; a moment's patience, for `is_held` takes it for an instant to look."""
    for patience in (0.01, 0.05, 0.1, None):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if patience is None:
                raise LockHeld(str(path)) from None
            time.sleep(patience)


def is_lock_held(path: Path) -> bool:
    """Whether some process holds the lock at *path* right now."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return _is_locked_by_anyone(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
