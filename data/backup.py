"""A copy of an open database that is complete in itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from data.database_merge import count_rows
from data.errors import DiskFull
from data.files import atomic_file
from data.store import run_query


def write_backup(db: Database, file: Path) -> int:
    """
    Write everything that is committed to *file*, which only its owner can read; how many leads it has.

    A file that is there already is replaced once the new one is whole.

    Raises:
        OSError: the file cannot be written.
        StoreError: the database cannot be read, or there is no room for the copy.
    """
    with atomic_file(file) as new:
        # Unlike a copy of its pages, this reads each row: a damaged database does not become a damaged backup.
        try:
            run_query(db, lambda db: db.execute("vacuum into ?", (new.name,)))
        except DiskFull:
            raise DiskFull(f"There is no room for the copy at {file}: nothing was written.") from None
        with closing(sqlite3.connect(new.name)) as copy:
            return count_rows(copy, "leads")
