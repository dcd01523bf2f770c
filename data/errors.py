"""
What can go wrong with the store.

    StoreError          nobody raises it
    ├── DiskFull        there is no room: nothing was saved, and it will work again when there is
    ├── StoreBusy       another process held the database for longer than we wait
    └── StoreUnusable   the file cannot be opened, read or written as it is
        ├── StoreTooNew     a newer version of the kiosk has made it
        ├── StoreMissing    there is no file, and the caller may not make one
        │   └── LogOrphaned     but its log is there, and holds leads
        ├── StoreMoved      the file, or one of its side files, is not where it was opened
        ├── StoreDamaged    its bytes are not those of a database any more
        └── DiskReadOnly    the disk takes no writes
"""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path


class StoreError(Exception):
    """The store did not do what was asked, and changed nothing; `str()` of it is a sentence for booth staff."""


class DiskFull(StoreError):
    """There is no room on the disk."""


class StoreBusy(StoreError):
    """Another process held the database for longer than we wait."""


class StoreUnusable(StoreError):
    """The file cannot be opened, read or written as it is."""


class StoreTooNew(StoreUnusable):
    """A newer version of the kiosk has made the file."""


class StoreMissing(StoreUnusable):
    """There is no database, and whoever asked only reads."""


class LogOrphaned(StoreMissing):
    """The log of a database is there, and the database is not."""


class StoreMoved(StoreUnusable):
    """The file or its log was moved, replaced or deleted while it was open."""


class StoreDamaged(StoreUnusable):
    """The file does not hold a whole database any more."""


class DiskReadOnly(StoreUnusable):
    """The disk takes no writes."""


STORE_WIDE_ERRORS = (StoreBusy, DiskFull, DiskReadOnly, StoreMissing, StoreMoved, StoreDamaged, StoreTooNew)
"""Errors that meet every lead alike: after one of them it is no use to try the next."""

DISK_FULL_MESSAGE = "The disk is full: nothing was saved. Free some space; saving goes on by itself."

_READ_ONLY_MESSAGE = (
    "The disk takes no writes any more (it is read-only): nothing was saved. Export the leads to another disk, start "
    "this device again, and replace its card or disk if that happens once more."
)

DAMAGED_MESSAGE = (
    "The database is damaged: nothing was saved. The kiosk sets the file aside and reads what is left of it; "
    "where none runs, start `kiosk run`."
)

_DISK_FULL_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
"""What SQLite answers on a full disk; writing to the log and growing the shared memory fail with their own codes."""

_READ_ONLY_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""Codes that a disk which went read-only is answered with; none of them says that it is one."""


def translate_error(error: sqlite3.Error, path: Path | None = None) -> StoreError:
    """The member of our family that says what *error* means to the people at the booth; *path* is the database's."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code & 0xFF in _READ_ONLY_CODES and path is not None and _is_read_only(path.parent):
        return DiskReadOnly(_READ_ONLY_MESSAGE)
    if code in _DISK_FULL_CODES:
        return DiskFull(DISK_FULL_MESSAGE)
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy("The database is busy with another program: nothing was saved. Try again.")
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(DAMAGED_MESSAGE)
    return StoreUnusable(f"The database cannot be used ({error}): nothing was saved. Check the disk and its owner.")


def _is_read_only(folder: Path) -> bool:
    """
    Whether the disk that holds *folder* takes no writes.

    A file system that stops after an error is not always mounted read-only in name, so one write is tried as well.
    """
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return True
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        return error.errno == errno.EROFS
    return False
