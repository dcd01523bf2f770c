"""Opening the SQLite file at a path: whether it may be made, who may read it, and its tables."""

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from data.errors import LogOrphaned, StoreDamaged, StoreMissing, StoreTooNew
from data.folder import check_private
from data.migrations import migrations
from data.place import remember_place, size_of
from data.searching import folded

SET_ASIDE = ".damaged-"
"""What the name of a database has behind it that was set aside; every start reads what is left of new ones."""

TOO_NEW = "The database was made by a newer version of the kiosk: nothing was changed. Update the kiosk on this device."


def connect(path: Path, wait: float, *, is_shared: bool, may_create: bool) -> Database:
    """
    A connection to the database at *path*, whose tables are up to date; *wait* is in seconds.

    Raises:
        StoreMissing: there is none, and it may not be made.
        StoreDamaged: it is empty, and its log is not.
        StoreTooNew: it is of a newer version.
        sqlite3.Error, OSError: it cannot be made, opened or migrated.
    """
    check_private(path.parent)
    if may_create and not size_of(path):
        check_leftovers(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(path):  # somebody may be writing again what was deleted: an empty file would come in between
            check_leftovers(path)
            make_private(path)
            return _opened(path, wait, is_shared=is_shared)
    check_leftovers(path)
    if not _is_there(path):
        raise StoreMissing(f"There are no leads yet: there is no database at {path}. `kiosk run` makes it.")
    return _opened(path, wait, is_shared=is_shared)


def _opened(path: Path, wait: float, *, is_shared: bool) -> Database:
    """
    A connection to the file at *path*.

    Raises:
        StoreTooNew: it is of a newer version.
        sqlite3.Error, OSError: it cannot be opened or migrated.
    """
    check_usable(path)
    # SQLite itself must never make the file: it would delete the log of one that was moved away a moment ago.
    location = f"file:{quote(os.path.abspath(path))}?mode=rw"  # noqa: PTH100  links stay links
    connection = sqlite3.connect(location, timeout=wait, check_same_thread=not is_shared, uri=True)
    return set_up(Database(connection), path, wait, is_shared=is_shared)


def _is_there(path: Path) -> bool:
    """
    Whether there is a file at *path*.

    Raises:
        OSError: its folder is a file, or may not be looked into: nobody knows whether there are leads.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def empty_store() -> Database:
    """A database in memory that holds nothing, for whoever reads where there is none yet."""
    db = Database(sqlite3.connect(":memory:"))
    _dress(db)
    migrations.apply(db)
    return db


def _dress(db: Database) -> None:
    """Give a connection what our statements need."""
    db.conn.row_factory = sqlite3.Row
    # SQLite's own lower() knows the 26 letters of ASCII only.
    db.conn.create_function("folded", 1, folded, deterministic=True)
    db.conn.create_function("text_of", 1, payload_text, deterministic=True)


def check_leftovers(path: Path) -> None:
    """
    See that no log is orphaned: SQLite deletes the log beside an empty file when it opens that.

    Raises:
        LogOrphaned: there is a log, and no database.
        StoreDamaged: there is a log, and the database is empty.
    """
    if size_of(path):
        return
    log = Path(f"{path}-wal")
    if not size_of(log):
        return
    if path.exists():
        raise StoreDamaged(f"{path} is empty, and {log.name} beside it still holds leads: nothing was touched.")
    raise LogOrphaned(
        f"{path} is not there, but its log {log} is, and it holds leads: nothing was touched. Put {path.name} back "
        f"where it was. If it is lost, rename the log to {path.name}{SET_ASIDE}1-wal and start the kiosk: it reads it."
    )


def make_private(path: Path) -> None:
    """Make an empty file at *path* that only its owner can read, where there is none."""
    with suppress(FileExistsError):
        os.mknod(path, 0o600)


def check_usable(path: Path) -> None:
    """
    See that the file at *path* can be read and written.

    The file is never opened here: when any handle of a process to a file is closed, POSIX drops all its locks, so
    that another process would take our log for nobody's and delete it (sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        OSError: it cannot.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def set_up(db: Database, path: Path, wait: float, *, is_shared: bool) -> Database:
    """Make a new connection one of ours; where that fails the file is let go."""
    try:
        _dress(db)
        migrate(db, path)
        db.execute("pragma synchronous = full")
        db.execute("pragma foreign_keys = on")
        # `data.checkpoint` moves the log: whoever moves it has to say so, or others take it for damage.
        db.execute("pragma wal_autocheckpoint = 0")
        remember_place(db, path, wait, is_shared=is_shared)
    except BaseException:
        db.close()
        raise
    return db


def migrate(db: Database, path: Path) -> None:
    """
    Bring the tables up to date; one process at a time, for two that migrate together race.

    Raises:
        StoreTooNew: they are of a newer version.
    """
    if are_known(db) and db.journal_mode == "wal":
        return
    with alone(path):
        are_known(db)  # or nothing is changed
        db.enable_wal()
        migrations.apply(db)
        # So that kiosk.db alone is a whole database from its first moment, whoever copies it.
        db.execute("pragma wal_checkpoint(passive)").fetchall()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one that makes, migrates or replaces the database at *path*; wait for the one that does."""
    name = f"{path}.migrate.lock"
    if name in _mine.names:  # a lock of this kind (flock(2)) would wait for its own thread
        yield
        return
    while True:
        lock = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            with suppress(PermissionError):
                os.fchmod(lock, 0o600)  # an older version made it for everybody to read
            fcntl.flock(lock, fcntl.LOCK_EX)
            if is_still(lock, name):
                with _held_here(name):
                    yield
                return
        finally:
            os.close(lock)


class _Mine(threading.local):
    """The locks that this thread holds."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_mine = _Mine()


@contextmanager
def _held_here(name: str) -> Iterator[None]:
    """Note meanwhile that this thread holds the lock called *name*."""
    _mine.names.add(name)
    try:
        yield
    finally:
        _mine.names.discard(name)


def is_still(handle: int, name: str) -> bool:
    """Whether *name* is the file that *handle* has open: somebody may have deleted it while we waited for its lock."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(name))  # noqa: PTH116
    except FileNotFoundError:
        return False


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


def payload_text(payload: bytes | None) -> str:
    """What a payload says as text; it may be in any encoding, and no statement may fail on that."""
    return (payload or b"").decode("utf-8", "replace")
