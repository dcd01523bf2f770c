"""Reads the rows of a CSV file; a stray quotation mark only costs its own row, never those after it."""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from kiosk.importing.tables.header import count_known_headings

_SEPARATORS = ",;\t|"

# Separators that are used only if known headings are found with one of them, and with none of the others.
_RARE_SEPARATORS = "^~:¦\x1f"

# The line that tells Excel the separator; some programs put it in quotes like any cell.
_SEP_LINE = re.compile(r"\ufeff?\s*\"?sep=(.)\"?[,;|\t ]*(?:\r\n|\r|\n)", re.IGNORECASE)

# How many lines are used to find the separator.
_SAMPLE_LINES = 60

# The longest cell; a lead's answers may have a million characters.
_MAX_CELL_CHARACTERS = 2_000_000

_MAX_CELLS = 20_000
"""How many cells a row may have."""

csv.field_size_limit(_MAX_CELL_CHARACTERS)


class _PeekableLines:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.source = iter(lines)
        self.peeked: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines from here on, without taking them."""
        yield from self.peeked
        for line in self.source:
            self.peeked.append(line)
            yield line

    def peek_line(self) -> str:
        """Return the next line; empty after the last one."""
        return next(iter(self), "")

    def drop_lines(self, number: int) -> None:
        """Take *number* lines that were looked at."""
        for _ in range(number):
            self.peeked.popleft()


def detect_separator(lines: Iterable[str]) -> tuple[Iterator[str], str, int]:
    """Return *lines* from the header on, the separator of their columns, and the number of lines before the header."""
    ahead = _PeekableLines(line.replace("\0", "") for line in lines)
    before = _drop_blank_lines(ahead)
    declared = _SEP_LINE.match(ahead.peek_line())
    if declared:
        ahead.drop_lines(1)
        before += 1 + _drop_blank_lines(ahead)
    sample = list(islice(ahead, _SAMPLE_LINES))
    separator = declared[1] if declared else _guess_separator(sample)
    return chain(ahead.peeked, ahead.source), separator, before


def _drop_blank_lines(ahead: _PeekableLines) -> int:
    """Take the lines that hold nothing, and return how many they were."""
    number = 0
    while (line := ahead.peek_line()) and not line.strip("\ufeff \r\n,;|"):
        ahead.drop_lines(1)
        number += 1
    return number


def split_lines(text: str) -> list[str]:
    """Split *text* into lines that keep their ends; only CR, LF and both together end a line."""
    return list(io.StringIO(text, newline=""))


def _guess_separator(sample: Sequence[str]) -> str:
    """
    Return the separator of the lines in *sample*: the one with most known headings, else with most rows of equal width.
    """
    best = max(_SEPARATORS, key=lambda separator: _rate_separator(sample, separator))
    if _rate_separator(sample, best)[0] > 1:
        return best
    rare = max(_RARE_SEPARATORS, key=lambda separator: _rate_separator(sample, separator))
    return rare if _rate_separator(sample, rare)[0] > 1 else best


def _rate_separator(sample: Sequence[str], separator: str) -> tuple[int, int, int]:
    """Return how well *separator* divides the *sample*, as a tuple to compare with others."""
    found = [cells for _, cells in read_rows(sample, separator) if isinstance(cells, list) and cells]
    known = max(
        (count_known_headings([cell.strip() for cell in cells]) for cells in found if len(cells) > 1), default=0
    )
    width, times = max(Counter(map(len, found)).items(), key=lambda entry: entry[1], default=(0, 0))
    first = re.sub(r'"[^"]*"', "", sample[0]).count(separator) if sample else 0
    return known, times if width > 1 else 0, first


def read_rows(lines: Iterable[str], separator: str, before: int = 0) -> Iterator[tuple[int, list[str] | str]]:
    """
    Yield the rows in *lines*, each with the number of its first line; a line that cannot be read is itself the row.
    """
    ahead, width, number = _PeekableLines(lines), 0, before + 1
    while line := ahead.peek_line():
        if line.count(separator) > _MAX_CELLS:
            yield number, line[:_MAX_CELL_CHARACTERS]
            ahead.drop_lines(1)
            number += 1
            continue
        cells, used = _read_strict_row(ahead, separator)
        if used > 1 and width not in (0, len(cells)):
            cells, used = [], 1
        found = cells or _read_lenient_line(line, separator)
        width = width or (len(found) if isinstance(found, list) else 0)
        yield number, found
        ahead.drop_lines(used)
        number += used


def _read_strict_row(ahead: _PeekableLines, separator: str) -> tuple[list[str], int]:
    """Read the next row by the rules of CSV, and return it with its number of lines; empty if it breaks the rules."""
    reader = csv.reader(ahead, delimiter=separator, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return [], 1


def _read_lenient_line(line: str, separator: str) -> list[str] | str:
    """Read one line leniently; return the line itself if a quotation mark is not closed in it."""
    if not line.strip():
        return []
    try:
        cells = next(csv.reader([line.rstrip("\r\n") + "\n"], delimiter=separator))
    except csv.Error:
        return line
    return line if cells[-1].endswith("\n") else cells
