"""The store: opens the database, and writes to it in transactions."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlite_utils import Database

from data.checkpoint import MAX_LOG_PAGES, check_file_state, has_reached_frame, run_checkpoint
from data.errors import StoreDamaged, StoreError, StoreMoved, translate_error
from data.file_identity import OPEN_DATABASES, check_files, find_file_size, mark_unusable
from data.opening import open_connection
from data.recovery import reopen_database

_Result = TypeVar("_Result")

Store: TypeAlias = Database
"""An open database, as other packages call it: only the modules of `data` know that it is one of sqlite-utils."""

# A cheap first test: a log that is smaller than this cannot hold `MAX_LOG_PAGES`.
_MAX_LOG_BYTES = MAX_LOG_PAGES * 4096

# How long to wait for another process that holds the database. Long, because SQLite's lock is unfair: five seconds
# turned out to be too few.
BUSY_TIMEOUT_SECONDS = 30.0


def open_store(
    path: Path, *, timeout_seconds: float | None = None, is_shared: bool = False, may_create: bool = True
) -> Database:
    """
    Open the database at *path*, migrated if necessary; only its owner can read it.

    What is committed is flushed to the disk. Only the thread that opened a connection may use it; with *is_shared*,
    threads may take turns. *timeout_seconds* is how long to wait for other processes, instead of
    `BUSY_TIMEOUT_SECONDS`. A missing database is created, unless *may_create* is false.

    Raises:
        StoreMissing: there is no database, and it may not be created; or there is only its log.
        StoreError: the file cannot be created, opened or migrated.
    """
    wait = BUSY_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
    try:
        return open_connection(path, wait, is_shared=is_shared, may_create=may_create)
    except sqlite3.Error as error:
        raise translate_error(error, path) from error
    except OSError as error:
        raise translate_error(sqlite3.OperationalError(f"{path}: {error.strerror}"), path) from error


def run_query(db: Database, query: Callable[[Database], _Result]) -> _Result:
    """
    Run *query* on *db* and return its result, with errors of SQLite translated.

    Raises:
        StoreError: the database cannot be used now.
    """
    ensure_files_in_place(db)
    try:
        return query(db)
    except sqlite3.Error as error:
        raise to_store_error(db, error) from error


def ensure_files_in_place(db: Database) -> None:
    """
    Make sure that *db* has the files at its path open; if they were replaced, reopen them and add what *db* still sees.

    Raises:
        StoreMoved, StoreDamaged: that cannot be done now.
    """
    files = OPEN_DATABASES.get(db)
    if files is None:
        return
    if files.error is None:
        with suppress(StoreMoved):
            check_files(db)
            return
    reopen_database(db)


def to_store_error(db: Database, error: sqlite3.Error) -> StoreError:
    """Return the `StoreError` for *error*; a connection that found damage is marked as unusable."""
    files = OPEN_DATABASES.get(db)
    found = translate_error(error, files.path if files else None)
    if files and isinstance(found, StoreDamaged):
        return mark_unusable(files, found)
    return found


@contextmanager
def busy_timeout(db: Database, seconds: float) -> Iterator[None]:
    """Wait only *seconds* for other processes, until the context ends."""
    before = db.execute("pragma busy_timeout").fetchone()[0]
    db.execute(f"pragma busy_timeout = {round(seconds * 1000)}")
    try:
        yield
    finally:
        db.execute(f"pragma busy_timeout = {before}")


@contextmanager
def write_transaction(db: Database) -> Iterator[None]:
    """
    Write in one transaction: everything written inside is committed and flushed at the end, or nothing is.

    Raises:
        StoreError: nothing was saved; what was written is not in the files at the path.
        sqlite3.IntegrityError: a constraint failed; nothing was saved.
    """
    with _translate_errors(db):
        ensure_files_in_place(db)
        # Takes the write lock at once: a transaction that reads first and writes later fails without waiting.
        db.conn.execute("begin immediate")
        try:
            check_file_state(db)
            yield
            db.conn.execute("commit")
        except BaseException:
            db.rollback()
            raise
        # Only what is in the files at their path counts as written.
        check_files(db)
        _checkpoint_long_log(db)


@contextmanager
def savepoint(db: Database, name: str) -> Iterator[None]:
    """
    Undo only what is written inside if it fails, not the whole transaction. Runs inside `write_transaction`.

    After an operational error, such as a full disk, nothing is undone here: SQLite may have ended the transaction, so
    the whole of it has to fail.
    """
    db.conn.execute(f"savepoint {name}")
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except BaseException:
        db.conn.execute(f"rollback to {name}")
        db.conn.execute(f"release {name}")
        raise
    db.conn.execute(f"release {name}")


@contextmanager
def _translate_errors(db: Database) -> Iterator[None]:
    """
    Translate SQLite's errors to ours, except those of constraints.

    Raises:
        StoreError: SQLite failed.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise to_store_error(db, error) from error


def _checkpoint_long_log(db: Database) -> None:
    """Checkpoint a very long log, in case no worker does it. A failure is ignored: what was saved is saved."""
    files = OPEN_DATABASES.get(db)
    if files is not None:
        log = Path(files.names[1])
        if find_file_size(log) > _MAX_LOG_BYTES and has_reached_frame(log, MAX_LOG_PAGES):
            with suppress(StoreError, sqlite3.Error, OSError):
                run_checkpoint(db)
