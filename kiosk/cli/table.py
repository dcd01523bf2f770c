"""Lists for a terminal: columns that fit, text from outside made harmless."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import islice

import click
from rich.cells import cell_len, set_cell_size

from kiosk.status.wording import plain

GAP = "  "

BETWEEN_CELLS = "\x1f"
"""A control character, which `plain` leaves in no cell: a row is kept as one text, a quarter of a tuple of texts."""

LINES_AT_ONCE = 500

SHORT_ID_CHARACTERS = 13
"""Of an id: the milliseconds at which it was made."""


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], widest: int = 44, *, is_cut: bool = True) -> None:
    """
    Print *rows* under *header*, columns as wide as what is in them (in terminal cells) but none over *widest*.

    On a terminal the table is made as narrow as that is, unless it *is_cut* nowhere; elsewhere
    the last column is as long as it likes.
    """
    widths = [width_of(cell) for cell in header]
    kept = []
    for row in rows:
        cells = [harmless(cell) for cell in row]
        widths = [max(pair) for pair in zip(widths, map(width_of, cells), strict=True)]
        kept.append(BETWEEN_CELLS.join(cells))
    widths = fitting_widths(widths, header, room_of_terminal() if is_cut else None, widest)
    click.secho(line_of(header, widths), bold=True)
    source = iter(kept)
    while lot := list(islice(source, LINES_AT_ONCE)):
        click.echo("\n".join(line_of(row.split(BETWEEN_CELLS), widths) for row in lot))


def line_of(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table; the last cell takes what room it needs, unless it has a width too."""
    fitting = [*map(fitted, cells, widths), *cells[len(widths) :]]
    return GAP.join(fitting).rstrip()


def fitting_widths(widths: Sequence[int], header: Sequence[str], room: int | None, widest: int) -> list[int]:
    """
    How wide each column is to be in *room* terminal cells; the last one has no width where there is room for all.

    The widest columns are cut first, and none below its heading.
    """
    bounded = [*(min(widest, width) for width in widths[:-1]), widths[-1]]
    too_wide = 0 if room is None else sum(bounded) + len(GAP) * (len(bounded) - 1) - room
    if too_wide <= 0:
        return bounded[:-1]
    least = [bounded[0], *(width_of(heading) for heading in header[1:])]  # half an id names nothing
    while too_wide > 0 and any(width > low for width, low in zip(bounded, least, strict=True)):
        place = max(range(len(bounded)), key=lambda at: (bounded[at] - least[at] > 0, bounded[at]))
        bounded[place] -= 1
        too_wide -= 1
    return bounded


def room_of_terminal() -> int | None:
    """How wide the terminal is; None where the output goes elsewhere, and nothing is to be cut."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def short_id(lead_id: str) -> str:
    """A lead's id; on a terminal as much of it as tells the leads of one booth apart, which all commands take."""
    return lead_id[:SHORT_ID_CHARACTERS] if room_of_terminal() is not None else lead_id


def harmless(cell: str) -> str:
    """*cell*, safe to write to a terminal; most are as they are."""
    return cell if cell.isascii() and cell.isprintable() else plain(cell)


def width_of(cell: str) -> int:
    """How many terminal cells *cell* takes."""
    return len(cell) if cell.isascii() else cell_len(cell)


def fitted(cell: str, width: int) -> str:
    """*cell* in exactly *width* terminal cells, with an ellipsis where it was cut."""
    taken = width_of(cell)
    if taken <= width:
        return cell + " " * (width - taken)
    return set_cell_size(cell, width - 1) + "…"
