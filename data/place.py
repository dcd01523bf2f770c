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

from data.errors import DAMAGED, StoreDamaged, StoreMoved

SIDES = ("", "-wal", "-shm")
"""What the names of the three files end with."""

FileId: TypeAlias = tuple[int, int]
"""Device and inode; (0, 0) is no file."""

NO_FILE: FileId = (0, 0)


@dataclass(slots=True)
class Place:
    """Where a database was opened, and which files those were."""

    path: Path
    names: tuple[str, str, str]
    files: tuple[FileId, FileId, FileId]
    size: int
    """Of kiosk.db; it only ever grows."""
    changed: int
    """When kiosk.db was last written, as `st_ctime_ns` says: only moving the log into it does that."""
    wait: float
    """Seconds that the connection waits for another process."""
    is_shared: bool
    """Whether threads take turns with it."""
    trouble: StoreMoved | StoreDamaged | None = None
    """Why nothing is written through this connection any more; it stays so when the files are put back."""


PLACES: WeakKeyDictionary[Database, Place] = WeakKeyDictionary()
"""The place of each open database."""


def remember_place(db: Database, path: Path, wait: float, *, is_shared: bool) -> None:
    """Remember which files *db* is."""
    names = (str(path), f"{path}-wal", f"{path}-shm")
    size, changed = written(path)
    PLACES[db] = Place(path, names, files_at(path), size, changed, wait, is_shared)


def files_at(path: Path) -> tuple[FileId, FileId, FileId]:
    """Which three files are at *path*."""
    main, log, index = (file_at(f"{path}{side}") for side in SIDES)
    return main, log, index


def file_at(name: str) -> FileId:
    """Which file *name* is."""
    try:
        found = os.stat(name)  # noqa: PTH116  three of them for each save: a Path costs twice as much
    except OSError:
        return NO_FILE
    return found.st_dev, found.st_ino


def size_of(path: Path) -> int:
    """The size of the file at *path*; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def written(path: Path) -> tuple[int, int]:
    """The size of the file at *path*, and when it was last written."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_ctime_ns


def check_place(db: Database) -> bool:
    """
    Look whether the files at its place are those that *db* has open, and whether kiosk.db is as it was left.

    Returns whether kiosk.db was written since it was last looked at. The caller says whether that was us.

    Raises:
        StoreMoved: they are not, or once were not: what is written through *db* may be found by nobody.
        StoreDamaged: kiosk.db lost bytes, or is known to be damaged.
    """
    place = PLACES.get(db)
    if place is None:
        return False
    if place.trouble:
        raise place.trouble
    try:
        found = os.stat(place.names[0])  # noqa: PTH116
    except OSError:
        raise give_up(place, StoreMoved(moved(place))) from None
    if (found.st_dev, found.st_ino) != place.files[0]:
        raise give_up(place, StoreMoved(moved(place)))
    if found.st_size < place.size:
        raise give_up(place, StoreDamaged(DAMAGED))
    if file_at(place.names[1]) != place.files[1] or file_at(place.names[2]) != place.files[2]:
        raise give_up(place, StoreMoved(moved(place)))
    return (found.st_size, found.st_ctime_ns) != (place.size, place.changed)


def give_up(place: Place, trouble: StoreMoved | StoreDamaged) -> StoreMoved | StoreDamaged:
    """Never write through the connection of *place* again."""
    place.trouble = trouble
    return trouble


def moved(place: Place) -> str:
    """What happened to the files of *place*, and what to do."""
    if file_at(place.names[0]) == NO_FILE:
        where = whereabouts(place.files[0])
        if where is not None:
            return f"{place.path} was moved to {where}: nothing was saved. Move it back; saving then goes on by itself."
        return f"{place.path} was deleted: nothing was saved. The kiosk writes it again from what it has open."
    if file_at(place.names[0]) != place.files[0]:
        return f"{place.path} was replaced: nothing was saved. The kiosk adds what it has open to the new file."
    return (
        f"The log beside {place.path} was moved or deleted: nothing was saved. "
        "The kiosk writes the database again from what it has open."
    )


def whereabouts(file: FileId) -> str | None:
    """Where a file that this process has open lies now; None where it was deleted, or nobody can tell."""
    handle = open_handle(file)
    if handle is None:
        return None
    name = str(handle.readlink())
    return None if name.endswith(" (deleted)") else name


def open_handle(file: FileId) -> Path | None:
    """A handle that this process has open on *file*, as a path (proc(5)); None where there is none."""
    try:
        handles = list(Path("/proc/self/fd").iterdir())
    except OSError:
        return None
    return next((handle for handle in handles if file_at(str(handle)) == file), None)
