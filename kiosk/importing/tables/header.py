"""Finding the line with the headers: titles, notes and empty lines may stand above it, and it may have two lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.importing.columns.headings import find_meanings, find_other_meaning
from kiosk.importing.columns.values import has_email, is_payload
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS
from kiosk.importing.tables.table import cell_to_text

MAX_HEADER_ROWS = 40
"""Rows among which the headers are looked for."""

MAX_COLUMNS = 2000
"""Columns that are read; those beyond are left out."""

RawRow = tuple[int, list[Any] | str]
"""A row with the number of its line: its cells, or the line itself where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """The headers of a list."""

    names: list[str]
    rows_above: int
    """Rows above the first row of the list, those of the headers among them."""
    known_count: int
    """How many of the headers are known words."""


def find_header(rows: Sequence[RawRow], wanted: int = 0) -> Header:
    """
    The headers among the first *rows* of a file; a person may say in which line they are (*wanted*).

    Raises:
        ValueError: that line holds nothing.
    """
    cells = [[cell_to_text(cell).strip() for cell in row] if isinstance(row, list) else [] for _, row in rows]
    if wanted:
        at = next((at for at, (line, _) in enumerate(rows) if line == wanted), None)
        if at is None or not any(cells[at]):
            raise ValueError(f"its line {wanted} holds no headers.")
        return Header(_trim_names(cells[at]), at + 1, count_known_headings(cells[at]))
    filled = [at for at, row in enumerate(cells) if any(row)]
    if not filled:
        return Header([], len(rows), 0)
    first = filled[0]
    known = {at: count_known_headings(cells[at]) for at in filled[:MAX_HEADER_ROWS]}
    best = max(known, key=lambda at: (known[at], -at))
    is_better = known[best] >= 2 and (
        known[best] > known[first] + 1
        or (known[best] >= known[first] and _count_filled(cells[best]) > _count_filled(cells[first]))
    )
    chosen = best if is_better else first if known[first] else _find_first_wide(cells, filled)
    return _join_second_line(cells, chosen, known.get(chosen, 0))


def check_is_header(names: Sequence[str], line: int) -> None:
    """Raise ValueError where *names*, in that *line*, are a person's: a list without headers would lose the first."""
    if any(has_email(name) for name in names):
        raise ValueError(f"its line {line} holds an e-mail address: write a line with headers above the first person.")


def count_known_headings(cells: Sequence[str]) -> int:
    """How many of *cells* are headings that we know; 0 where one of them holds what only a row of a list does."""
    if any(has_email(cell) or is_payload(cell) for cell in cells):
        return 0
    named = {cell for cell in cells[:MAX_COLUMNS] if cell and not cell.isdecimal()}
    return sum(bool(find_meanings(cell, LEAD_HEADINGS) or find_other_meaning(cell)) for cell in named)


def _find_first_wide(cells: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    """The first row that is about as wide as the others: a title above unknown headers is not."""
    widths = sorted(_count_filled(cells[at]) for at in filled)
    usual = widths[len(widths) // 2]
    return next((at for at in filled if _count_filled(cells[at]) * 5 >= usual * 3), filled[0])


def _join_second_line(cells: Sequence[Sequence[str]], at: int, known: int) -> Header:
    """The headers in row *at*, with the groups above them or the second line below where there are such."""
    names = _trim_names(cells[at])
    below = cells[at + 1] if at + 1 < len(cells) else []
    if _is_second_line(names, below):
        return Header(_join_groups(names, below), at + 2, known + count_known_headings(below))
    above = cells[at - 1] if at else []
    if 2 <= _count_filled(above) < _count_filled(names) and count_known_headings(above):
        return Header(_join_groups(above, names), at + 1, known)
    return Header(names, at + 1, known)


def _is_second_line(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether *below* only divides some of the *names*: known words where those are groups, nothing elsewhere."""
    filled = [at for at, cell in enumerate(below) if cell]
    is_partly = any(name and not (at < len(below) and below[at]) for at, name in enumerate(names))
    has_gap = any(at >= len(names) or not names[at] for at in filled)
    return len(filled) >= 2 and is_partly and has_gap and count_known_headings(below) == len(filled)


def _join_groups(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """*names*, with the group above where a name is missing or stands in two groups."""
    width = max(len(groups), len(names))
    padded = [*names, *[""] * (width - len(names))]
    joined, group = [], ""
    for at, name in enumerate(padded):
        group = (groups[at] if at < len(groups) else "") or group
        if not name:
            name = groups[at] if at < len(groups) else ""
        elif group and padded.count(name) > 1:
            name = f"{group}: {name}"
        joined.append(name)
    return _trim_names(joined)


def _trim_names(names: Sequence[str]) -> list[str]:
    """*names* without the empty ones at the end."""
    last = max((at for at, name in enumerate(names[:MAX_COLUMNS]) if name), default=-1)
    return list(names[: last + 1])


def _count_filled(cells: Sequence[str]) -> int:
    """How many cells hold something."""
    return sum(map(bool, cells))
