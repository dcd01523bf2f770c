"""
Recovery: keeping what was saved when the files of an open database are moved, replaced, deleted or destroyed.

An open connection still sees all of it. So the database is written again from there, or merged into the one that took
its place; from a damaged file every readable row is taken. The old connection is never written through again.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from data.checkpoint import is_intact
from data.database_merge import DatabaseMerge
from data.errors import StoreDamaged, StoreError, StoreMissing, translate_error
from data.file_identity import (
    FILE_SUFFIXES,
    NO_FILE,
    OPEN_DATABASES,
    DatabaseFiles,
    find_current_path,
    find_file_ids,
    find_file_size,
    find_open_handle,
)
from data.files import flush_directory
from data.language import ngettext
from data.migrations import migrations
from data.opening import SET_ASIDE_SUFFIX, check_orphaned_log, create_private_file, exclusive_lock, open_connection
from data.salvage import salvage_rows

log = logging.getLogger(__name__)

_NEW_SUFFIX = ".new"
"""Suffix of a database while it is being written."""

_INSERT_REPAIR = "insert or replace into repairs (file, at, leads, sentence) values (?, ?, ?, ?)"


def reopen_database(db: Database) -> None:
    """
    Give *db* a new connection to the files at its path, which then have all that the old connection sees.

    Raises:
        StoreMoved: the database was moved to another path.
        StoreError: it cannot be done now.
    """
    opened, old = OPEN_DATABASES[db], db.conn
    with suppress(sqlite3.Error):
        old.rollback()
    try:
        fresh = _open_recovered(opened, old)
    except sqlite3.Error as error:
        raise translate_error(error, opened.path) from error
    except OSError as error:
        raise translate_error(sqlite3.OperationalError(f"{opened.path}: {error.strerror}"), opened.path) from error
    db.conn = fresh.conn
    OPEN_DATABASES[db] = OPEN_DATABASES.pop(fresh)
    # Its file is no longer at the path, so SQLite neither checkpoints nor deletes the log that is there now.
    old.close()


def _open_recovered(opened: DatabaseFiles, old: sqlite3.Connection) -> Database:
    """Restore the files that *old* had open, and open a new connection to them."""
    _recreate_folder(opened)
    with exclusive_lock(opened.path):
        is_complete = _restore_files(opened, old)
        fresh = open_connection(opened.path, opened.timeout_seconds, is_shared=opened.is_shared, may_create=False)
        try:
            _import_set_aside(fresh, opened.path)
            if not is_complete:
                with _merge_transaction(fresh) as merge:
                    merge.add_database(old)
                if merge.leads_added:
                    log.warning(
                        "%s: %d leads were added that only this process had open", opened.path, merge.leads_added
                    )
        except BaseException:
            fresh.close()
            raise
    return fresh


def _recreate_folder(opened: DatabaseFiles) -> None:
    """
    Create the folder of the database again if it was deleted, too.

    Raises:
        StoreMoved: it was moved.
    """
    if opened.path.parent.is_dir():
        return
    if opened.error and not _is_deleted(opened):
        raise opened.error
    opened.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_deleted(opened: DatabaseFiles) -> bool:
    """Return whether the open file was certainly deleted, not moved."""
    return find_open_handle(opened.file_ids[0]) is not None and find_current_path(opened.file_ids[0]) is None


def _restore_files(opened: DatabaseFiles, old: sqlite3.Connection) -> bool:
    """
    Make sure that there is an intact database at the path; return whether it has all that *old* sees.

    Raises:
        StoreMoved: the database was moved to another path.
    """
    path, now = opened.path, find_file_ids(opened.path)
    if now == opened.file_ids:
        if isinstance(opened.error, StoreDamaged):
            # Even if SQLite finds it intact: an older copy that was written over it is intact, too, but lacks rows.
            _set_aside_files(path)
            _create_from_set_aside(path)
            return False
        return True
    if now[0] == NO_FILE and opened.error and not _is_deleted(opened):
        raise opened.error
    if now[0] in (NO_FILE, opened.file_ids[0]):
        return _rewrite_database(opened, old)
    if now[1] == opened.file_ids[1]:
        # This log belongs to the file that was replaced: SQLite would apply it to the new one.
        _remove_own_log(opened)
    if not is_intact(path):
        _set_aside_files(path)
        _create_from_set_aside(path)
    return False


def _rewrite_database(opened: DatabaseFiles, old: sqlite3.Connection) -> bool:
    """Write the database again from the open connection; return whether that could read all of it."""
    path, new = opened.path, _create_new_file(opened.path)
    try:
        with closing(sqlite3.connect(new)) as target:
            old.backup(target)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _set_aside_files(path)
        _create_from_set_aside(path)
        return False
    if not is_intact(new):
        # Others wrote into kiosk.db under this connection, so that it sees a mixture: the rows of both are read.
        os.rename(new, _choose_aside_name(path))  # noqa: PTH104
        _set_aside_files(path)
        _create_from_set_aside(path)
        return False
    _remove_own_log(opened)
    if any(find_file_size(Path(f"{path}{side}")) for side in FILE_SUFFIXES[1:]):
        _set_aside_foreign_files(path)
    _publish_file(new, path)
    log.warning("%s was written again from what the kiosk had open", path)
    return True


def _remove_own_log(opened: DatabaseFiles) -> None:
    """Delete the log and its index if they are those of the open connection, which sees all of them."""
    for name, file, now in zip(opened.names[1:], opened.file_ids[1:], find_file_ids(opened.path)[1:], strict=True):
        if file == now:
            Path(name).unlink(missing_ok=True)


def _set_aside_foreign_files(path: Path) -> None:
    """
    Set aside the log that others have written since ours was deleted, with the kiosk.db that belongs to it.

    The others may have ended, and what they saved may exist only in this kiosk.db, which is replaced next.
    """
    aside = _choose_aside_name(path)
    try:
        os.link(path, aside)
    except FileNotFoundError:
        pass
    except OSError:  # a file system without hard links
        os.rename(path, aside)  # noqa: PTH104
    for side in reversed(FILE_SUFFIXES[1:]):
        with suppress(FileNotFoundError):
            os.rename(f"{path}{side}", f"{aside}{side}")  # noqa: PTH104


def _set_aside_files(path: Path) -> None:
    """Rename the files of a damaged database; they stay together, as SQLite expects them."""
    aside = _choose_aside_name(path)
    for side in reversed(FILE_SUFFIXES):  # the log first, so that it never lies without its database
        with suppress(FileNotFoundError):
            os.rename(f"{path}{side}", f"{aside}{side}")  # noqa: PTH104


def _choose_aside_name(path: Path) -> str:
    """Choose an unused name for the main file of a database that is set aside."""
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 0
    while any(Path(f"{path}{SET_ASIDE_SUFFIX}{stamp}{side}").exists() for side in FILE_SUFFIXES):
        number += 1
        stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{number}"
    return f"{path}{SET_ASIDE_SUFFIX}{stamp}"


def _create_new_file(path: Path) -> Path:
    """Create an empty file beside *path*, for a database that will replace it."""
    new = Path(f"{path}{_NEW_SUFFIX}")
    for side in (*FILE_SUFFIXES, "-journal"):
        Path(f"{new}{side}").unlink(missing_ok=True)
    create_private_file(new)
    return new


def _create_from_set_aside(path: Path) -> None:
    """Create a database at *path* with everything that can be read from those set aside."""
    new = _create_new_file(path)
    with closing(Database(sqlite3.connect(new), execute_plugins=False)) as db:
        migrations.apply(db)
        _import_set_aside(db, path)
    _publish_file(new, path)


def _publish_file(new: Path, path: Path) -> None:
    """Move a complete file into place, in one step that survives a power cut."""
    os.replace(new, path)  # noqa: PTH105
    flush_directory(path.parent)


def _import_set_aside(db: Database, path: Path) -> None:
    """Add to *db* what can be read from each database that was set aside, once, and record the result."""
    known = {row[0] for row in db.execute("select file from repairs")}
    for main in _list_set_aside(path):
        if main.name in known:
            continue
        with _merge_transaction(db) as merge:
            added = salvage_rows(merge, main, Path(f"{main}-wal"))
            sentence = ngettext(
                "The database was damaged. {count} lead was recovered; the damaged file is kept as {file}.",
                "The database was damaged. {count} leads were recovered; the damaged file is kept as {file}.",
                added,
            ).format(count=added, file=main)
            db.execute(_INSERT_REPAIR, (main.name, time.time(), added, sentence))
        log.warning("%s", sentence)


def _list_set_aside(path: Path) -> list[Path]:
    """List the databases that were set aside, by the paths of their main files, which may be missing."""
    found = {
        str(name).removesuffix("-wal").removesuffix("-shm")
        for name in path.parent.glob(f"{path.name}{SET_ASIDE_SUFFIX}*")
    }
    return [Path(name) for name in sorted(found)]


@contextmanager
def _merge_transaction(db: Database) -> Iterator[DatabaseMerge]:
    """One transaction that merges rows of another database into *db*."""
    db.execute("pragma foreign_keys = off")  # a row may be added before the one that it refers to
    db.conn.execute("begin immediate")
    try:
        yield DatabaseMerge(db.conn)
        db.conn.execute("commit")
    except BaseException:
        db.rollback()
        raise
    finally:
        db.execute("pragma foreign_keys = on")


def prepare_store(path: Path) -> None:
    """
    Make sure before a start that there is a usable database: a damaged one is set aside, and read.

    Raises:
        StoreMissing: only the log of a database is there.
        StoreError: the database cannot be used, or created.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive_lock(path):
            if _can_be_opened(path):
                with closing(open_connection(path, 30.0, is_shared=False, may_create=True)) as db:
                    _import_set_aside(db, path)
            else:
                _set_aside_files(path)
                _create_from_set_aside(path)
    except sqlite3.Error as error:
        raise translate_error(error, path) from error
    except OSError as error:
        raise translate_error(sqlite3.OperationalError(f"{path}: {error.strerror}"), path) from error


def _can_be_opened(path: Path) -> bool:
    """
    Return whether the database looks usable at first sight; True if there is none yet.

    Raises:
        StoreMissing: only the log of a database is there.
        StoreTooNew: a newer version made it.
    """
    try:
        check_orphaned_log(path)
        if not find_file_size(path):
            return not _list_set_aside(path) or path.exists()
        with closing(open_connection(path, 30.0, is_shared=False, may_create=False)) as db:
            for table in ("leads", "outbox", "scans", "devices"):
                db.execute(f"select * from {table} limit 1").fetchall()
    except StoreMissing:
        raise
    except StoreDamaged:
        return False
    except StoreError:
        raise
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        if isinstance(translate_error(error), StoreDamaged):
            return False
        raise
    return True
