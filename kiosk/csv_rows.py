"""The rows of a CSV file: a stray quotation mark costs the row that it is in, never those after it."""

import csv
import io
import re
from collections.abc import Iterator

SEPARATORS = ",;\t|"

DECLARED = re.compile(r"\s*sep=(.)\s*(?:\r\n|\r|\n)")
"""The line with which Excel is told what divides the columns."""


def divided(text: str) -> tuple[list[str], str, int]:
    """The lines of *text*, what divides their columns, and the number of lines before the first of them."""
    before = 0
    if declared := DECLARED.match(text):
        before = len(lines_of(declared[0]))
        text = text[declared.end() :]
    lines = lines_of(text.replace("\0", ""))
    while lines and not lines[0].strip("\ufeff \r\n,;|"):
        before += 1
        del lines[0]
    return lines, declared[1] if declared else guess_separator(lines[0] if lines else ""), before


def lines_of(text: str) -> list[str]:
    """*text* line by line, each with its end; only CR, LF and both end one."""
    return list(io.StringIO(text, newline=""))


def guess_separator(header: str) -> str:
    """The separator that the *header* has most of, outside quotes."""
    return max(SEPARATORS, key=re.sub(r'"[^"]*"', "", header).count)


def rows(lines: list[str], separator: str, before: int = 0) -> Iterator[tuple[int, list[str] | None]]:
    """The rows in *lines*, each with the number of its first line; None for one that cannot be read."""
    width, start = 0, 0
    while start < len(lines):
        cells, used = row_at(lines, start, separator)
        if used > 1 and width not in (0, len(cells)):
            cells, used = [], 1
        found = cells or alone(lines[start], separator)
        width = width or len(found or ())
        yield before + start + 1, found
        start += used


def row_at(lines: list[str], start: int, separator: str) -> tuple[list[str], int]:
    """The row that begins at line *start*, by the book, and how many lines it has; empty where it breaks the rules."""
    reader = csv.reader((lines[at] for at in range(start, len(lines))), delimiter=separator, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return [], 1


def alone(line: str, separator: str) -> list[str] | None:
    """One line read with leniency; None where a quotation mark is opened in it and not closed."""
    if not line.strip():
        return []
    try:
        cells = next(csv.reader([line.rstrip("\r\n") + "\n"], delimiter=separator))
    except csv.Error:
        return None
    return None if cells[-1].endswith("\n") else cells
