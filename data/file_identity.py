"""
Whether an open database is still the files at its place.

SQLite writes on into files that were moved, replaced or deleted, and whoever looks at the place finds nothing of it.
Three files make one database: kiosk.db, its log (-wal) and the log's index (-shm).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from data.errors import DAMAGED_MESSAGE, StoreDamaged, StoreMoved

FILE_SUFFIXES = ("", "-wal", "-shm")
"""What the names of the three files end with."""

_FileId: TypeAlias = tuple[int, int]
"""Device and inode; (0, 0) is no file."""

NO_FILE: _FileId = (0, 0)


@dataclass(slots=True)
class DatabaseFiles:
    """Where a database was opened, and which files those were."""

    path: Path
    names: tuple[str, str, str]
    file_ids: tuple[_FileId, _FileId, _FileId]
    size_bytes: int
    """Of kiosk.db; it only ever grows."""
    changed_ns: int
    """When kiosk.db was last written, as `st_ctime_ns` says: only moving the log into it does that."""
    timeout_seconds: float
    """Seconds that the connection waits for another process."""
    is_shared: bool
    """Whether threads take turns with it."""
    error: StoreMoved | StoreDamaged | None = None
    """Why nothing is written through this connection any more; it stays so when the files are put back."""


OPEN_DATABASES: WeakKeyDictionary[Database, DatabaseFiles] = WeakKeyDictionary()
"""The place of each open database."""


def register_files(db: Database, path: Path, timeout_seconds: float, *, is_shared: bool) -> None:
    """Remember which files *db* is."""
    names = (str(path), f"{path}-wal", f"{path}-shm")
    size, changed = read_file_state(path)
    OPEN_DATABASES[db] = DatabaseFiles(path, names, find_file_ids(path), size, changed, timeout_seconds, is_shared)


def find_file_ids(path: Path) -> tuple[_FileId, _FileId, _FileId]:
    """Which three files are at *path*."""
    main, log, index = (_find_file_id(f"{path}{side}") for side in FILE_SUFFIXES)
    return main, log, index


def _find_file_id(name: str) -> _FileId:
    """Which file *name* is."""
    try:
        found = os.stat(name)  # noqa: PTH116  three of them for each save: a Path costs twice as much
    except OSError:
        return NO_FILE
    return found.st_dev, found.st_ino


def find_file_size(path: Path) -> int:
    """The size of the file at *path*; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_file_state(path: Path) -> tuple[int, int]:
    """The size of the file at *path*, and when it was last written."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_ctime_ns


def check_files(db: Database) -> bool:
    """
    Look whether the files at its place are those that *db* has open, and whether kiosk.db is as it was left.

    Returns whether kiosk.db was written since it was last looked at. The caller says whether that was us.

    Raises:
        StoreMoved: they are not, or once were not: what is written through *db* may be found by nobody.
        StoreDamaged: kiosk.db lost bytes, or is known to be damaged.
    """
    place = OPEN_DATABASES.get(db)
    if place is None:
        return False
    if place.error:
        raise place.error
    try:
        found = os.stat(place.names[0])  # noqa: PTH116
    except OSError:
        raise mark_unusable(place, StoreMoved(describe_move(place))) from None
    if (found.st_dev, found.st_ino) != place.file_ids[0]:
        raise mark_unusable(place, StoreMoved(describe_move(place)))
    if found.st_size < place.size_bytes:
        raise mark_unusable(place, StoreDamaged(DAMAGED_MESSAGE))
    if _find_file_id(place.names[1]) != place.file_ids[1] or _find_file_id(place.names[2]) != place.file_ids[2]:
        raise mark_unusable(place, StoreMoved(describe_move(place)))
    return (found.st_size, found.st_ctime_ns) != (place.size_bytes, place.changed_ns)


def mark_unusable(place: DatabaseFiles, error: StoreMoved | StoreDamaged) -> StoreMoved | StoreDamaged:
    """Never write through the connection of *place* again."""
    place.error = error
    return error


def describe_move(place: DatabaseFiles) -> str:
    """What happened to the files of *place*, and what to do."""
    if _find_file_id(place.names[0]) == NO_FILE:
        where = find_current_path(place.file_ids[0])
        if where is not None:
            return f"{place.path} was moved to {where}: nothing was saved. Move it back; saving then goes on by itself."
        return f"{place.path} was deleted: nothing was saved. The kiosk writes it again from what it has open."
    if _find_file_id(place.names[0]) != place.file_ids[0]:
        return f"{place.path} was replaced: nothing was saved. The kiosk adds what it has open to the new file."
    return (
        f"The log beside {place.path} was moved or deleted: nothing was saved. "
        "The kiosk writes the database again from what it has open."
    )


def find_current_path(file: _FileId) -> str | None:
    """Where a file that this process has open lies now; None where it was deleted, or nobody can tell."""
    handle = find_open_handle(file)
    if handle is None:
        return None
    name = str(handle.readlink())
    return None if name.endswith(" (deleted)") else name


def find_open_handle(file: _FileId) -> Path | None:
    """A handle that this process has open on *file*, as a path (proc(5)); None where there is none."""
    try:
        handles = list(Path("/proc/self/fd").iterdir())
    except OSError:
        return None
    return next((handle for handle in handles if _find_file_id(str(handle)) == file), None)
