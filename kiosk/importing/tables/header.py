"""Finds the line with the headers. Titles, notes and empty lines may be above it, and it may consist of two lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.language import _
from kiosk.importing.columns.headings import find_meanings, find_other_meaning
from kiosk.importing.columns.values import has_email, is_payload
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS
from kiosk.importing.tables.table import cell_to_text

MAX_HEADER_ROWS = 40
"""How many rows are searched for the headers."""

# How many columns are read; further ones are ignored.
MAX_COLUMNS = 2000

RawRow = tuple[int, list[Any] | str]
"""A row with the number of its line: its cells, or the line itself if it cannot be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """The headers of a list."""

    names: list[str]
    rows_above: int
    """Rows before the first row of data, the header rows included."""
    known_count: int
    """How many of the headers are known words."""


def find_header(rows: Sequence[RawRow], chosen_line: int = 0) -> Header:
    """
    Find the headers among the first *rows* of a file; a *chosen_line* line other than 0 was chosen by a person.

    Raises:
        ValueError: that line is empty.
    """
    cells = [[cell_to_text(cell).strip() for cell in row] if isinstance(row, list) else [] for _, row in rows]
    if chosen_line:
        at = next((at for at, (line, _) in enumerate(rows) if line == chosen_line), None)
        if at is None or not any(cells[at]):
            raise ValueError(_("line {line} has no headers.").format(line=chosen_line))
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
    """Raise ValueError if *names*, in that *line*, are a person's: without a header the first person would be lost."""
    if any(has_email(name) for name in names):
        raise ValueError(
            _("line {line} has an e-mail address instead of headers. Add a header row above the first person.").format(
                line=line
            )
        )


def count_known_headings(cells: Sequence[str]) -> int:
    """Return how many of *cells* are known headings; 0 if one of them holds what only a data row has."""
    if any(has_email(cell) or is_payload(cell) for cell in cells):
        return 0
    named = {cell for cell in cells[:MAX_COLUMNS] if cell and not cell.isdecimal()}
    return sum(bool(find_meanings(cell, LEAD_HEADINGS) or find_other_meaning(cell)) for cell in named)


def _find_first_wide(cells: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    """Return the first row about as wide as the others; a title above unknown headers is not."""
    widths = sorted(_count_filled(cells[at]) for at in filled)
    usual = widths[len(widths) // 2]
    return next((at for at in filled if _count_filled(cells[at]) * 5 >= usual * 3), filled[0])


def _join_second_line(cells: Sequence[Sequence[str]], at: int, known: int) -> Header:
    """Return the headers in row *at*, joined with the groups above or the second line below, if there are such."""
    names = _trim_names(cells[at])
    below = cells[at + 1] if at + 1 < len(cells) else []
    if _is_second_line(names, below):
        return Header(_join_groups(names, below), at + 2, known + count_known_headings(below))
    above = cells[at - 1] if at else []
    if 2 <= _count_filled(above) < _count_filled(names) and count_known_headings(above):
        return Header(_join_groups(above, names), at + 1, known)
    return Header(names, at + 1, known)


def _is_second_line(names: Sequence[str], below: Sequence[str]) -> bool:
    """Return whether *below* only divides some of the *names*: known words under groups, nothing elsewhere."""
    filled = [at for at, cell in enumerate(below) if cell]
    is_partly = any(name and not (at < len(below) and below[at]) for at, name in enumerate(names))
    has_gap = any(at >= len(names) or not names[at] for at in filled)
    return len(filled) >= 2 and is_partly and has_gap and count_known_headings(below) == len(filled)


def _join_groups(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return *names*, with the group's name if one is missing or appears in two groups."""
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
    """Return *names* without the empty ones at the end."""
    last = max((at for at, name in enumerate(names[:MAX_COLUMNS]) if name), default=-1)
    return list(names[: last + 1])


def _count_filled(cells: Sequence[str]) -> int:
    """Return how many cells hold something."""
    return sum(map(bool, cells))
