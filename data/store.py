"""The store: opening it, and writing to it all or nothing."""

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

Result = TypeVar("Result")

Store: TypeAlias = Database
"""An open database, under the name by which the other packages know it."""

_MAX_LOG_BYTES = MAX_LOG_PAGES * 4096

BUSY_TIMEOUT_SECONDS = 30.0
"""How long to wait for another process: SQLite's lock is unfair, and five seconds were measured to be too few."""


def open_store(
    path: Path, *, timeout_seconds: float | None = None, is_shared: bool = False, may_create: bool = True
) -> Database:
    """
    Open the database at *path*, brought up to date where needed; only its owner can read it.

    What is committed is flushed to the disk. A connection belongs to the thread that opened it; where it is *shared*
    threads may take turns with it. *patience* is how many seconds it waits for another process, instead of
    `BUSY_SECONDS`. Where there is none it is made, unless *may_create* says that the caller only reads.

    Raises:
        StoreMissing: there is none, and it is not to be made; or there is only its log.
        StoreError: the file cannot be made, opened or migrated.
    """
    wait = BUSY_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
    try:
        return open_connection(path, wait, is_shared=is_shared, may_create=may_create)
    except sqlite3.Error as error:
        raise translate_error(error, path) from error
    except OSError as error:
        raise translate_error(sqlite3.OperationalError(f"{path}: {error.strerror}"), path) from error


def run_query(db: Database, query: Callable[[Database], Result]) -> Result:
    """
    What *query* answers.

    Raises:
        StoreError: the database cannot be used now.
    """
    ensure_files_in_place(db)
    try:
        return query(db)
    except sqlite3.Error as error:
        raise explain_error(db, error) from error


def ensure_files_in_place(db: Database) -> None:
    """
    See that *db* has the files at its place open; where others took it, they get all that *db* sees.

    Raises:
        StoreMoved, StoreDamaged: that cannot be done now.
    """
    place = OPEN_DATABASES.get(db)
    if place is None:
        return
    if place.error is None:
        try:
            check_files(db)
        except StoreMoved:
            reopen_database(db)
        return
    reopen_database(db)


def explain_error(db: Database, error: sqlite3.Error) -> StoreError:
    """What *error* means to the people at the booth; a connection that met damage is not used again."""
    place = OPEN_DATABASES.get(db)
    found = translate_error(error, place.path if place else None)
    if place and isinstance(found, StoreDamaged):
        return mark_unusable(place, found)
    return found


@contextmanager
def busy_timeout(db: Database, seconds: float) -> Iterator[None]:
    """Meanwhile *db* waits for other processes for so long."""
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
        StoreError: nothing was written, as far as anybody finds it.
    """
    with explain_errors(db):
        begin_write(db)
        try:
            yield
        except BaseException:
            db.rollback()
            raise
        commit_write(db)


@contextmanager
def savepoint(db: Database, name: str) -> Iterator[None]:
    """
    Undo what is written inside where it fails, but nothing else of the transaction. Runs inside `write_transaction`.

    After an operational error, such as a full disk, nothing is undone here: SQLite may have ended the transaction, and
    all of it has to fail.
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


def begin_write(db: Database) -> None:
    """
    Begin a transaction and take the write lock.

    At once, because a transaction that reads first and writes later fails without waiting.

    Raises:
        StoreError: nothing was begun. The files are no longer those at their place, or another process writes.
    """
    with explain_errors(db):
        ensure_files_in_place(db)
        db.conn.execute("begin immediate")
        try:
            check_file_state(db)
        except BaseException:
            db.rollback()
            raise


def commit_write(db: Database) -> None:
    """
    Commit and flush.

    Raises:
        StoreError: nothing was written. Only what is in the files at their place counts as written.
    """
    with explain_errors(db):
        try:
            db.conn.execute("commit")
        except BaseException:
            db.rollback()
            raise
        check_files(db)
        _checkpoint_long_log(db)


@contextmanager
def explain_errors(db: Database) -> Iterator[None]:
    """
    Translate SQLite's errors to ours, other than those of constraints.

    Raises:
        StoreError: SQLite failed.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise explain_error(db, error) from error


def _checkpoint_long_log(db: Database) -> None:
    """Move a very long log into the file, where no worker does it; what was saved is saved, whatever comes of that."""
    place = OPEN_DATABASES.get(db)
    if place is not None:
        log = Path(place.names[1])
        if find_file_size(log) > _MAX_LOG_BYTES and has_reached_frame(log, MAX_LOG_PAGES):
            with suppress(StoreError, sqlite3.Error, OSError):
                run_checkpoint(db)
