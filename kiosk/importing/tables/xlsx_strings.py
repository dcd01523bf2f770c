"""The texts of a workbook: most programs store each text once, in a shared table."""

import re
from array import array

from data.language import _
from kiosk.importing.tables.xlsx_package import WorkbookError, XlsxPackage, strip_namespace

# The longest text of a cell in spreadsheet programs; more is cut off.
MAX_CELL_CHARACTERS = 32_767

# How many bytes the texts of a workbook may have together.
_MAX_TEXT_BYTES = 128 << 20

# How many texts a workbook may have; a hundred thousand people with ten texts each have a million.
_MAX_TEXTS = 3_000_000

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class CellTextReader:
    """Assembles the text of a cell, without the pronunciations that accompany Japanese text."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._is_open = False
        self._is_reading = False

    def start_tag(self, tag: str) -> None:
        """Handle the start of a tag."""
        if tag == "rPh":
            self._is_reading = True
        elif tag == "t":
            self._is_open = not self._is_reading

    def end_tag(self, tag: str) -> None:
        """Handle the end of a tag."""
        if tag == "rPh":
            self._is_reading = False
        elif tag == "t":
            self._is_open = False

    def add_text(self, text: str) -> None:
        """Add text; what exceeds a cell's limit is dropped before it takes memory."""
        if self._is_open and self._length < MAX_CELL_CHARACTERS:
            part = text[: MAX_CELL_CHARACTERS - self._length]
            self._parts.append(part)
            self._length += len(part)

    def take_text(self) -> str:
        """Return the text added since the last call."""
        whole = "".join(self._parts)
        self._parts, self._length = [], 0
        return unescape_xml(whole)


class SharedStrings:
    """
    The shared table of texts, packed: as Python strings a hundred thousand names would take three times the memory.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        start = self._ends[index - 1] if index else 0
        return self._bytes[start : self._ends[index]].decode("utf-8", "replace")

    def add_string(self, text: str) -> None:
        """
        Add the next text.

        Raises:
            WorkbookError: there is more than any list has.
        """
        self._bytes += text.encode("utf-8", "replace")
        self._ends.append(len(self._bytes))
        if len(self._bytes) > _MAX_TEXT_BYTES or len(self._ends) > _MAX_TEXTS:
            raise WorkbookError(_("this workbook has more text than the kiosk can read. Save its list as CSV."))


def read_shared_strings(package: XlsxPackage, name: str) -> SharedStrings:
    """
    Read the table of texts in the part *name*; it is empty if there is none.

    Raises:
        WorkbookError: it is too large.
    """
    strings, reader = SharedStrings(), CellTextReader()

    def start(tag: str, attributes: dict[str, str]) -> None:
        reader.start_tag(strip_namespace(tag))

    def end(tag: str) -> None:
        tag = strip_namespace(tag)
        reader.end_tag(tag)
        if tag == "si":
            strings.add_string(reader.take_text())

    if package.has_part(name):
        for _chunk in package.parse_part(name, start, end, reader.add_text):
            pass
    return strings


def unescape_xml(text: str) -> str:
    """Replace `_x000D_` and similar escapes, which spreadsheets use for characters that XML does not allow."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
