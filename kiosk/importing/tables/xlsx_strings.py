"""The texts of a workbook: most programs keep each once, in a table of its own."""

import re
from array import array

from kiosk.importing.tables.xlsx_package import XlsxPackage, strip_namespace

MAX_CELL_CHARACTERS = 32_767
"""What a cell of a spreadsheet can hold; of more, only so much is read."""

_MAX_TEXT_BYTES = 128 << 20
"""Bytes of all texts of a workbook together."""

_MAX_TEXTS = 3_000_000
"""Texts of a workbook; a hundred thousand people with ten of their own have a million."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class CellTextReader:
    """Puts the text of a cell together, without the readings that stand beside Japanese."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._is_open = False
        self._is_reading = False

    def start_tag(self, tag: str) -> None:
        """A tag begins."""
        if tag == "rPh":
            self._is_reading = True
        elif tag == "t":
            self._is_open = not self._is_reading

    def end_tag(self, tag: str) -> None:
        """A tag ends."""
        if tag == "rPh":
            self._is_reading = False
        elif tag == "t":
            self._is_open = False

    def add_text(self, text: str) -> None:
        """Text comes; what is more than a cell can hold is dropped before it takes room."""
        if self._is_open and self._length < MAX_CELL_CHARACTERS:
            part = text[: MAX_CELL_CHARACTERS - self._length]
            self._parts.append(part)
            self._length += len(part)

    def take_text(self) -> str:
        """All that came since the last time."""
        whole = "".join(self._parts)
        self._parts, self._length = [], 0
        return unescape_xml(whole)


class SharedStrings:
    """The table of texts, packed: as Python's strings a hundred thousand names would take three times the room."""

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
            ValueError: that is more than any list has.
        """
        self._bytes += text.encode("utf-8", "replace")
        self._ends.append(len(self._bytes))
        if len(self._bytes) > _MAX_TEXT_BYTES or len(self._ends) > _MAX_TEXTS:
            raise ValueError("it is a workbook with more text than any list has: save its list as CSV.")


def read_shared_strings(package: XlsxPackage, name: str) -> SharedStrings:
    """
    The table of texts in the part *name*; empty where there is none.

    Raises:
        ValueError: it is too large.
    """
    strings, reader = SharedStrings(), CellTextReader()

    def start(tag: str, _: dict[str, str]) -> None:
        reader.start_tag(strip_namespace(tag))

    def end(tag: str) -> None:
        tag = strip_namespace(tag)
        reader.end_tag(tag)
        if tag == "si":
            strings.add_string(reader.take_text())

    if package.has_part(name):
        for _ in package.parse_part(name, start, end, reader.add_text):
            pass
    return strings


def unescape_xml(text: str) -> str:
    """*text* with the characters for which XML has no room, which spreadsheets write as `_x000D_`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
