"""The rows of a list that were not taken, in a file beside it: with their line and reason, to be mended there."""

import csv
import fcntl
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from data.export import as_cell
from data.files import flush_folder
from kiosk.importing.tables.table import Row, text_of
from sync.lock import is_held

OURS = ("line", "why left out")
"""The columns in front of the list's own; where such a file is imported, they mean nothing."""


PART = re.compile(r"[a-z0-9_]{8}")
"""How the name of a file ends that is being written; whoever writes it holds a lock on it."""


class RejectedRows:
    """Writes `FILE.rejected.csv` row by row; it is in its place when the import is through, whole and for good."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """*path* is the list's."""
        self.path = path.with_name(f"{path.name}.rejected.csv")
        self.prefix = f".{self.path.name}."
        self.skipped = len(OURS) if tuple(header[: len(OURS)]) == OURS else 0
        self.header = list(header[self.skipped :])
        self.number = 0
        self.part: Path | None = None
        self.file: TextIO | None = None

    def __enter__(self) -> "RejectedRows":
        self.tidy_up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.file is not None:
            self.file.close()
        if self.part is not None:
            with suppress(OSError):
                self.part.unlink(missing_ok=True)

    def tidy_up(self) -> None:
        """Remove what an import of the same list left half written that was killed."""
        with suppress(OSError):
            for path in self.path.absolute().parent.iterdir():
                is_part = path.name.startswith(self.prefix) and PART.fullmatch(path.name[len(self.prefix) :])
                if is_part and not is_held(path):
                    path.unlink(missing_ok=True)

    def add(self, row: Row, reason: str, hidden: Sequence[int] = ()) -> None:
        """
        Write one row, all but the cells *hidden*.

        Raises:
            OSError: it cannot be written.
        """
        cells = ["" if at in hidden else shown(cell) for at, cell in enumerate(row.cells)]
        self.write([row.line, reason, *cells[self.skipped :]])
        self.number += 1

    def write(self, cells: Sequence[Any]) -> None:
        """Write a line; the first makes the file, which only its owner can read."""
        if self.file is None:
            handle, name = tempfile.mkstemp(dir=self.path.absolute().parent, prefix=self.prefix)
            with suppress(OSError):  # not every stick knows locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.part, self.file = (
                Path(name),
                os.fdopen(handle, "w", encoding="utf-8-sig", errors="replace", newline=""),
            )
            self.write([*OURS, *self.header])
        csv.writer(self.file).writerow(list(map(as_cell, cells)))

    def finish(self) -> None:
        """
        Put the file in its place; where every row was taken, what an earlier import left there goes away.

        Raises:
            OSError: it could not be written.
        """
        if self.file is None or self.part is None:
            if is_ours(self.path):
                self.path.unlink()
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        self.part.replace(self.path)
        self.part = None
        flush_folder(self.path.absolute().parent)


def shown(cell: Any) -> Any:
    """*cell* for a spreadsheet; a list or an object in one line."""
    return cell if isinstance(cell, list | dict) else text_of(cell)


def is_ours(path: Path) -> bool:
    """Whether the file at *path* was written by an earlier import."""
    try:
        with path.open("rb") as file:
            return file.read(200).decode("utf-8-sig", "replace").startswith(",".join(OURS))
    except OSError:
        return False
