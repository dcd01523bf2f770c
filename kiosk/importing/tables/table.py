"""A list in a file, as it is read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from data.language import N_, _
from kiosk.importing.tables.footer import REPORT_REASON, find_footer_reason

# How many columns a list needs for a single cell after an empty line to be a footer, not a row.
_MIN_FOOTED_COLUMNS = 4

# How many characters of rows may be in memory at the same time.
_MAX_BATCH_CHARACTERS = 4_000_000

_UNCLOSED_QUOTE = N_("a quotation mark is not closed")


class LostDigits(str):
    """What a spreadsheet shows of a number that lost digits, as all do after the fifteenth."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a list."""

    line: int
    cells: list[Any]
    """As many as the header has, in its order; if there is a problem, whatever could be read."""
    problem: str = ""
    """Why the row cannot be used; empty if it can."""


@dataclass(slots=True)
class Table:
    """A list of which only the header was read so far."""

    header: list[str]
    description: str
    """How the file was understood, in a few words."""
    rows: Iterator[TableRow]
    close: Callable[[], object]
    total: int = 0
    """The final value of `position`; 0 if unknown."""
    position: Callable[[], int] = field(default=lambda: 0)
    """How far the file was read."""
    is_sheet: bool = True
    """Whether the cells were made for a spreadsheet."""


def check_rows(
    header: list[str], rows: Iterable[tuple[int, list[Any] | str]], *, is_grid: bool = False
) -> Iterator[TableRow]:
    """
    Yield all *rows* that hold anything, as wide as the *header*; rows that do not fit or cannot be read have a problem.

    Short rows are filled up, because programs drop empty cells at the end. In a long row of a workbook (*is_grid*) each
    cell keeps its column, and cells beside the list are ignored; elsewhere nobody knows which separator is one too
    many.
    """
    width, blank, below, before = len(header), False, False, 0
    for line, cells in rows:
        if isinstance(cells, str):
            yield TableRow(line, [cells.rstrip("\r\n")], _(_UNCLOSED_QUOTE))
            continue
        if not any(cell_to_text(cell).strip() for cell in cells):
            blank = True
            continue
        # After an empty line, single cells are a program's remarks about its report.
        is_apart = blank or (is_grid and line > before + 1)
        below = len(cells) == 1 < _MIN_FOOTED_COLUMNS <= width and (below or is_apart)
        blank, before = False, line
        if len(cells) != width:
            if not is_grid and any(cell_to_text(cell).strip() for cell in cells[width:]):
                yield TableRow(
                    line, cells, _("{count} columns, but the header has {width}").format(count=len(cells), width=width)
                )
                continue
            cells = [*cells[:width], *[None if is_grid else ""] * (width - len(cells))]
        cells = [_unwrap_text(cell) if isinstance(cell, str) and cell[:2] == '="' else cell for cell in cells]
        yield TableRow(
            line, cells, _(REPORT_REASON) if below else find_footer_reason([cell_to_text(cell) for cell in cells])
        )


def _unwrap_text(cell: str) -> str:
    """Return the text in *cell* if it is `="000345"`, as programs write what Excel should not take for a number."""
    return cell[2:-1].replace('""', '"') if len(cell) > 2 and cell.endswith('"') else cell


def cell_to_text(cell: Any) -> str:
    """Return *cell* as text, whatever type a program gave it."""
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


def take_batch(rows: Iterator[TableRow], max_rows: int) -> list[TableRow]:
    """Return the next of *rows*, at most *max_rows*; fewer if they are long."""
    batch, characters = [], 0
    for row in islice(rows, max_rows):
        batch.append(row)
        characters += sum(len(cell_to_text(cell)) for cell in row.cells)
        if characters > _MAX_BATCH_CHARACTERS:
            break
    return batch
