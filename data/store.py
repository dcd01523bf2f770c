"""Opening the SQLite file, and writing to it all or nothing."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlite_utils import Database

from data.errors import StoreTooNew, StoreUnusable, translated
from data.migrations import migrations
from data.place import check_place, remember_place

Answer = TypeVar("Answer")

Store: TypeAlias = Database
"""An open database, under the name by which the other packages know it."""

LOG_PAGES = 10_000
"""Of the log, after which a save moves it into the file itself: forty megabytes, where no worker runs to do it."""

LONG_LOG = 1_000
"""Pages of the log that are worth moving: the save that begins a log anew is flushed twice, so that has to be rare."""

WAL_HEADER, FRAME_HEADER = 32, 24
"""Bytes of the head of a log, and of the head of each of its frames; a frame is one page."""

TOO_NEW = "The database was made by a newer version of the kiosk: nothing was changed. Update the kiosk on this device."

BUSY_SECONDS = 30.0
"""How long to wait for another process: SQLite's lock is unfair, and five seconds were measured to be too few."""


def open_store(path: Path, *, patience: float | None = None, shared: bool = False) -> Database:
    """
    Open the database at *path*, made and brought up to date where needed; only its owner can read it.

    What is committed is flushed to the disk. A connection belongs to the thread that opened it; where it is *shared*
    threads may take turns with it. *patience* is how many seconds it waits for another process, instead of
    `BUSY_SECONDS`.

    Raises:
        StoreError: the file cannot be made, opened or migrated.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(path)
        wait = BUSY_SECONDS if patience is None else patience
        return set_up(Database(sqlite3.connect(path, timeout=wait, check_same_thread=not shared)), path)
    except sqlite3.Error as error:
        raise translated(error) from error
    except OSError as error:
        raise translated(sqlite3.OperationalError(f"{path}: {error.strerror}")) from error


def open_existing(path: Path, *, patience: float | None = None, shared: bool = False) -> Database:
    """
    The same for a database that was there before: where it is gone none is made in its place.

    Raises:
        StoreError: there is none, or it cannot be opened.
    """
    if not path.exists():
        raise StoreUnusable(f"The database is not at its place: put it back as {path}. Until then nothing is saved.")
    return open_store(path, patience=patience, shared=shared)


def make_private(path: Path) -> None:
    """
    Make an empty file at *path* that only its owner can read, where there is none; complain of one that is no use.

    The file is never opened here: when any handle of a process to a file is closed, POSIX drops all its locks, so
    that another process would take our log for nobody's and delete it (sqlite.org/howtocorrupt.html, section 2.2).
    """
    with suppress(FileExistsError):
        os.mknod(path, 0o600)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def set_up(db: Database, path: Path) -> Database:
    """Make a new connection one of ours; where that fails the file is let go."""
    try:
        db.conn.row_factory = sqlite3.Row
        # SQLite's own lower() knows the 26 letters of ASCII only.
        db.conn.create_function("casefold", 1, str.casefold, deterministic=True)
        db.conn.create_function("text_of", 1, payload_text, deterministic=True)
        migrate(db, path)
        remember_place(db, path)
        db.execute("pragma synchronous = full")
        db.execute("pragma foreign_keys = on")
        db.execute(f"pragma wal_autocheckpoint = {LOG_PAGES}")
    except BaseException:
        db.close()
        raise
    return db


def payload_text(payload: bytes | None) -> str:
    """What a payload says as text; it may be in any encoding, and no statement may fail on that."""
    return (payload or b"").decode("utf-8", "replace")


def migrate(db: Database, path: Path) -> None:
    """
    Bring the tables up to date; one process at a time, for two that migrate together race.

    Raises:
        StoreTooNew: they are of a newer version.
    """
    if are_known(db) and db.journal_mode == "wal":
        return
    lock = os.open(f"{path}.migrate.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(lock, 0o600)  # an older version made it for everybody to read
        fcntl.flock(lock, fcntl.LOCK_EX)
        are_known(db)  # or nothing is changed
        db.enable_wal()
        migrations.apply(db)
    finally:
        os.close(lock)


def are_known(db: Database) -> bool:
    """
    Whether the tables are as this version has them.

    Raises:
        StoreTooNew: they are of a newer version, whose leads this one would not understand.
    """
    applied = {migration.name for migration in migrations.applied(db)}
    if not applied <= known():
        raise StoreTooNew(TOO_NEW)
    return applied == known()


@cache
def known() -> frozenset[str]:
    """The names of all migrations that this version has."""
    with closing(sqlite3.connect(":memory:")) as nothing:
        return frozenset(migration.name for migration in migrations.pending(Database(nothing)))


def checkpoint(db: Database) -> None:
    """Move a long log into the file, as far as nobody has to wait for it; the worker asks for it after each drain."""
    path = db.execute("pragma database_list").fetchone()["file"]
    if has_frame(Path(f"{path}-wal"), LONG_LOG):
        db.execute("pragma wal_checkpoint(passive)").fetchall()


def has_frame(log: Path, number: int) -> bool:
    """
    Whether the log has come to its frame *number* since it was begun; after that, older frames are left over there.

    SQLite tells the length of a log only to whoever moves it, but all frames of one log carry the salt of its
    header (sqlite.org/fileformat2.html, section 4.1). Nobody locks this file, so closing it gives no lock away.
    """
    try:
        with log.open("rb") as file:
            header = file.read(WAL_HEADER)
            file.seek(WAL_HEADER + (number - 1) * (FRAME_HEADER + int.from_bytes(header[8:12])))
            return header[16:24] == file.read(FRAME_HEADER)[8:16] != b""
    except OSError:
        return False


def asked(db: Database, work: Callable[[Database], Answer]) -> Answer:
    """
    What *work* answers.

    Raises:
        StoreError: the database cannot be used now.
    """
    try:
        return work(db)
    except sqlite3.Error as error:
        raise translated(error) from error


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

    It takes the write lock at once: a transaction that reads first and writes later fails without waiting.

    Raises:
        StoreError: nothing was written.
    """
    try:
        db.conn.execute("begin immediate")
        try:
            check_place(db)
            yield
            db.conn.execute("commit")
        except BaseException:
            db.rollback()
            raise
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise translated(error) from error
