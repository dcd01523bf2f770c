"""Lists in workbooks (.xlsx), as Excel, Numbers, LibreOffice and web shops write them."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

from kiosk.importing.tables.header import MAX_COLUMNS, MAX_HEADER_ROWS, Header, RawRow, check_is_header, find_header
from kiosk.importing.tables.table import Table, check_rows
from kiosk.importing.tables.xlsx_numbers import read_formats
from kiosk.importing.tables.xlsx_package import XlsxPackage, get_attribute, strip_namespace
from kiosk.importing.tables.xlsx_sheet import WorkbookContext, read_sheet_rows
from kiosk.importing.tables.xlsx_strings import read_shared_strings
from kiosk.status.wording import sanitize_text

_MAX_SHEETS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet, by its name and the part of the file that holds it."""

    name: str
    part: str
    is_hidden: bool


def open_workbook_table(path: Path, sheet: str = "", header_row: int = 0) -> Table:
    """
    The list in the workbook at *path*: in the sheet that is named, else in the visible one that looks most like a list.

    Of formulas, what they last came to; numbers and dates as they are shown.

    Raises:
        ValueError: it cannot be read, or has no such sheet or line.
    """
    with _explain_errors():
        package = XlsxPackage(path)
    try:
        with _explain_errors():
            sheets, book = _read_book(package)
        chosen, header = _choose_sheet(package, sheets, book, sheet, header_row)
    except BaseException:
        package.close()
        raise
    others = f", of {len(sheets)} sheets" if len(sheets) > 1 else ""
    shown = f"a workbook, sheet {sanitize_text(chosen.name)!r}{others}"
    source = _iterate_raw_rows(package, chosen, book)
    above = list(islice(source, header.rows_above))
    if above:
        check_is_header(header.names, above[-1][0])
    if header.rows_above > 1 and header.names:
        shown += f", headers in line {above[-1][0]}"
    table = check_rows(header.names, source, is_grid=True)
    return Table(header.names, shown, table, package.close, package.get_size(chosen.part), lambda: package.position)


def _read_book(package: XlsxPackage) -> tuple[list[_Sheet], WorkbookContext]:
    """The sheets of a workbook, and what they share."""
    main = next(
        (name for kind, name in package.read_relations("").values() if kind == "officeDocument"), "xl/workbook.xml"
    )
    relations = package.read_relations(main)
    sheets: list[_Sheet] = []
    is_1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if strip_namespace(tag) == "workbookPr":
            is_1904 = attributes.get("date1904", "") in ("1", "true")
        elif strip_namespace(tag) == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            kind, part = relations.get(relation, ("", ""))
            if kind == "worksheet" and package.has_part(part):
                sheets.append(
                    _Sheet(get_attribute(attributes, "name"), part, attributes.get("state", "visible") != "visible")
                )

    for _ in package.parse_part(main, start):
        pass
    parts = dict(relations.values())
    strings = read_shared_strings(package, parts.get("sharedStrings", ""))
    return sheets, WorkbookContext(strings, read_formats(package, parts.get("styles", "")), is_1904)


def _choose_sheet(
    package: XlsxPackage, sheets: Sequence[_Sheet], book: WorkbookContext, wanted: str, header_row: int
) -> tuple[_Sheet, Header]:
    """
    The sheet with the list, and its headers.

    Raises:
        ValueError: there is no sheet called *wanted*, or none at all, or nothing in line *header_row*.
    """
    fitting = [sheet for sheet in sheets if sheet.name == wanted] if wanted else [s for s in sheets if not s.is_hidden]
    if not fitting:
        there = ", ".join(repr(sheet.name) for sheet in sheets)
        raise ValueError(f"it is a workbook without a sheet {wanted!r}; there is {there or 'none'}.")
    best: tuple[_Sheet, Header] | None = None
    for sheet in fitting[:_MAX_SHEETS_LOOKED_AT]:
        first = list(islice(_iterate_raw_rows(package, sheet, book), max(MAX_HEADER_ROWS, header_row)))
        header = find_header(
            first, header_row if len(fitting) == 1 or any(line == header_row for line, _ in first) else 0
        )
        is_list = header.known_count >= 2 and len(first) > header.rows_above
        if best is None or (is_list and header.known_count > best[1].known_count):
            best = sheet, header
        if is_list and best[1].known_count >= 4:
            break
    assert best is not None
    return best


def _iterate_raw_rows(package: XlsxPackage, sheet: _Sheet, book: WorkbookContext) -> Iterator[RawRow]:
    """The rows of a sheet that hold anything, as far as their columns are read."""
    with _explain_errors():
        for number, cells in read_sheet_rows(package, sheet.part, book):
            kept = {at: cell for at, cell in cells.items() if at < MAX_COLUMNS}
            row: list[Any] = [None] * (max(kept, default=-1) + 1)
            for at, cell in kept.items():
                row[at] = cell
            if row:
                yield number, row


@contextmanager
def _explain_errors() -> Iterator[None]:
    """
    Say in a sentence what is wrong with a broken or encrypted workbook.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        yield
    except ValueError as error:
        if str(error).startswith("it is"):
            raise
        raise ValueError(_BROKEN_WORKBOOK) from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError, KeyError, NotImplementedError, RuntimeError,
            EOFError, OverflowError, zlib.error) as error:  # fmt: skip
        raise ValueError(_BROKEN_WORKBOOK) from error


_BROKEN_WORKBOOK = "it is a workbook that cannot be read: open it in its program, and save it as CSV."
