"""A list in a file, as it is read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

OPEN_QUOTE = "a quotation mark in it is not closed"


@dataclass(frozen=True, slots=True)
class Row:
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
    shown: str
    """How the file was understood, in a few words."""
    rows: Iterator[Row]
    close: Callable[[], object]
    total: int = 0
    """How far `position` goes; 0 where nobody knows."""
    position: Callable[[], int] = field(default=lambda: 0)
    """How far the file was read."""
    is_sheet: bool = True
    """Whether the cells were made for a spreadsheet."""


def checked(header: list[str], rows: Iterable[tuple[int, list[Any] | str]]) -> Iterator[Row]:
    """*rows* that say anything, with a problem where they do not fit the *header* or could not be read."""
    for line, cells in rows:
        if isinstance(cells, str):
            yield Row(line, [cells.rstrip("\r\n")], OPEN_QUOTE)
        elif any(text_of(cell).strip() for cell in cells):
            extra = any(text_of(cell).strip() for cell in cells[len(header) :])
            if len(cells) < len(header) or extra:
                yield Row(line, cells, f"it has {len(cells)} columns, the header has {len(header)}")
            else:
                yield Row(line, cells[: len(header)])


def text_of(cell: Any) -> str:
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
