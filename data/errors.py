"""
What can go wrong with the store.

    StoreError          nobody raises it
    ├── DiskFull        there is no room: nothing was saved, and it will work again when there is
    ├── StoreBusy       another process held the database for longer than we wait
    └── StoreUnusable   the file cannot be opened, read or written as it is
        └── StoreTooNew     a newer version of the kiosk has made it
"""

import sqlite3


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


NO_ROOM = "The disk is full: nothing was saved. Free some space; saving goes on by itself."

FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
"""What SQLite answers on a full disk; writing to the log and growing the shared memory fail with their own codes."""


def translated(error: sqlite3.Error) -> StoreError:
    """The member of our family that says what *error* means to the people at the booth."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code in FULL:
        return DiskFull(NO_ROOM)
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy("The database is busy with another program: nothing was saved. Try again.")
    return StoreUnusable(f"The database cannot be used ({error}): nothing was saved. Check the disk and its owner.")
