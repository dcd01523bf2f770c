"""Opens the database at a path: creates it if that is allowed, keeps it private, and migrates its schema."""

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
from data.file_identity import find_file_size, register_files
from data.folder_permissions import ensure_private_folder
from data.language import N_, _
from data.migrations import migrations
from data.text_folding import fold_text

SET_ASIDE_SUFFIX = ".damaged-"
"""Comes before the date in the name of a damaged database that was set aside; `data.recovery` salvages it."""

_TOO_NEW_MESSAGE = N_(
    "The database was made by a newer version of the kiosk: nothing was changed. Update the kiosk on this device."
)


def open_connection(path: Path, timeout_seconds: float, *, is_shared: bool, may_create: bool) -> Database:
    """
    Open the database at *path* and migrate it if necessary; *timeout_seconds* is how long to wait for other processes.

    Raises:
        StoreMissing: there is no database, and it may not be created.
        LogOrphaned: there is no database, but its log holds leads.
        StoreDamaged: the database is empty, but its log is not.
        StoreTooNew: it was made by a newer version.
        sqlite3.Error, OSError: it cannot be created, opened or migrated.
    """
    ensure_private_folder(path.parent)
    if may_create and not find_file_size(path):
        check_orphaned_log(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Another process may be restoring a deleted database: an empty file must not get in its way.
        with exclusive_lock(path):
            check_orphaned_log(path)
            create_private_file(path)
            return _open_file(path, timeout_seconds, is_shared=is_shared)
    check_orphaned_log(path)
    if not _is_file_present(path):
        message = _("There are no leads yet: there is no database at {path}. `kiosk run` creates it.")
        raise StoreMissing(message.format(path=path))
    return _open_file(path, timeout_seconds, is_shared=is_shared)


def _open_file(path: Path, timeout_seconds: float, *, is_shared: bool) -> Database:
    """
    Open the existing file at *path*.

    Raises:
        StoreTooNew: it was made by a newer version.
        sqlite3.Error, OSError: it cannot be opened or migrated.
    """
    _check_access(path)
    # SQLite must never create the file itself: if it was moved away a moment ago, that would delete its log.
    location = f"file:{quote(os.path.abspath(path))}?mode=rw"  # noqa: PTH100  resolve() would follow links
    connection = sqlite3.connect(location, timeout=timeout_seconds, check_same_thread=not is_shared, uri=True)
    # Looking for plugins of sqlite-utils reads the metadata of every installed package.
    return _prepare_connection(Database(connection, execute_plugins=False), path, timeout_seconds, is_shared=is_shared)


def _is_file_present(path: Path) -> bool:
    """
    Return whether there is a file at *path*.

    Raises:
        OSError: that cannot be determined, because its folder cannot be searched or is a file.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def open_empty_store() -> Database:
    """Create an empty database in memory, for commands that only read and find no database yet."""
    db = Database(sqlite3.connect(":memory:"), execute_plugins=False)
    _configure_connection(db)
    migrations.apply(db)
    return db


def _configure_connection(db: Database) -> None:
    """Set the row type and the SQL functions that our statements need."""
    db.conn.row_factory = sqlite3.Row
    # SQLite's own lower() only handles the 26 letters of ASCII.
    db.conn.create_function("folded", 1, fold_text, deterministic=True)
    db.conn.create_function("text_of", 1, _decode_utf8, deterministic=True)


def check_orphaned_log(path: Path) -> None:
    """
    Check that a missing or empty database has no log: SQLite would delete it.

    Raises:
        LogOrphaned: there is a log, but no database.
        StoreDamaged: there is a log, but the database is empty.
    """
    if find_file_size(path):
        return
    log = Path(f"{path}-wal")
    if not find_file_size(log):
        return
    if path.exists():
        message = _(
            "{path} is empty, but {log} beside it still holds leads: nothing was changed. Start `kiosk run`, which "
            "recovers what it can."
        )
        raise StoreDamaged(message.format(path=path, log=log.name))
    message = _(
        "{path} is missing, but its log {log} exists and holds leads: nothing was changed. Put {name} back where it "
        "was. If it is lost, rename the log to {aside} and start the kiosk, which recovers the leads from it."
    )
    raise LogOrphaned(message.format(path=path, log=log, name=path.name, aside=f"{path.name}{SET_ASIDE_SUFFIX}1-wal"))


def create_private_file(path: Path) -> None:
    """Create an empty file at *path* that only its owner can read, unless there is one."""
    with suppress(FileExistsError):
        os.mknod(path, 0o600)


def _check_access(path: Path) -> None:
    """
    Check that the file at *path* can be read and written.

    The file is never opened here: when a process closes any handle to a file, POSIX drops all its locks on that file,
    and another process would think our log abandoned and delete it (sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        OSError: it cannot.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _prepare_connection(db: Database, path: Path, timeout_seconds: float, *, is_shared: bool) -> Database:
    """Configure a new connection and migrate its database; close it if that fails."""
    try:
        _configure_connection(db)
        _migrate_schema(db, path)
        db.execute("pragma synchronous = full")
        db.execute("pragma foreign_keys = on")
        # Only `data.checkpoint` runs checkpoints, because it records them: other processes would take them for damage.
        db.execute("pragma wal_autocheckpoint = 0")
        register_files(db, path, timeout_seconds, is_shared=is_shared)
    except BaseException:
        db.close()
        raise
    return db


def _migrate_schema(db: Database, path: Path) -> None:
    """
    Apply missing migrations; one process at a time, because two that migrate together race.

    Raises:
        StoreTooNew: the schema is that of a newer version.
    """
    applied = _read_applied_migrations(db)
    _check_not_too_new(applied)
    if applied == _list_known_migrations() and db.journal_mode == "wal":
        return
    with exclusive_lock(path):
        _check_not_too_new(_read_applied_migrations(db))  # again: another process may have migrated it meanwhile
        db.enable_wal()
        migrations.apply(db)
        # Now kiosk.db alone is a complete database, in case somebody copies it.
        db.execute("pragma wal_checkpoint(passive)").fetchall()


class _ThreadLocks(threading.local):
    """The locks that this thread holds."""

    def __init__(self) -> None:
        self.names: set[str] = set()


_thread_locks = _ThreadLocks()


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock for creating, migrating or replacing the database at *path*; wait for it if need be."""
    name = f"{path}.migrate.lock"
    if name in _thread_locks.names:  # a second flock(2) would make the thread wait for itself
        yield
        return
    while True:
        lock = os.open(name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            with suppress(PermissionError):
                os.fchmod(lock, 0o600)  # an older version created it readable by everybody
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_open_file(lock, name):
                with _remember_lock(name):
                    yield
                return
        finally:
            os.close(lock)


@contextmanager
def _remember_lock(name: str) -> Iterator[None]:
    """Note that this thread holds the lock called *name*, until the context ends."""
    _thread_locks.names.add(name)
    try:
        yield
    finally:
        _thread_locks.names.discard(name)


def _is_open_file(handle: int, name: str) -> bool:
    """
    Return whether *name* is still the file behind *handle*: it may have been deleted while we waited for its lock.
    """
    try:
        return os.path.samestat(os.fstat(handle), os.stat(name))  # noqa: PTH116
    except FileNotFoundError:
        return False


def _read_applied_migrations(db: Database) -> set[str]:
    """Return the names of the migrations that the database has."""
    return {migration.name for migration in migrations.applied(db)}


def _check_not_too_new(applied: set[str]) -> None:
    """
    Check that this version knows all *applied* migrations.

    Raises:
        StoreTooNew: some are of a newer version, whose leads this one would not understand.
    """
    if not applied <= _list_known_migrations():
        raise StoreTooNew(_(_TOO_NEW_MESSAGE))


@cache
def _list_known_migrations() -> frozenset[str]:
    """Return the names of all migrations of this version."""
    with closing(sqlite3.connect(":memory:")) as empty:
        return frozenset(migration.name for migration in migrations.pending(Database(empty, execute_plugins=False)))


def _decode_utf8(payload: bytes | None) -> str:
    """Decode a payload for SQL; it may be in any encoding, and no statement may fail because of that."""
    return (payload or b"").decode("utf-8", "replace")
