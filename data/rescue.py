"""
Keeping what was saved when the files of an open database are moved, replaced, deleted or destroyed.

An open connection still sees all of it. So the database is written again from there, or added to the one that took
its place; of a damaged file every row is taken that can be read. The old connection is never written through again.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from data.checkpoint import is_whole
from data.errors import StoreDamaged, StoreError, StoreMissing, translated
from data.files import flush_folder
from data.merge import Merge
from data.migrations import migrations
from data.opening import SET_ASIDE, alone, check_leftovers, connect, make_private
from data.place import NO_FILE, PLACES, SIDES, Place, files_at, open_handle, size_of, whereabouts
from data.salvage import salvage

log = logging.getLogger(__name__)

NEW = ".new"
"""What the name of a database ends with while it is being written."""

REPAIRED = "insert or replace into repairs (file, at, leads, sentence) values (?, ?, ?, ?)"


def reopen(db: Database) -> None:
    """
    Give *db* a new connection to the files at its place, which have all that the old connection sees.

    Raises:
        StoreMoved: the database lies somewhere else now.
        StoreError: it cannot be done now.
    """
    place, old = PLACES[db], db.conn
    with suppress(sqlite3.Error):
        old.rollback()
    try:
        fresh = _reopened(place, old)
    except sqlite3.Error as error:
        raise translated(error, place.path) from error
    except OSError as error:
        raise translated(sqlite3.OperationalError(f"{place.path}: {error.strerror}"), place.path) from error
    db.conn = fresh.conn
    PLACES[db] = PLACES.pop(fresh)
    # Where its file is not at the place any more, SQLite neither moves its log nor deletes the one that is there.
    old.close()


def _reopened(place: Place, old: sqlite3.Connection) -> Database:
    """A new connection to the place of *old*, whose files were put right."""
    _make_folder_again(place)
    with alone(place.path):
        is_complete = _put_right(place, old)
        fresh = connect(place.path, place.wait, is_shared=place.is_shared, may_create=False)
        try:
            _take_set_aside(fresh, place.path)
            if not is_complete:
                with _adding(fresh) as merge:
                    merge.add_all(old)
                if merge.leads_added:
                    log.warning(
                        "%s: %d leads were added that only this process had open", place.path, merge.leads_added
                    )
        except BaseException:
            fresh.close()
            raise
    return fresh


def _make_folder_again(place: Place) -> None:
    """
    Make the folder of a database again that was deleted with it.

    Raises:
        StoreMoved: it was moved.
    """
    if place.path.parent.is_dir():
        return
    if place.trouble and not _is_deleted(place):
        raise place.trouble
    place.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_deleted(place: Place) -> bool:
    """Whether the file that is open was deleted, as far as that can be told: it may lie somewhere else."""
    return open_handle(place.files[0]) is not None and whereabouts(place.files[0]) is None


def _put_right(place: Place, old: sqlite3.Connection) -> bool:
    """
    See that there is a whole database at the place; whether it has all that *old* sees.

    Raises:
        StoreMoved: it lies somewhere else.
    """
    path, now = place.path, files_at(place.path)
    if now == place.files:
        if isinstance(place.trouble, StoreDamaged):
            # Also where SQLite finds it whole: an older copy that was written over it is, and lacks what came since.
            _set_aside(path)
            _make_new(path)
            return False
        return True
    if now[0] == NO_FILE and place.trouble and not _is_deleted(place):
        raise place.trouble
    if now[0] in (NO_FILE, place.files[0]):
        return _write_again(place, old)
    if now[1] == place.files[1]:
        # The log is that of the file that was replaced: SQLite would take it for the new one's.
        _remove_own_sides(place)
    if not is_whole(path):
        _set_aside(path)
        _make_new(path)
    return False


def _write_again(place: Place, old: sqlite3.Connection) -> bool:
    """Write the database again from the connection that is open; whether that could read all of it."""
    path, new = place.path, _new_file(place.path)
    try:
        with closing(sqlite3.connect(new)) as target:
            old.backup(target)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _set_aside(path)
        _make_new(path)
        return False
    if not is_whole(new):
        # Others have written into kiosk.db under this connection: what it sees is a mixture. The rows of both are read.
        os.rename(new, _name_aside(path))  # noqa: PTH104
        _set_aside(path)
        _make_new(path)
        return False
    _remove_own_sides(place)
    if any(size_of(Path(f"{path}{side}")) for side in SIDES[1:]):
        _set_aside_of_others(path)
    _publish(new, path)
    log.warning("%s was written again from what the kiosk had open", path)
    return True


def _remove_own_sides(place: Place) -> None:
    """Take away the log and its index where they are those of the connection that is open, which sees all of them."""
    for name, file, now in zip(place.names[1:], place.files[1:], files_at(place.path)[1:], strict=True):
        if file == now:
            Path(name).unlink(missing_ok=True)


def _set_aside_of_others(path: Path) -> None:
    """
    Keep the log that others have written since ours was deleted, with the kiosk.db that goes with it.

    They may have gone, and what they saved may be in kiosk.db alone, which is replaced next: until then it stays.
    """
    aside = _name_aside(path)
    try:
        os.link(path, aside)
    except FileNotFoundError:
        pass
    except OSError:  # a file system on which a file has one name only
        os.rename(path, aside)  # noqa: PTH104
    for side in reversed(SIDES[1:]):
        with suppress(FileNotFoundError):
            os.rename(f"{path}{side}", f"{aside}{side}")  # noqa: PTH104


def _set_aside(path: Path) -> None:
    """Give the files of a damaged database a name of their own; they stay together, and SQLite would find them so."""
    aside = _name_aside(path)
    for side in reversed(SIDES):  # the log goes first: nobody may find it beside nothing
        with suppress(FileNotFoundError):
            os.rename(f"{path}{side}", f"{aside}{side}")  # noqa: PTH104


def _name_aside(path: Path) -> str:
    """A name for the main file of a database that is set aside, which none has yet."""
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 0
    while any(Path(f"{path}{SET_ASIDE}{stamp}{side}").exists() for side in SIDES):
        number += 1
        stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{number}"
    return f"{path}{SET_ASIDE}{stamp}"


def _new_file(path: Path) -> Path:
    """An empty file beside *path*, to write a database to that takes its place."""
    new = Path(f"{path}{NEW}")
    for side in (*SIDES, "-journal"):
        Path(f"{new}{side}").unlink(missing_ok=True)
    make_private(new)
    return new


def _make_new(path: Path) -> None:
    """Make a database at *path*, with all that can be read in those that were set aside."""
    new = _new_file(path)
    with closing(Database(sqlite3.connect(new))) as db:
        migrations.apply(db)
        _take_set_aside(db, path)
    _publish(new, path)


def _publish(new: Path, path: Path) -> None:
    """Put a complete file in its place, as one step that a power cut does not halve."""
    os.replace(new, path)  # noqa: PTH105
    flush_folder(path.parent)


def _take_set_aside(db: Database, path: Path) -> None:
    """Add to *db* what can be read in each database that was set aside, once; and write down what that was."""
    known = {row[0] for row in db.execute("select file from repairs")}
    for main in set_aside(path):
        if main.name in known:
            continue
        with _adding(db) as merge:
            added = salvage(merge, main, Path(f"{main}-wal"))
            sentence = (
                f"The database was damaged. {added} leads could be read and are here; "
                f"what could not be read is kept in {main}."
            )
            db.execute(REPAIRED, (main.name, time.time(), added, sentence))
        log.warning("%s", sentence)


def set_aside(path: Path) -> list[Path]:
    """The databases that were set aside, by the names of their main files, which may be missing."""
    found = {
        str(name).removesuffix("-wal").removesuffix("-shm") for name in path.parent.glob(f"{path.name}{SET_ASIDE}*")
    }
    return [Path(name) for name in sorted(found)]


@contextmanager
def _adding(db: Database) -> Iterator[Merge]:
    """One transaction that adds rows of another database to *db*."""
    db.execute("pragma foreign_keys = off")  # a row may come before the one that it refers to
    db.conn.execute("begin immediate")
    try:
        yield Merge(db.conn)
        db.conn.execute("commit")
    except BaseException:
        db.rollback()
        raise
    finally:
        db.execute("pragma foreign_keys = on")


def ready_store(path: Path) -> None:
    """
    See before a start that there is a database that can be used: a damaged one is set aside, and read.

    Raises:
        StoreMissing: there is only the log of one.
        StoreError: it cannot be used, or made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(path):
            if _has_whole_head(path):
                with closing(connect(path, 30.0, is_shared=False, may_create=True)) as db:
                    _take_set_aside(db, path)
            else:
                _set_aside(path)
                _make_new(path)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except OSError as error:
        raise translated(sqlite3.OperationalError(f"{path}: {error.strerror}"), path) from error


def _has_whole_head(path: Path) -> bool:
    """
    Whether the database can be opened, as far as a first look tells; also where there is none yet.

    Raises:
        StoreMissing: there is only the log of one.
        StoreTooNew: a newer version has made it.
    """
    try:
        check_leftovers(path)
        if not size_of(path):
            return not set_aside(path) or path.exists()
        with closing(connect(path, 30.0, is_shared=False, may_create=False)) as db:
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
        if isinstance(translated(error), StoreDamaged):
            return False
        raise
    return True
