"""The rows of one sheet of a workbook, one after another; only cells that hold something take memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.language import _
from kiosk.importing.tables.xlsx_numbers import GENERAL_FORMAT, NumberFormat, format_number
from kiosk.importing.tables.xlsx_package import WorkbookError, XlsxPackage, strip_namespace
from kiosk.importing.tables.xlsx_strings import MAX_CELL_CHARACTERS, CellTextReader, SharedStrings, unescape_xml

# How many columns a sheet has, up to XFD.
_MAX_COLUMNS = 16_384

# How many cells a workbook may have: those of a hundred thousand people with a hundred columns.
MAX_CELLS = 10_000_000

# How many characters a row may have; cells beyond them are left empty.
_MAX_ROW_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class WorkbookContext:
    """What the sheets of a workbook share."""

    strings: SharedStrings
    formats: Sequence[NumberFormat]
    is_1904: bool = False
    """Whether its days are counted from 1904, as on old Macs."""


class _SheetReader:
    """Builds rows from the tags of a sheet."""

    def __init__(self, book: WorkbookContext) -> None:
        self._book = book
        self._text = CellTextReader()
        self._value: list[str] = []
        self._is_value = False
        self._kind = ""
        self._style = 0
        self._cells: dict[int, Any] = {}
        self._characters = 0
        self._column = 0
        self._row = 0
        self._number = 0
        self.rows: list[tuple[int, dict[int, Any]]] = []

    def start_tag(self, tag: str, attributes: dict[str, str]) -> None:
        tag = strip_namespace(tag)
        if tag == "v":
            self._is_value = True
        elif tag == "c":
            self._number += 1
            if self._number > MAX_CELLS:
                raise WorkbookError(_("this workbook has more than ten million cells. Save its list as CSV."))
            reference = attributes.get("r", "")
            self._column = _parse_column(reference) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s") or 0)
            self._value = []
        elif tag == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._cells, self._column, self._characters = {}, 0, 0
        else:
            self._text.start_tag(tag)

    def add_text(self, text: str) -> None:
        if self._is_value:
            if sum(map(len, self._value)) < MAX_CELL_CHARACTERS:
                self._value.append(text[:MAX_CELL_CHARACTERS])
        else:
            self._text.add_text(text)

    def end_tag(self, tag: str) -> None:
        tag = strip_namespace(tag)
        if tag == "v":
            self._is_value = False
        elif tag == "c":
            self._keep_value(self._read_value())
        elif tag == "row":
            if self._cells:
                self.rows.append((self._row, self._cells))
        else:
            self._text.end_tag(tag)

    def _keep_value(self, value: Any) -> None:
        """Keep the value of a cell, if it has one and the row has room."""
        if value is None or value == "" or not 0 < self._column <= _MAX_COLUMNS:
            return
        self._characters += len(value) if isinstance(value, str) else 8
        if self._characters <= _MAX_ROW_CHARACTERS:
            self._cells[self._column - 1] = value

    def _read_value(self) -> Any:
        """Return the value of the cell that has just ended; None if it is empty, or an error such as `#N/A`."""
        text = "".join(self._value)
        match self._kind:
            case "inlineStr":
                return self._text.take_text()
            case "s":
                index = int(text) if text.isdecimal() and len(text) < 10 else -1
                return self._book.strings[index] if 0 <= index < len(self._book.strings) else None
            case "str" | "d":
                return unescape_xml(text)
            case "b":
                return text.strip() == "1"
            case "e":
                return None
        if not text.strip():
            return None
        formats = self._book.formats
        return format_number(
            text, formats[self._style] if self._style < len(formats) else GENERAL_FORMAT, self._book.is_1904
        )


def read_sheet_rows(package: XlsxPackage, name: str, book: WorkbookContext) -> Iterator[tuple[int, dict[int, Any]]]:
    """
    Yield the rows in the part *name* that hold anything: each with its number, and its values by column index.

    Raises:
        WorkbookError: it is too large.
        ValueError: it is not a sheet.
        expat.ExpatError: it is not XML.
    """
    reader = _SheetReader(book)
    for _chunk in package.parse_part(name, reader.start_tag, reader.end_tag, reader.add_text):
        yield from reader.rows
        reader.rows.clear()


def _parse_column(reference: str) -> int:
    """Return the column number in a cell's *reference*: 1 in `A7`, 28 in `AB7`."""
    number = 0
    for character in reference[:4]:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return number
