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

from data.language import N_, _
from kiosk.importing.tables.header import MAX_COLUMNS, MAX_HEADER_ROWS, Header, RawRow, check_is_header, find_header
from kiosk.importing.tables.table import Table, check_rows
from kiosk.importing.tables.xlsx_numbers import read_formats
from kiosk.importing.tables.xlsx_package import WorkbookError, XlsxPackage, get_attribute, strip_namespace
from kiosk.importing.tables.xlsx_sheet import WorkbookContext, read_sheet_rows
from kiosk.importing.tables.xlsx_strings import read_shared_strings
from kiosk.status.wording import sanitize_text

# How many sheets are searched for the list.
_MAX_SEARCHED_SHEETS = 20


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet, by its name and the part of the file that holds it."""

    name: str
    part: str
    is_hidden: bool


def open_workbook_table(path: Path, sheet: str = "", header_row: int = 0) -> Table:
    """
    Return the list in the workbook at *path*: in the named sheet, else in the visible one that looks most like a list.

    Formulas have their last result; numbers and dates are as they are shown.

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
    source = _iterate_raw_rows(package, chosen, book)
    above = list(islice(source, header.rows_above))
    if above:
        check_is_header(header.names, above[-1][0])
    header_line = above[-1][0] if header.rows_above > 1 and header.names else 0
    description = _describe_workbook(chosen, len(sheets), header_line)
    table = check_rows(header.names, source, is_grid=True)
    size = package.get_size(chosen.part)
    return Table(header.names, description, table, package.close, size, lambda: package.position)


def _describe_workbook(chosen: _Sheet, sheet_count: int, header_line: int) -> str:
    """Describe in a few words which list of a workbook was read; a *header_line* of 0 is not mentioned."""
    parts = [_("workbook, sheet {name}").format(name=repr(sanitize_text(chosen.name)))]
    if sheet_count > 1:
        parts.append(_("1 of {count} sheets").format(count=sheet_count))
    if header_line:
        parts.append(_("headers in line {line}").format(line=header_line))
    return ", ".join(parts)


def _read_book(package: XlsxPackage) -> tuple[list[_Sheet], WorkbookContext]:
    """Return the sheets of a workbook, and what they share."""
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

    for _chunk in package.parse_part(main, start):
        pass
    parts = dict(relations.values())
    strings = read_shared_strings(package, parts.get("sharedStrings", ""))
    return sheets, WorkbookContext(strings, read_formats(package, parts.get("styles", "")), is_1904)


def _choose_sheet(
    package: XlsxPackage, sheets: Sequence[_Sheet], book: WorkbookContext, chosen_name: str, header_row: int
) -> tuple[_Sheet, Header]:
    """
    Return the sheet with the list, and its headers.

    Raises:
        ValueError: there is no sheet called *chosen_name*, or none at all, or line *header_row* is empty.
    """
    fitting = (
        [sheet for sheet in sheets if sheet.name == chosen_name]
        if chosen_name
        else [s for s in sheets if not s.is_hidden]
    )
    if not fitting:
        sheet_names = ", ".join(repr(sheet.name) for sheet in sheets)
        if not sheet_names:
            raise ValueError(_("this workbook has no sheets."))
        raise ValueError(
            _("this workbook has no sheet {name}. Sheets: {names}.").format(name=repr(chosen_name), names=sheet_names)
        )
    best: tuple[_Sheet, Header] | None = None
    for sheet in fitting[:_MAX_SEARCHED_SHEETS]:
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
    """Yield the rows of a sheet that hold anything, up to the last column that is read."""
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
    Turn the many errors of a broken or encrypted workbook into one sentence.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        yield
    except WorkbookError:
        raise
    except ValueError as error:
        raise ValueError(_(_BROKEN_WORKBOOK)) from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError, KeyError, NotImplementedError, RuntimeError,
            EOFError, OverflowError, zlib.error) as error:  # fmt: skip
        raise ValueError(_(_BROKEN_WORKBOOK)) from error


_BROKEN_WORKBOOK = N_("this workbook cannot be read. Open it in its program and save it as CSV.")
