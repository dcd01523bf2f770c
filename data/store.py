"""The store: opening it, and writing to it all or nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlite_utils import Database

from data.checkpoint import LOG_PAGES, check_written, has_frame, move_log
from data.errors import StoreDamaged, StoreError, StoreMoved, translated
from data.opening import connect
from data.place import PLACES, check_place, give_up, size_of
from data.rescue import reopen

Answer = TypeVar("Answer")

Store: TypeAlias = Database
"""An open database, under the name by which the other packages know it."""

LOG_BYTES = LOG_PAGES * 4096

BUSY_SECONDS = 30.0
"""How long to wait for another process: SQLite's lock is unfair, and five seconds were measured to be too few."""


def open_store(path: Path, *, patience: float | None = None, shared: bool = False, create: bool = True) -> Database:
    """
    Open the database at *path*, brought up to date where needed; only its owner can read it.

    What is committed is flushed to the disk. A connection belongs to the thread that opened it; where it is *shared*
    threads may take turns with it. *patience* is how many seconds it waits for another process, instead of
    `BUSY_SECONDS`. Where there is none it is made, unless *create* says that the caller only reads.

    Raises:
        StoreMissing: there is none, and it is not to be made; or there is only its log.
        StoreError: the file cannot be made, opened or migrated.
    """
    wait = BUSY_SECONDS if patience is None else patience
    try:
        return connect(path, wait, is_shared=shared, may_create=create)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except OSError as error:
        raise translated(sqlite3.OperationalError(f"{path}: {error.strerror}"), path) from error


def asked(db: Database, work: Callable[[Database], Answer]) -> Answer:
    """
    What *work* answers.

    Raises:
        StoreError: the database cannot be used now.
    """
    stay_in_place(db)
    try:
        return work(db)
    except sqlite3.Error as error:
        raise explained(db, error) from error


def stay_in_place(db: Database) -> None:
    """
    See that *db* has the files at its place open; where others took it, they get all that *db* sees.

    Raises:
        StoreMoved, StoreDamaged: that cannot be done now.
    """
    place = PLACES.get(db)
    if place is None:
        return
    if place.trouble is None:
        try:
            check_place(db)
        except StoreMoved:
            reopen(db)
        return
    reopen(db)


def explained(db: Database, error: sqlite3.Error) -> StoreError:
    """What *error* means to the people at the booth; a connection that met damage is not used again."""
    place = PLACES.get(db)
    found = translated(error, place.path if place else None)
    if place and isinstance(found, StoreDamaged):
        return give_up(place, found)
    return found


@contextmanager
def patience(db: Database, seconds: float) -> Iterator[None]:
    """Meanwhile *db* waits for other processes for so long."""
    before = db.execute("pragma busy_timeout").fetchone()[0]
    db.execute(f"pragma busy_timeout = {round(seconds * 1000)}")
    try:
        yield
    finally:
        db.execute(f"pragma busy_timeout = {before}")


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """
    One transaction: all that is written inside is committed and flushed at the end, or nothing is.

    It takes the write lock at once: a transaction that reads first and writes later fails without waiting. That the
    files are still those at their place is looked at before and after: only what is there counts as written.

    Raises:
        StoreError: nothing was written, as far as anybody finds it.
    """
    try:
        stay_in_place(db)
        db.conn.execute("begin immediate")
        try:
            check_written(db)
            yield
            db.conn.execute("commit")
        except BaseException:
            db.rollback()
            raise
        check_place(db)
        _move_long_log(db)
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise explained(db, error) from error


def _move_long_log(db: Database) -> None:
    """Move a very long log into the file, where no worker does it; what was saved is saved, whatever comes of that."""
    place = PLACES.get(db)
    if place is not None:
        log = Path(place.names[1])
        if size_of(log) > LOG_BYTES and has_frame(log, LOG_PAGES):
            with suppress(StoreError, sqlite3.Error, OSError):
                move_log(db)
