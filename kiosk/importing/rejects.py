"""
Writes the rows that were skipped to a file beside the list, with their line and the reason, to be corrected there.
"""

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

from data.export import encode_cell
from data.files import flush_directory
from kiosk.importing.tables.table import TableRow, cell_to_text
from sync.file_lock import is_lock_held

# Columns before the list's own. Not translated: they are recognised when a corrected file is imported.
_ADDED_COLUMNS = ("line", "why skipped")  # not shown: part of the file's format

# What a version before wrote; such a file can still be corrected and imported.
_OLD_ADDED_COLUMNS = ("line", "why left out")  # not shown: see above

# Ending of the name of a file that is being written. Its writer holds a lock on it, so a file without one was left by
# a killed import.
_PART_SUFFIX = re.compile(r"[a-z0-9_]{8}")


class RejectFile:
    """Writes `FILE.rejected.csv` row by row. It appears under its name, complete, when the import is finished."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        """Prepare the file for the list at *path*; its first line repeats the list's *header*."""
        self.path = path.with_name(f"{path.name}.rejected.csv")
        self.prefix = f".{self.path.name}."
        has_added_columns = tuple(header[: len(_ADDED_COLUMNS)]) in (_ADDED_COLUMNS, _OLD_ADDED_COLUMNS)
        self.skipped_columns = len(_ADDED_COLUMNS) if has_added_columns else 0
        self.header = list(header[self.skipped_columns :])
        self.row_count = 0
        self.part_path: Path | None = None
        self.file: TextIO | None = None

    def __enter__(self) -> "RejectFile":
        self._remove_stale_parts()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.file is not None:
            self.file.close()
        if self.part_path is not None:
            with suppress(OSError):
                self.part_path.unlink(missing_ok=True)

    def _remove_stale_parts(self) -> None:
        """Remove half-written files of killed imports of the same list."""
        with suppress(OSError):
            for path in self.path.absolute().parent.iterdir():
                is_part = path.name.startswith(self.prefix) and _PART_SUFFIX.fullmatch(path.name[len(self.prefix) :])
                if is_part and not is_lock_held(path):
                    path.unlink(missing_ok=True)

    def add_row(self, row: TableRow, reason: str, hidden: Sequence[int] = ()) -> None:
        """
        Write one row, except the cells *hidden*.

        Raises:
            OSError: it cannot be written.
        """
        cells = ["" if at in hidden else _format_cell(cell) for at, cell in enumerate(row.cells)]
        self.write_cells([row.line, reason, *cells[self.skipped_columns :]])
        self.row_count += 1

    def write_cells(self, cells: Sequence[Any]) -> None:
        """Write a line; the first one creates the file, readable by its owner only."""
        if self.file is None:
            handle, name = tempfile.mkstemp(dir=self.path.absolute().parent, prefix=self.prefix)
            with suppress(OSError):  # not every USB stick's file system supports locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.part_path, self.file = (
                Path(name),
                os.fdopen(handle, "w", encoding="utf-8-sig", errors="replace", newline=""),
            )
            self.write_cells([*_ADDED_COLUMNS, *self.header])
        csv.writer(self.file).writerow(list(map(encode_cell, cells)))

    def move_into_place(self) -> None:
        """
        Give the file its name. If no row was skipped, remove the file of an earlier import.

        Raises:
            OSError: it could not be written.
        """
        if self.file is None or self.part_path is None:
            if _is_reject_file(self.path):
                self.path.unlink()
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        self.part_path.replace(self.path)
        self.part_path = None
        flush_directory(self.path.absolute().parent)


def _format_cell(cell: Any) -> Any:
    """Return *cell* for a spreadsheet; lists and objects stay as they are and get written on one line."""
    return cell if isinstance(cell, list | dict) else cell_to_text(cell)


def _is_reject_file(path: Path) -> bool:
    """Return whether the file at *path* was written by an earlier import."""
    try:
        with path.open("rb") as file:
            beginning = file.read(200).decode("utf-8-sig", "replace")
            return beginning.startswith((",".join(_ADDED_COLUMNS), ",".join(_OLD_ADDED_COLUMNS)))
    except OSError:
        return False
