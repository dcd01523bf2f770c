"""
Checkpoints: moving the write-ahead log into the database file, and knowing who wrote that file last.

Only this module runs checkpoints. After each it records what kiosk.db looks like: a file that looks different was
written by another program. Then all of it is checked before anything more is reported as saved.
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
from data.language import _

# A log of this length (forty megabytes) is checkpointed by the next save, in case no worker runs.
MAX_LOG_PAGES = 10_000

# The worker checkpoints a log of this length, and leaves a shorter one: the first save after a checkpoint is flushed
# twice, so a checkpoint has to be worth it.
LONG_LOG_PAGES = 1_000

# How long nothing must have been saved before a short log is checkpointed, too. Then kiosk.db alone is a complete
# database.
IDLE_SECONDS = 10.0

# The record of what kiosk.db looked like after the last checkpoint. The name says that the log was moved into it; kept,
# since installations have it.
_STATE_SUFFIX = ".moved"

_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
"""Size of the header of a log, and of the header of each of its frames; a frame holds one page."""


def checkpoint_if_long(db: Database) -> None:
    """Checkpoint as much of a long log as is possible without waiting. The worker calls this after each drain."""
    if has_reached_frame(_find_log_path(db), LONG_LOG_PAGES):
        run_checkpoint(db)


def checkpoint_if_idle(db: Database, seconds: float = IDLE_SECONDS) -> float | None:
    """
    Checkpoint any log to which nothing was added for *seconds*.

    Returns in how many seconds to call again; None if the whole log is in the database file.
    """
    log = _find_log_path(db)
    try:
        quiet = time.time() - log.stat().st_mtime
    except OSError:
        return None
    if 0 <= quiet < seconds:
        return seconds - quiet
    return None if run_checkpoint(db) else seconds


def _find_log_path(db: Database) -> Path:
    """Return the path of the log beside the database file."""
    files = OPEN_DATABASES.get(db)
    return Path(files.names[1] if files else f"{db.execute('pragma database_list').fetchone()['file']}-wal")


def has_reached_frame(log: Path, number: int) -> bool:
    """
    Return whether the log has grown to its frame *number* since the last checkpoint; frames beyond are left-overs.

    SQLite reports the length of the log only to the connection that checkpoints it. But all frames of one log carry the
    salt of its header (sqlite.org/fileformat2.html, section 4.1). Nobody locks the log, so closing it releases no lock.
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
    Move as much of the log into the database file as is possible without waiting; return whether that was all of it.

    Raises:
        StoreMoved, StoreDamaged: the files are not those that *db* has open; they are left alone.
    """
    files = OPEN_DATABASES[db]
    with _checkpoint_lock(files.path) as handle:
        check_file_state(db, handle)
        _, pages, done = db.execute("pragma wal_checkpoint(passive)").fetchone()
        _record_file_state(files, handle)
    return bool(pages == done)


@contextmanager
def _checkpoint_lock(path: Path) -> Iterator[int]:
    """Keep other processes from judging kiosk.db while a checkpoint changes it; yield the handle of the record."""
    handle = os.open(f"{path}{_STATE_SUFFIX}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _record_file_state(files: DatabaseFiles, handle: int) -> None:
    """Record what kiosk.db looks like after a checkpoint."""
    files.size_bytes, files.changed_ns = read_file_state(files.path)
    os.pwrite(handle, f"{files.size_bytes} {files.changed_ns}\n".ljust(64).encode(), 0)


def check_integrity(db: Database) -> None:
    """
    Check a whole database; one that is damaged is set aside when it is next used.

    Raises:
        sqlite3.OperationalError: that cannot be determined now.
    """
    files = OPEN_DATABASES[db]
    if not is_intact(files.path):
        mark_unusable(files, StoreDamaged(_(DAMAGED_MESSAGE)))


def check_file_state(db: Database, state_handle: int | None = None) -> None:
    """
    Check that the files at the path are those that *db* has open, and as the kiosk left them.

    *state_handle* is the handle that `_checkpoint_lock` yields, for a caller that holds it.

    Raises:
        StoreMoved: they are other files.
        StoreDamaged: another program wrote into kiosk.db and damaged it.
        sqlite3.OperationalError: whether it is damaged cannot be determined now.
    """
    if not check_files(db):
        return
    files = OPEN_DATABASES[db]
    current_state = read_file_state(files.path)
    if state_handle is None:
        is_own = _is_current_state_recorded(files.path, current_state)
        if is_own is None:  # a checkpoint is running right now
            return
    else:
        is_own = _is_recorded_state(state_handle, current_state)
    if not is_own and not is_intact(files.path):
        raise mark_unusable(files, StoreDamaged(_(DAMAGED_MESSAGE)))
    files.size_bytes, files.changed_ns = current_state


def _is_current_state_recorded(path: Path, current_state: tuple[int, int]) -> bool | None:
    """Return whether kiosk.db looks as after the last checkpoint; None while another process is running one."""
    try:
        handle = os.open(f"{path}{_STATE_SUFFIX}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return _is_recorded_state(handle, current_state)
    except BlockingIOError:
        return None
    finally:
        os.close(handle)


def _is_recorded_state(handle: int, state: tuple[int, int]) -> bool:
    """Return whether the record behind *handle* says that kiosk.db was left in *state* (size, change time)."""
    return os.pread(handle, 64, 0).split() == f"{state[0]} {state[1]}".encode().split()


def is_intact(path: Path) -> bool:
    """
    Return whether SQLite can read the whole database through a fresh connection.

    Takes 0.25 s for 100,000 leads. The handles are SQLite's own, so closing them releases no lock of ours.

    Raises:
        sqlite3.OperationalError: that cannot be determined now: another process locks the file, or it cannot be read.
    """
    if not find_file_size(path):
        return False  # opening an empty file would make SQLite delete its log
    try:
        location = f"file:{quote(os.path.abspath(path))}?mode=rw"  # noqa: PTH100
        with closing(sqlite3.connect(location, timeout=5.0, uri=True)) as fresh:
            fresh.execute("pragma wal_autocheckpoint = 0")
            return [tuple(row) for row in fresh.execute("pragma integrity_check(1)")] == [("ok",)]
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
