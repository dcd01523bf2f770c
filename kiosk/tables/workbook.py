"""Lists in workbooks (.xlsx), as Excel, Numbers, LibreOffice and web shops write them."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.tables.table import Table, checked
from kiosk.words import plain

LARGEST = 1 << 30
"""Bytes of a workbook when it is unpacked; a booth's leads of ten years have fewer."""


def workbook_table(path: Path) -> Table:
    """
    The list in the first sheet of the workbook at *path*; of formulas, what they last came to.

    Raises:
        ValueError: it cannot be read.
    """
    with readable():
        check_size(path)
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        total = sheet.max_row or 0
        sheet.reset_dimensions()  # some programs write wrong ones, and what is beyond them would not be read
    place = 0

    def rows() -> Iterator[tuple[int, list[Any]]]:
        nonlocal place
        with readable():
            for place, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if last := next((at for at in range(len(cells), 0, -1) if cells[at - 1] is not None), 0):
                    yield place, list(cells[:last])

    source = rows()
    header = [as_text(cell) for cell in next(source, (0, []))[1]]
    padded = ((line, cells + [None] * (len(header) - len(cells))) for line, cells in source)
    others = f", the first of {len(book.worksheets)} sheets" if len(book.worksheets) > 1 else ""
    shown = f"a workbook, sheet {plain(sheet.title)!r}{others}"
    return Table(header, shown, checked(header, padded), book.close, total, lambda: place)


def as_text(cell: Any) -> str:
    """A heading as text."""
    return "" if cell is None else str(cell)


def check_size(path: Path) -> None:
    """Raise ValueError for what is larger than any list when it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST:
            raise ValueError("it is a workbook of more than a gigabyte: save its list as CSV.")


@contextmanager
def readable() -> Iterator[None]:
    """
    What a broken or encrypted workbook makes openpyxl raise, which may be anything, as a sentence.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it leaves out: styles, pictures, drop-down lists
            yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, ValueError) and str(error).startswith("it is"):
            raise
        raise ValueError("it is a workbook that cannot be read: open it in its program, and save it as CSV.") from error
