"""File locks, which the kernel releases when their holder dies, however it dies."""

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

# How often a guarded lock checks whether its file was deleted.
GUARD_POLL_SECONDS = 2.0


class LockHeld(Exception):
    """Another process holds the lock."""


@contextmanager
def hold_lock(path: Path, *, wait: bool = False, guarded: bool = False) -> Iterator[None]:
    """
    Hold the lock at *path*.

    If somebody deletes the file of a *guarded* lock, it is created and locked again: other processes tell by the lock
    whether this one is alive.

    Raises:
        LockHeld: another process has the lock, and *wait* is false.
        OSError: the file cannot be created; the error names it.
    """
    handles = [_acquire_lock(path, wait)]
    done = threading.Event()
    guard = threading.Thread(
        target=_guard_lock_file,
        args=(path, handles, done),
        name=f"guard {path.name}",  # not shown: a thread's name
        daemon=True,
    )
    if guarded:
        guard.start()
    try:
        yield
    finally:
        done.set()
        if guarded:
            guard.join()  # otherwise it could find our handle closed, and lock the file again for as long as we run
        for handle in handles:
            os.close(handle)


def _acquire_lock(path: Path, wait: bool) -> int:
    """
    Return a handle that holds the lock at *path*.

    Raises:
        LockHeld: another process has it.
        OSError: the file cannot be created.
    """
    while True:
        handle = _open_lock_file(path)
        try:
            if wait:
                fcntl.flock(handle, fcntl.LOCK_EX)
            else:
                _take_lock(handle, path)
            if _is_same_file(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # the file was deleted while we waited


def _open_lock_file(path: Path) -> int:
    """
    Open the file at *path*; create it if there is none, and replace it if it cannot be a lock.

    Raises:
        LockHeld: the file belongs to another user, and one of their processes holds the lock.
        OSError: the file cannot be created; the error names it.
    """
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except (PermissionError, IsADirectoryError):
        if not os.path.lexists(path):
            raise  # files cannot be created in the folder
    try:
        if path.is_file():
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # flock(2) needs no more
    except PermissionError:
        if _is_locked_by_anyone(path):
            raise LockHeld(str(path)) from None
    remove_unusable_file(path)
    return os.open(path, flags, 0o600)


def _is_locked_by_anyone(path: Path) -> bool:
    """Return whether any user's process locks the file at *path* (proc_locks(5)); True if that cannot be determined."""
    try:
        found = path.stat()
        locks = Path("/proc/locks").read_text()
    except OSError:
        return True
    # On some file systems the device there differs from that of stat(2), so only the inode is compared.
    flocks = [line.split() for line in locks.splitlines() if "FLOCK" in line.split()]
    return any(words[-3].rpartition(":")[2] == str(found.st_ino) for words in flocks)


def _guard_lock_file(path: Path, handles: list[int], done: threading.Event) -> None:
    """Create and lock the file at *path* again whenever it was deleted, until *done*."""
    while not done.wait(GUARD_POLL_SECONDS):
        try:
            if not _is_same_file(handles[-1], path):
                handles.append(_acquire_lock(path, False))
                log.info("%s was deleted and has been created again", path.name)
        except LockHeld:
            log.error("%s was deleted, and another process has locked a new one", path.name)
            return
        except OSError:
            continue


def _is_same_file(handle: int, path: Path) -> bool:
    """Return whether the file at *path* is the one that *handle* has open."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _take_lock(handle: int, path: Path) -> None:
    """Take the lock without waiting for its holder; retry briefly, because `is_lock_held` holds it for an instant."""
    for pause in (0.01, 0.05, 0.1, None):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if pause is None:
                raise LockHeld(str(path)) from None
            time.sleep(pause)


def is_lock_held(path: Path) -> bool:
    """Return whether a process holds the lock at *path* right now."""
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
