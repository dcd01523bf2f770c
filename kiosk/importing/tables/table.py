"""A list in a file, as it is read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from kiosk.importing.tables.footer import REPORT_REASON, find_footer_reason

_MIN_FOOTED_COLUMNS = 4
"""Columns of a list from which on a single cell behind an empty line does not belong to the list."""

_MAX_BATCH_CHARACTERS = 4_000_000
"""Characters of rows that are held at the same time."""

_UNCLOSED_QUOTE = "a quotation mark in it is not closed"


class LostDigits(str):
    """What a spreadsheet shows of a number of which it has lost digits, as it does behind the fifteenth."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a list."""

    line: int
    cells: list[Any]
    """As many as the header has, in its order; where there is a problem, what could be read."""
    problem: str = ""
    """Why it is no row; empty where it is one."""


@dataclass(slots=True)
class Table:
    """A list, of which nothing but the header was read yet."""

    header: list[str]
    description: str
    """How the file was understood, in a few words."""
    rows: Iterator[TableRow]
    close: Callable[[], object]
    total: int = 0
    """How far `position` goes; 0 where nobody knows."""
    position: Callable[[], int] = field(default=lambda: 0)
    """How far the file was read."""
    is_sheet: bool = True
    """Whether the cells were made for a spreadsheet."""


def check_rows(
    header: list[str], rows: Iterable[tuple[int, list[Any] | str]], *, is_grid: bool = False
) -> Iterator[TableRow]:
    """
    *rows* that say anything, as wide as the *header*, with a problem where they do not fit it or could not be read.

    A short row is filled up: programs drop the empty cells at its end. What stands beside the list moves no cell where
    cells have places of their own (*is_grid*), and is left out; elsewhere nobody knows which separator is too many.
    """
    width, blank, below, before = len(header), False, False, 0
    for line, cells in rows:
        if isinstance(cells, str):
            yield TableRow(line, [cells.rstrip("\r\n")], _UNCLOSED_QUOTE)
            continue
        if not any(cell_to_text(cell).strip() for cell in cells):
            blank = True
            continue
        # Behind an empty line, single cells are what a program says of its report.
        is_apart = blank or (is_grid and line > before + 1)
        below = len(cells) == 1 < _MIN_FOOTED_COLUMNS <= width and (below or is_apart)
        blank, before = False, line
        if len(cells) != width:
            if not is_grid and any(cell_to_text(cell).strip() for cell in cells[width:]):
                yield TableRow(line, cells, f"it has {len(cells)} columns, the header has {width}")
                continue
            cells = [*cells[:width], *[None if is_grid else ""] * (width - len(cells))]
        cells = [_unwrap_text(cell) if isinstance(cell, str) and cell[:2] == '="' else cell for cell in cells]
        yield TableRow(
            line, cells, REPORT_REASON if below else find_footer_reason([cell_to_text(cell) for cell in cells])
        )


def _unwrap_text(cell: str) -> str:
    """The text in *cell* where it is `="000345"`, as programs write what Excel shall not take for a number."""
    return cell[2:-1].replace('""', '"') if len(cell) > 2 and cell.endswith('"') else cell


def cell_to_text(cell: Any) -> str:
    """*cell* as text, whatever kind of value a program took it for."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
    return str(cell)


def take_batch(rows: Iterator[TableRow], most: int) -> list[TableRow]:
    """The next of *rows*, at most so many; long ones count for more."""
    lot, characters = [], 0
    for row in islice(rows, most):
        lot.append(row)
        characters += sum(len(cell_to_text(cell)) for cell in row.cells)
        if characters > _MAX_BATCH_CHARACTERS:
            break
    return lot
