"""Backup: a copy of an open database that is complete in itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from data.database_merge import count_rows
from data.errors import DiskFull
from data.files import atomic_file
from data.language import _
from data.store import run_query


def write_backup(db: Database, file: Path) -> int:
    """
    Write everything that is committed to *file*, readable by its owner only; return how many leads it holds.

    An existing file is replaced once the new one is complete.

    Raises:
        OSError: the file cannot be written.
        StoreError: the database cannot be read, or the disk has no room for the copy.
    """
    with atomic_file(file) as new:
        # Unlike a page-by-page copy, this reads every row, so that a damaged database does not become a damaged backup.
        try:
            run_query(db, lambda db: db.execute("vacuum into ?", (new.name,)))
        except DiskFull:
            message = _("The disk has no room for the copy at {file}: nothing was written.")
            raise DiskFull(message.format(file=file)) from None
        with closing(sqlite3.connect(new.name)) as copy:
            return count_rows(copy, "leads")
