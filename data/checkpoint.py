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

from data.errors import DAMAGED, StoreDamaged
from data.place import PLACES, Place, check_place, give_up, size_of, written

LOG_PAGES = 10_000
"""Of the log, after which a save moves it into the file itself: forty megabytes, where no worker runs to do it."""

LONG_LOG = 1_000
"""Pages of the log that are worth moving: the save that begins a log anew is flushed twice, so that has to be rare."""

IDLE_SECONDS = 10.0
"""Without a save for so long, a short log is moved as well: kiosk.db alone is a whole database then."""

WAL_HEADER, FRAME_HEADER = 32, 24
"""Bytes of the head of a log, and of the head of each of its frames; a frame is one page."""


def checkpoint(db: Database) -> None:
    """Move a long log into the file, as far as nobody has to wait for it; the worker asks for it after each drain."""
    if has_frame(log_of(db), LONG_LOG):
        move_log(db)


def checkpoint_if_idle(db: Database, seconds: float = IDLE_SECONDS) -> float | None:
    """
    Move any log into the file when nothing was added to it for so many *seconds*.

    Returns after how many seconds it is worth asking again; None where all of the log is in the file.
    """
    log = log_of(db)
    try:
        quiet = time.time() - log.stat().st_mtime
    except OSError:
        return None
    if 0 <= quiet < seconds:
        return seconds - quiet
    return None if move_log(db) else seconds


def log_of(db: Database) -> Path:
    """The log beside the file."""
    place = PLACES.get(db)
    return Path(place.names[1] if place else f"{db.execute('pragma database_list').fetchone()['file']}-wal")


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


def move_log(db: Database) -> bool:
    """
    Move the log into the file, as far as nobody has to wait for it; whether all of it is there.

    Raises:
        StoreMoved, StoreDamaged: the files are not those that *db* has open: they are left as they are.
    """
    place = PLACES[db]
    with noting(place.path) as handle:
        check_written(db, handle)
        _, pages, done = db.execute("pragma wal_checkpoint(passive)").fetchone()
        note(place, handle)
    return bool(pages == done)


@contextmanager
def noting(path: Path) -> Iterator[int]:
    """Keep others from judging kiosk.db, while the log is being moved into it."""
    handle = os.open(f"{path}.moved", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def note(place: Place, handle: int) -> None:
    """Write down how kiosk.db looks, now that the log was moved into it."""
    place.size, place.changed = written(place.path)
    os.pwrite(handle, f"{place.size} {place.changed}\n".ljust(64).encode(), 0)


def check_all(db: Database) -> None:
    """Look through the whole of a database; one that is damaged is set aside when it is next used."""
    place = PLACES[db]
    if not is_whole(place.path):
        give_up(place, StoreDamaged(DAMAGED))


def check_written(db: Database, noted: int | None = None) -> None:
    """
    Look whether the files at its place are those that *db* has open, and as the kiosk left them.

    *noted* is the handle of `noting`, for whoever has it.

    Raises:
        StoreMoved: they are other files.
        StoreDamaged: somebody else has written into kiosk.db, and it is not whole any more.
    """
    if not check_place(db):
        return
    place = PLACES[db]
    now = written(place.path)
    if noted is None:
        ours = is_noted_elsewhere(place.path, now)
        if ours is None:  # the log is being moved right now
            return
    else:
        ours = is_noted(noted, now)
    if not ours and not is_whole(place.path):
        raise give_up(place, StoreDamaged(DAMAGED))
    place.size, place.changed = now


def is_noted_elsewhere(path: Path, now: tuple[int, int]) -> bool | None:
    """Whether kiosk.db looks as whoever moved the log last has left it; None while that is being done."""
    try:
        handle = os.open(f"{path}.moved", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return is_noted(handle, now)
    except BlockingIOError:
        return None
    finally:
        os.close(handle)


def is_noted(handle: int, now: tuple[int, int]) -> bool:
    """Whether *handle* has it that kiosk.db was left as it is *now*."""
    return os.pread(handle, 64, 0).split() == f"{now[0]} {now[1]}".encode().split()


def is_whole(path: Path) -> bool:
    """
    Whether SQLite can read all of the database, by a connection that remembers nothing of it.

    0.25 s for 100,000 leads. Its handles are SQLite's own, so that closing them gives no lock of ours away.
    """
    if not size_of(path):
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
