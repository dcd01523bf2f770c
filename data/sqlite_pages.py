"""
Reads rows from the pages of a damaged SQLite file and its log, without SQLite, which stops at the first damage.

Every page that still looks like the leaf of a table is read on its own (sqlite.org/fileformat2.html, sections 1.6, 2.1
and 4.1): no root, index or schema is needed. A row is accepted only if its lengths add up to the byte.
"""

import mmap
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = int | float | str | bytes | None

_ImageSource: TypeAlias = bytes | mmap.mmap

_FILE_MAGIC = b"SQLite format 3\0"

_TABLE_LEAF, _INDEX_INTERIOR, _INDEX_LEAF = 13, 2, 10
"""Types of pages that hold rows; tables without a rowid are stored as indexes."""

_PAGE_SIZES = {1 << power for power in range(9, 16)} | {65_536}

_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES, _FILE_HEADER_BYTES = 32, 24, 100

# The longest row that is believed; one that claims to be longer is damage.
_MAX_ROW_BYTES = 64_000_000

_VALUE_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Size of a value, by its serial type."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row, with its values in the order in which its table stores them."""

    values: tuple[Value, ...]
    rowid: int | None
    """None in tables without one."""


class PageReader:
    """The pages of a file and its log, neither of which may be written while this reads them."""

    def __init__(self, main: Path, log: Path) -> None:
        self.main = _map_file(main)
        self.log = _map_file(log)
        self.page_size = self._find_page_size()
        self.latest_images = {number: (source, at) for source, number, at in reversed(list(self._iterate_images()))}
        """The source and offset of the latest image of each page, by its number."""

    def _find_page_size(self) -> int:
        """Return the page size that the file or else the log states; 4096, the size of our pages, if neither does."""
        found = int.from_bytes(self.main[16:18]) if self.main[:16] == _FILE_MAGIC else 0
        found = 65_536 if found == 1 else found
        if found not in _PAGE_SIZES:
            found = int.from_bytes(self.log[8:12])
        return found if found in _PAGE_SIZES else 4096

    def _iterate_images(self) -> Iterator[tuple[_ImageSource, int, int]]:
        """
        Yield every image of a page with its source, page number and offset, newest first: the log backwards, then the
        file.
        """
        step = _FRAME_HEADER_BYTES + self.page_size
        for at in reversed(range(_WAL_HEADER_BYTES, len(self.log) - step + 1, step)):
            yield self.log, int.from_bytes(self.log[at : at + 4]), at + _FRAME_HEADER_BYTES
        for number, at in enumerate(range(0, len(self.main) - self.page_size + 1, self.page_size), 1):
            yield self.main, number, at

    def read_page(self, number: int) -> bytes:
        """
        Return the latest image of page *number*.

        Raises:
            IndexError: there is none.
        """
        if number not in self.latest_images:
            raise IndexError(number)
        source, at = self.latest_images[number]
        return source[at : at + self.page_size]

    def iterate_rows(self, wanted: Collection[tuple[bool, int]]) -> Iterator[FoundRow]:
        """
        Yield every readable row, newest first, and once more for each older image of its page.

        *wanted* says which rows to read: whether their table has a rowid, and how many values they have.
        """
        for source, _, at in self._iterate_images():
            image = source[at : at + self.page_size]
            yield from _parse_rows(image, _FILE_HEADER_BYTES if image.startswith(_FILE_MAGIC) else 0, self, wanted)


def _map_file(path: Path) -> _ImageSource:
    """Map the file at *path* into memory; empty if there is no such file."""
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return b""


def _parse_rows(page: bytes, start: int, pages: PageReader, wanted: Collection[tuple[bool, int]]) -> Iterator[FoundRow]:
    """Yield the rows on *page*, whose header begins at *start*; long rows continue on other *pages*."""
    kind = page[start]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR):
        return
    cells = int.from_bytes(page[start + 3 : start + 5])
    pointers = start + (12 if kind == _INDEX_INTERIOR else 8)
    for number in range(min(cells, len(page) // 4)):
        at = int.from_bytes(page[pointers + 2 * number : pointers + 2 * number + 2])
        if pointers + 2 * cells <= at < len(page):
            with suppress(IndexError, ValueError):  # the row is cut off, or a string in it is invalid
                if (row := _parse_row(page, at, kind, pages, wanted)) is not None:
                    yield row


def _parse_row(
    page: bytes, at: int, kind: int, pages: PageReader, wanted: Collection[tuple[bool, int]]
) -> FoundRow | None:
    """
    Return the row whose cell begins at *at*; None if it is not *wanted*.

    Raises:
        IndexError, ValueError: what is there is not a whole row.
    """
    if kind == _INDEX_INTERIOR:
        at += 4  # the number of the child page
    length, at = _parse_varint(page, at)
    rowid = None
    if kind == _TABLE_LEAF:
        rowid, at = _parse_varint(page, at)
    if not 0 < length <= _MAX_ROW_BYTES:
        return None
    types, header_length = _parse_serial_types(page, at)
    if (kind == _TABLE_LEAF, len(types)) not in wanted:
        return None
    return FoundRow(_parse_record(_read_payload(page, at, length, kind, pages), types, header_length), rowid)


def _parse_serial_types(page: bytes, at: int) -> tuple[list[int], int]:
    """
    Return the serial types of the record at *at*, and the length of its header.

    Raises:
        IndexError, ValueError: the header is cut off or invalid; one that does not fit on its page is skipped.
    """
    start = at
    head, at = _parse_varint(page, at)
    types = []
    while at < start + head:
        kind, at = _parse_varint(page, at)
        types.append(kind)
    if at != start + head or 10 in types or 11 in types:
        raise ValueError(head)
    return types, head


def _read_payload(page: bytes, at: int, length: int, kind: int, pages: PageReader) -> bytes:
    """Read *length* bytes from *at*, continued on overflow pages if they do not fit on one."""
    # How much of the row is on its own page: U, X, M and K of section 1.6 of the file format.
    usable = len(page)
    max_local = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if length <= max_local:
        return page[at : at + length]
    min_local = (usable - 12) * 32 // 255 - 23
    local = min_local + (length - min_local) % (usable - 4)
    local = local if local <= max_local else min_local
    payload, next_page = bytearray(page[at : at + local]), int.from_bytes(page[at + local : at + local + 4])
    while len(payload) < length:
        image = pages.read_page(next_page)
        payload += image[4 : 4 + length - len(payload)]
        next_page = int.from_bytes(image[:4])
    return bytes(payload)


def _parse_record(payload: bytes, types: list[int], at: int) -> tuple[Value, ...]:
    """
    Return the values in *payload*, whose header ends at *at*.

    Raises:
        ValueError: their lengths do not add up, or a string is invalid.
    """
    sizes = [_VALUE_BYTES[kind] if kind < 10 else (kind - 12) // 2 for kind in types]
    if at + sum(sizes) != len(payload):
        raise ValueError(len(payload))
    values = []
    for kind, size in zip(types, sizes, strict=True):
        values.append(_parse_value(kind, payload[at : at + size]))
        at += size
    return tuple(values)


def _parse_value(kind: int, data: bytes) -> Value:
    """Return one value by its serial type."""
    if kind == 0:
        return None
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, signed=True)
    return data if kind % 2 == 0 else data.decode()


def _parse_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the variable-length integer (one to nine bytes) at *at*, and the offset after it."""
    number = 0
    for step in range(8):
        byte = data[at + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + step + 1
    return number << 8 | data[at + 8], at + 9
