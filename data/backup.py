"""A copy of an open database that is complete in itself."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from data.merge import count
from data.store import asked


def write_backup(db: Database, file: Path) -> int:
    """
    Write everything that is committed to a new *file*, which only its owner can read; how many leads it has.

    Raises:
        OSError: the file is there already, or cannot be written.
        StoreError: the database cannot be read.
    """
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        # Unlike a copy of its pages, this reads each row: a damaged database does not become a damaged backup.
        asked(db, lambda db: db.execute("vacuum into ?", (str(file),)))
        with closing(sqlite3.connect(file)) as copy:
            leads = count(copy, "leads")
        with file.open("rb") as written:
            os.fsync(written.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return leads
