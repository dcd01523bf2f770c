"""Whether an open database is still the file at its place: SQLite goes on writing to one that was moved away."""

from pathlib import Path
from weakref import WeakKeyDictionary

from sqlite_utils import Database

from data.errors import StoreUnusable

PLACES: WeakKeyDictionary[Database, tuple[Path, tuple[int, int]]] = WeakKeyDictionary()
"""Where each database was opened, and which file that was."""


def remember_place(db: Database, path: Path) -> None:
    """Remember which file *db* is."""
    PLACES[db] = path, file_at(path)


def check_place(db: Database) -> None:
    """
    Look whether the file at its place is the one that *db* has open.

    Raises:
        StoreUnusable: it is not; who looks there finds nothing of what is written here.
    """
    if db not in PLACES:
        return
    path, file = PLACES[db]
    if file_at(path) != file:
        raise StoreUnusable(
            f"The database was moved or deleted: nothing was saved. Put it back as {path}, or start the kiosk anew."
        )


def file_at(path: Path) -> tuple[int, int]:
    """Which file is at *path*; that of no file where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino
