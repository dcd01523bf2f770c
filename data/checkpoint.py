"""
Moving the log into the database file, and knowing who wrote that file last.

Only this module moves a log, and notes how kiosk.db looks afterwards: a file that looks otherwise was written by
somebody else. Then the whole of it is checked, before anything more is called saved.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from data.errors import DAMAGED_MESSAGE, StoreDamaged
from data.file_identity import (
    OPEN_DATABASES,
    DatabaseFiles,
    check_files,
    find_file_size,
    mark_unusable,
    read_file_state,
)

MAX_LOG_PAGES = 10_000
"""Of the log, after which a save moves it into the file itself: forty megabytes, where no worker runs to do it."""

LONG_LOG_PAGES = 1_000
"""Pages of the log that are worth moving: the save that begins a log anew is flushed twice, so that has to be rare."""

IDLE_SECONDS = 10.0
"""Without a save for so long, a short log is moved as well: kiosk.db alone is a whole database then."""

_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
"""Bytes of the head of a log, and of the head of each of its frames; a frame is one page."""


def checkpoint_if_long(db: Database) -> None:
    """Move a long log into the file, as far as nobody has to wait for it; the worker asks for it after each drain."""
    if has_reached_frame(_log_path(db), LONG_LOG_PAGES):
        run_checkpoint(db)


def checkpoint_if_idle(db: Database, seconds: float = IDLE_SECONDS) -> float | None:
    """
    Move any log into the file when nothing was added to it for so many *seconds*.

    Returns after how many seconds it is worth asking again; None where all of the log is in the file.
    """
    log = _log_path(db)
    try:
        quiet = time.time() - log.stat().st_mtime
    except OSError:
        return None
    if 0 <= quiet < seconds:
        return seconds - quiet
    return None if run_checkpoint(db) else seconds


def _log_path(db: Database) -> Path:
    """The log beside the file."""
    place = OPEN_DATABASES.get(db)
    return Path(place.names[1] if place else f"{db.execute('pragma database_list').fetchone()['file']}-wal")


def has_reached_frame(log: Path, number: int) -> bool:
    """
    Whether the log has come to its frame *number* since it was begun; after that, older frames are left over there.

    SQLite tells the length of a log only to whoever moves it, but all frames of one log carry the salt of its
    header (sqlite.org/fileformat2.html, section 4.1). Nobody locks this file, so closing it gives no lock away.
    """
    try:
        with log.open("rb") as file:
            header = file.read(_WAL_HEADER_BYTES)
            file.seek(_WAL_HEADER_BYTES + (number - 1) * (_FRAME_HEADER_BYTES + int.from_bytes(header[8:12])))
            return header[16:24] == file.read(_FRAME_HEADER_BYTES)[8:16] != b""
    except OSError:
        return False


def run_checkpoint(db: Database) -> bool:
    """
    Move the log into the file, as far as nobody has to wait for it; whether all of it is there.

    Raises:
        StoreMoved, StoreDamaged: the files are not those that *db* has open: they are left as they are.
    """
    place = OPEN_DATABASES[db]
    with _checkpoint_lock(place.path) as handle:
        check_file_state(db, handle)
        _, pages, done = db.execute("pragma wal_checkpoint(passive)").fetchone()
        record_file_state(place, handle)
    return bool(pages == done)


@contextmanager
def _checkpoint_lock(path: Path) -> Iterator[int]:
    """Keep others from judging kiosk.db, while the log is being moved into it."""
    handle = os.open(f"{path}.moved", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def record_file_state(place: DatabaseFiles, handle: int) -> None:
    """Write down how kiosk.db looks, now that the log was moved into it."""
    place.size_bytes, place.changed_ns = read_file_state(place.path)
    os.pwrite(handle, f"{place.size_bytes} {place.changed_ns}\n".ljust(64).encode(), 0)


def check_integrity(db: Database) -> None:
    """Look through the whole of a database; one that is damaged is set aside when it is next used."""
    place = OPEN_DATABASES[db]
    if not is_intact(place.path):
        mark_unusable(place, StoreDamaged(DAMAGED_MESSAGE))


def check_file_state(db: Database, state_handle: int | None = None) -> None:
    """
    Look whether the files at its place are those that *db* has open, and as the kiosk left them.

    *state_handle* is the handle of `noting`, for whoever has it.

    Raises:
        StoreMoved: they are other files.
        StoreDamaged: somebody else has written into kiosk.db, and it is not whole any more.
    """
    if not check_files(db):
        return
    place = OPEN_DATABASES[db]
    now = read_file_state(place.path)
    if state_handle is None:
        ours = _is_current_state_recorded(place.path, now)
        if ours is None:  # the log is being moved right now
            return
    else:
        ours = _is_recorded_state(state_handle, now)
    if not ours and not is_intact(place.path):
        raise mark_unusable(place, StoreDamaged(DAMAGED_MESSAGE))
    place.size_bytes, place.changed_ns = now


def _is_current_state_recorded(path: Path, now: tuple[int, int]) -> bool | None:
    """Whether kiosk.db looks as whoever moved the log last has left it; None while that is being done."""
    try:
        handle = os.open(f"{path}.moved", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return _is_recorded_state(handle, now)
    except BlockingIOError:
        return None
    finally:
        os.close(handle)


def _is_recorded_state(handle: int, now: tuple[int, int]) -> bool:
    """Whether *handle* has it that kiosk.db was left as it is *now*."""
    return os.pread(handle, 64, 0).split() == f"{now[0]} {now[1]}".encode().split()


def is_intact(path: Path) -> bool:
    """
    Whether SQLite can read all of the database, by a connection that remembers nothing of it.

    0.25 s for 100,000 leads. Its handles are SQLite's own, so that closing them gives no lock of ours away.
    """
    if not find_file_size(path):
        return False  # SQLite would delete its log
    try:
        location = f"file:{quote(os.path.abspath(path))}?mode=rw"  # noqa: PTH100
        with closing(sqlite3.connect(location, timeout=5.0, uri=True)) as fresh:
            fresh.execute("pragma wal_autocheckpoint = 0")
            return [tuple(row) for row in fresh.execute("pragma integrity_check(1)")] == [("ok",)]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
