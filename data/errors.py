"""
What can go wrong with the store.

    StoreError          never raised itself
    ├── DiskFull        the disk is full: nothing was saved, and saving works again once there is room
    ├── StoreBusy       another process held the database for longer than we wait
    └── StoreUnusable   the file cannot be opened, read or written as it is
        ├── StoreTooNew     a newer version of the kiosk made it
        ├── StoreMissing    there is no file to open, and none may be created
        │   └── LogOrphaned     the log still exists and holds leads, so nobody may create one
        ├── StoreMoved      the file, or one of its side files, is not where it was opened
        ├── StoreDamaged    the file no longer holds a complete database
        └── DiskReadOnly    the disk is read-only
"""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path

from data.language import N_, _


class StoreError(Exception):
    """Nothing was written; `str()` is a sentence for booth staff."""


class DiskFull(StoreError):
    """The disk is full."""


class StoreBusy(StoreError):
    """Another process held the database for longer than we wait."""


class StoreUnusable(StoreError):
    """The file cannot be opened, read or written as it is."""


class StoreTooNew(StoreUnusable):
    """A newer version of the kiosk made the file."""


class StoreMissing(StoreUnusable):
    """There is no database, and the caller may not create one."""


class LogOrphaned(StoreMissing):
    """The log of a database exists, but the database does not."""


class StoreMoved(StoreUnusable):
    """The file or its log was moved, replaced or deleted while it was open."""


class StoreDamaged(StoreUnusable):
    """The file no longer holds a complete database."""


class DiskReadOnly(StoreUnusable):
    """The disk is read-only."""


STORE_WIDE_ERRORS = (StoreBusy, DiskFull, DiskReadOnly, StoreMissing, StoreMoved, StoreDamaged, StoreTooNew)
"""Errors that affect every lead alike: after one of them there is no point in trying the next lead."""

DISK_FULL_MESSAGE = N_("The disk is full: nothing was saved. Free some space; saving then resumes automatically.")

_READ_ONLY_MESSAGE = N_(
    "The disk has become read-only: nothing was saved. Export the leads to another disk and restart this device. If it "
    "happens again, replace its memory card or disk."
)

DAMAGED_MESSAGE = N_(
    "The database is damaged: nothing was saved. A running kiosk sets the file aside and recovers what it can from it; "
    "if no kiosk is running, start one with `kiosk run`."
)

_BUSY_MESSAGE = N_("Another program is using the database: nothing was saved. Try again.")

# The same for a command that only reads, where it would be odd to say that nothing was saved.
_READING_MESSAGES = {
    DAMAGED_MESSAGE: N_(
        "The database is damaged. A running kiosk sets the file aside and recovers what it can from it; if no kiosk is "
        "running, start one with `kiosk run`."
    ),
    _BUSY_MESSAGE: N_("Another program is using the database. Try again."),
    DISK_FULL_MESSAGE: N_("The disk is full. Free some space; saving then resumes automatically."),
}

_DISK_FULL_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
"""What SQLite returns on a full disk; writing to the log and growing the shared memory fail with codes of their own."""

_READ_ONLY_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""What SQLite returns on a disk that has become read-only; none of the codes is specific to that."""


def translate_error(error: sqlite3.Error, path: Path | None = None) -> StoreError:
    """Return the `StoreError` that says what *error* means to booth staff; *path* is that of the database."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code & 0xFF in _READ_ONLY_CODES and path is not None and _is_read_only(path.parent):
        return DiskReadOnly(_(_READ_ONLY_MESSAGE))
    if code in _DISK_FULL_CODES:
        return DiskFull(_(DISK_FULL_MESSAGE))
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(_(_BUSY_MESSAGE))
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(_(DAMAGED_MESSAGE))
    message = _("The database cannot be used ({error}): nothing was saved. Check the disk and the owner of the file.")
    return StoreUnusable(message.format(error=error))


def describe_for_reader(error: StoreError) -> str:
    """Return the sentence of *error* for a command that only reads: it does not say that nothing was saved."""
    sentence = str(error)
    return next((_(reading) for message, reading in _READING_MESSAGES.items() if sentence == _(message)), sentence)


def _is_read_only(folder: Path) -> bool:
    """
    Return whether the disk that holds *folder* is read-only.

    A file system that stops after an error does not always report itself as read-only, so one write is tried as well.
    """
    try:
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            return True
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        return error.errno == errno.EROFS
    return False
