"""Lists for a terminal: columns that fit, text from outside made harmless."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import islice

import click
from rich.cells import cell_len, set_cell_size

from kiosk.status.wording import sanitize_text

_COLUMN_GAP = "  "

_CELL_SEPARATOR = "\x1f"
"""A control character, which `plain` leaves in no cell: a row is kept as one text, a quarter of a tuple of texts."""

_LINES_PER_WRITE = 500

_SHORT_ID_CHARACTERS = 13
"""Of an id: the milliseconds at which it was made."""


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], max_width: int = 44, *, can_truncate: bool = True
) -> None:
    """
    Print *rows* under *header*, columns as wide as what is in them (in terminal cells) but none over *widest*.

    On a terminal the table is made as narrow as that is, unless it *can_truncate* nowhere; elsewhere
    the last column is as long as it likes.
    """
    widths = [_measure_width(cell) for cell in header]
    kept = []
    for row in rows:
        cells = [_sanitize_cell(cell) for cell in row]
        widths = [max(pair) for pair in zip(widths, map(_measure_width, cells), strict=True)]
        kept.append(_CELL_SEPARATOR.join(cells))
    widths = _fit_widths(widths, header, _get_terminal_width() if can_truncate else None, max_width)
    click.secho(_format_line(header, widths), bold=True)
    source = iter(kept)
    while lot := list(islice(source, _LINES_PER_WRITE)):
        click.echo("\n".join(_format_line(row.split(_CELL_SEPARATOR), widths) for row in lot))


def _format_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table; the last cell takes what room it needs, unless it has a width too."""
    fitting = [*map(_fit_cell, cells, widths), *cells[len(widths) :]]
    return _COLUMN_GAP.join(fitting).rstrip()


def _fit_widths(widths: Sequence[int], header: Sequence[str], room: int | None, max_width: int) -> list[int]:
    """
    How wide each column is to be in *room* terminal cells; the last one has no width where there is room for all.

    The widest columns are cut first, and none below its heading.
    """
    bounded = [*(min(max_width, width) for width in widths[:-1]), widths[-1]]
    too_wide = 0 if room is None else sum(bounded) + len(_COLUMN_GAP) * (len(bounded) - 1) - room
    if too_wide <= 0:
        return bounded[:-1]
    least = [bounded[0], *(_measure_width(heading) for heading in header[1:])]  # half an id names nothing
    while too_wide > 0 and any(width > low for width, low in zip(bounded, least, strict=True)):
        place = max(range(len(bounded)), key=lambda at: (bounded[at] - least[at] > 0, bounded[at]))
        bounded[place] -= 1
        too_wide -= 1
    return bounded


def _get_terminal_width() -> int | None:
    """How wide the terminal is; None where the output goes elsewhere, and nothing is to be cut."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def shorten_id(lead_id: str) -> str:
    """A lead's id; on a terminal as much of it as tells the leads of one booth apart, which all commands take."""
    return lead_id[:_SHORT_ID_CHARACTERS] if _get_terminal_width() is not None else lead_id


def _sanitize_cell(cell: str) -> str:
    """*cell*, safe to write to a terminal; most are as they are."""
    return cell if cell.isascii() and cell.isprintable() else sanitize_text(cell)


def _measure_width(cell: str) -> int:
    """How many terminal cells *cell* takes."""
    return len(cell) if cell.isascii() else cell_len(cell)


def _fit_cell(cell: str, width: int) -> str:
    """*cell* in exactly *width* terminal cells, with an ellipsis where it was cut."""
    taken = _measure_width(cell)
    if taken <= width:
        return cell + " " * (width - taken)
    return set_cell_size(cell, width - 1) + "…"
