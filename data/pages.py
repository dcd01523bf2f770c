"""
Rows out of the pages of a damaged SQLite file and its log, without SQLite, which stops at the first damage.

Every page that still looks like the leaf of a table is read by itself (sqlite.org/fileformat2.html, sections 1.6, 2.1
and 4.1): no root, no index and no schema is needed. A row is only believed when its lengths fit to the byte.
"""

import mmap
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = int | float | str | bytes | None

Source: TypeAlias = bytes | mmap.mmap

MAGIC = b"SQLite format 3\0"

TABLE_LEAF, INDEX_INNER, INDEX_LEAF = 13, 2, 10
"""Kinds of pages that hold rows; tables without a rowid are kept as indexes."""

PAGE_SIZES = {1 << power for power in range(9, 16)} | {65_536}

WAL_HEADER, FRAME_HEADER, FILE_HEADER = 32, 24, 100

LONGEST_ROW = 64_000_000
"""Bytes; a longer one is taken for damage."""

SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Bytes of a value, by its serial type."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row, in the order in which its table keeps the columns."""

    values: tuple[Value, ...]
    rowid: int | None
    """None in tables without one."""


class Pages:
    """The pages of a file and its log. Neither may be written meanwhile."""

    def __init__(self, main: Path, log: Path) -> None:
        self.main = _mapped(main)
        self.log = _mapped(log)
        self.size = self._page_size()
        self.newest = {number: (source, at) for source, number, at in reversed(list(self._places()))}
        """Where the last image of each page is."""

    def _page_size(self) -> int:
        """The size of a page, as the file or the log says; 4096, as ours are, where neither does."""
        found = int.from_bytes(self.main[16:18]) if self.main[:16] == MAGIC else 0
        found = 65_536 if found == 1 else found
        if found not in PAGE_SIZES:
            found = int.from_bytes(self.log[8:12])
        return found if found in PAGE_SIZES else 4096

    def _places(self) -> Iterator[tuple[Source, int, int]]:
        """Each image of a page, and its number: those in the log from the last to the first, then the file's."""
        step = FRAME_HEADER + self.size
        for at in reversed(range(WAL_HEADER, len(self.log) - step + 1, step)):
            yield self.log, int.from_bytes(self.log[at : at + 4]), at + FRAME_HEADER
        for number, at in enumerate(range(0, len(self.main) - self.size + 1, self.size), 1):
            yield self.main, number, at

    def page(self, number: int) -> bytes:
        """
        The last image of the page *number*.

        Raises:
            IndexError: there is none.
        """
        if number not in self.newest:
            raise IndexError(number)
        source, at = self.newest[number]
        return source[at : at + self.size]

    def rows(self, wanted: Collection[tuple[bool, int]]) -> Iterator[FoundRow]:
        """
        Every row that can be read, the newest first; the same one again for each image of its page.

        Only of kinds that are *wanted*: whether it has a rowid, and how many values.
        """
        for source, _, at in self._places():
            image = source[at : at + self.size]
            yield from _rows_of(image, FILE_HEADER if image.startswith(MAGIC) else 0, self, wanted)


def _mapped(path: Path) -> Source:
    """The content of *path*, which is read as it is needed; nothing where there is no such file."""
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return b""


def _rows_of(page: bytes, start: int, pages: Pages, wanted: Collection[tuple[bool, int]]) -> Iterator[FoundRow]:
    """The rows on *page*, whose head begins at *start*; *pages* has those on which long rows continue."""
    kind = page[start]
    if kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INNER):
        return
    cells = int.from_bytes(page[start + 3 : start + 5])
    pointers = start + (12 if kind == INDEX_INNER else 8)
    for number in range(min(cells, len(page) // 4)):
        at = int.from_bytes(page[pointers + 2 * number : pointers + 2 * number + 2])
        if pointers + 2 * cells <= at < len(page):
            with suppress(IndexError, ValueError):  # it is cut off, or not text
                at += 4 if kind == INDEX_INNER else 0
                length, at = _varint(page, at)
                rowid = None
                if kind == TABLE_LEAF:
                    rowid, at = _varint(page, at)
                if 0 < length <= LONGEST_ROW:
                    types, head = _types(page, at)
                    if (kind == TABLE_LEAF, len(types)) in wanted:
                        yield FoundRow(_record(_payload(page, at, length, kind, pages), types, head), rowid)


def _types(page: bytes, at: int) -> tuple[list[int], int]:
    """
    The serial types of the record at *at*, and how long its head is.

    Raises:
        IndexError, ValueError: it is cut off, or no head of a record. One that does not fit on its page is passed over.
    """
    start = at
    head, at = _varint(page, at)
    types = []
    while at < start + head:
        kind, at = _varint(page, at)
        types.append(kind)
    if at != start + head or 10 in types or 11 in types:
        raise ValueError(head)
    return types, head


def _payload(page: bytes, at: int, length: int, kind: int, pages: Pages) -> bytes:
    """*length* bytes from *at* on, continued on other pages where they are too many for one."""
    usable = len(page)
    most = usable - 35 if kind == TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    found, after = bytearray(page[at : at + local]), int.from_bytes(page[at + local : at + local + 4])
    while len(found) < length:
        image = pages.page(after)
        found += image[4 : 4 + length - len(found)]
        after = int.from_bytes(image[:4])
    return bytes(found)


def _record(payload: bytes, types: list[int], at: int) -> tuple[Value, ...]:
    """
    The values in *payload*, whose head ends at *at*.

    Raises:
        ValueError: their lengths do not add up to it, or one is not text.
    """
    sizes = [SIZES[kind] if kind < 10 else (kind - 12) // 2 for kind in types]
    if at + sum(sizes) != len(payload):
        raise ValueError(len(payload))
    values = []
    for kind, size in zip(types, sizes, strict=True):
        values.append(_value(kind, payload[at : at + size]))
        at += size
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    """One value, by its serial type."""
    if kind == 0:
        return None
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(data, signed=True)
    return data if kind % 2 == 0 else data.decode()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at *at*, of one to nine bytes, and where it ends."""
    number = 0
    for step in range(8):
        byte = data[at + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + step + 1
    return number << 8 | data[at + 8], at + 9
