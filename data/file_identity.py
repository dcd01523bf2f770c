"""
Whether an open database is still the files at its path.

SQLite continues to write into files that were moved, replaced or deleted, and nobody finds what it writes there.
Three files make up one database: kiosk.db, its log (-wal) and the log's index (-shm).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from data.errors import DAMAGED_MESSAGE, StoreDamaged, StoreMoved
from data.language import _

FILE_SUFFIXES = ("", "-wal", "-shm")
"""What the names of the three files end with: the database, its log, and the log's index."""

_FileId: TypeAlias = tuple[int, int]
"""Device and inode; (0, 0) for no file."""

NO_FILE: _FileId = (0, 0)


@dataclass(slots=True)
class DatabaseFiles:
    """Where a database was opened, and which files those were."""

    path: Path
    names: tuple[str, str, str]
    file_ids: tuple[_FileId, _FileId, _FileId]
    size_bytes: int
    """Size of kiosk.db, which only ever grows."""
    changed_ns: int
    """When kiosk.db was last written (`st_ctime_ns`); only a checkpoint does that."""
    timeout_seconds: float
    """How long the connection waits for another process."""
    is_shared: bool
    """Whether several threads take turns with the connection."""
    error: StoreMoved | StoreDamaged | None = None
    """Why nothing may be written through this connection any more; it stays even if the files are put back."""


OPEN_DATABASES: WeakKeyDictionary[Database, DatabaseFiles] = WeakKeyDictionary()
"""The files of each open database."""


def register_files(db: Database, path: Path, timeout_seconds: float, *, is_shared: bool) -> None:
    """Remember which files *db* has open."""
    names = (str(path), f"{path}-wal", f"{path}-shm")
    size, changed = read_file_state(path)
    OPEN_DATABASES[db] = DatabaseFiles(path, names, find_file_ids(path), size, changed, timeout_seconds, is_shared)


def find_file_ids(path: Path) -> tuple[_FileId, _FileId, _FileId]:
    """Return the identities of the three files at *path*."""
    main, log, index = (_find_file_id(f"{path}{side}") for side in FILE_SUFFIXES)
    return main, log, index


def _find_file_id(name: str) -> _FileId:
    """Return the identity of the file *name*; `NO_FILE` if there is none."""
    try:
        found = os.stat(name)  # noqa: PTH116  three of them for each save: a Path costs twice as much
    except OSError:
        return NO_FILE
    return found.st_dev, found.st_ino


def find_file_size(path: Path) -> int:
    """Return the size of the file at *path*; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_file_state(path: Path) -> tuple[int, int]:
    """Return size and change time of the file at *path*."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_ctime_ns


def check_files(db: Database) -> bool:
    """
    Check that the files at the path are those that *db* has open, and that kiosk.db has not shrunk.

    Returns whether kiosk.db was written since its state was last recorded in `size_bytes` and `changed_ns`;
    `check_file_state` finds out whether that was us.

    Raises:
        StoreMoved: they are other files, or were at an earlier check: what is written through *db* may be lost.
        StoreDamaged: kiosk.db has shrunk, or is known to be damaged.
    """
    files = OPEN_DATABASES.get(db)
    if files is None:
        return False
    if files.error:
        raise files.error
    try:
        found = os.stat(files.names[0])  # noqa: PTH116
    except OSError:
        raise mark_unusable(files, StoreMoved(_describe_move(files))) from None
    if (found.st_dev, found.st_ino) != files.file_ids[0]:
        raise mark_unusable(files, StoreMoved(_describe_move(files)))
    if found.st_size < files.size_bytes:
        raise mark_unusable(files, StoreDamaged(_(DAMAGED_MESSAGE)))
    if _find_file_id(files.names[1]) != files.file_ids[1] or _find_file_id(files.names[2]) != files.file_ids[2]:
        raise mark_unusable(files, StoreMoved(_describe_move(files)))
    return (found.st_size, found.st_ctime_ns) != (files.size_bytes, files.changed_ns)


def mark_unusable(files: DatabaseFiles, error: StoreMoved | StoreDamaged) -> StoreMoved | StoreDamaged:
    """Never write through this connection again; return *error*."""
    files.error = error
    return error


def _describe_move(files: DatabaseFiles) -> str:
    """Describe what happened to the files, and what to do."""
    if _find_file_id(files.names[0]) == NO_FILE:
        where = find_current_path(files.file_ids[0])
        if where is not None:
            message = _(
                "{path} was moved to {where}: nothing was saved. Move it back; saving then resumes automatically."
            )
            return message.format(path=files.path, where=where)
        message = _("{path} was deleted: nothing was saved. The kiosk writes it again from what it still has open.")
        return message.format(path=files.path)
    if _find_file_id(files.names[0]) != files.file_ids[0]:
        message = _("{path} was replaced: nothing was saved. The kiosk adds what it still has open to the new file.")
        return message.format(path=files.path)
    message = _(
        "The log beside {path} was moved or deleted: nothing was saved. "
        "The kiosk writes the database again from what it still has open."
    )
    return message.format(path=files.path)


def find_current_path(file: _FileId) -> str | None:
    """Return the present path of a file that this process has open; None if it was deleted or cannot be found."""
    handle = find_open_handle(file)
    if handle is None:
        return None
    name = str(handle.readlink())
    return None if name.endswith(" (deleted)") else name


def find_open_handle(file: _FileId) -> Path | None:
    """Return a handle of this process on *file*, as a path (proc(5)); None if there is none."""
    try:
        handles = list(Path("/proc/self/fd").iterdir())
    except OSError:
        return None
    return next((handle for handle in handles if _find_file_id(str(handle)) == file), None)
