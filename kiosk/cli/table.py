"""Lists for a terminal: columns that fit, text from outside made harmless."""

from collections.abc import Iterable, Sequence
from itertools import islice

import click
from rich.cells import cell_len, set_cell_size

from kiosk.words import plain

GAP = "  "

BETWEEN_CELLS = "\x1f"
"""A control character, which `plain` leaves in no cell: a row is kept as one text, a quarter of a tuple of texts."""

LINES_AT_ONCE = 500


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], widest: int = 44) -> None:
    """
    Print *rows* under *header*, columns as wide as what is in them (in terminal cells) but none over *widest*.

    The last column is as long as it likes.
    """
    widths = [width_of(cell) for cell in header]
    kept = []
    for row in rows:
        cells = [harmless(cell) for cell in row]
        widths = [max(pair) for pair in zip(widths, map(width_of, cells), strict=True)]
        kept.append(BETWEEN_CELLS.join(cells))
    widths = [min(widest, width) for width in widths[:-1]]
    click.secho(line_of(header, widths), bold=True)
    source = iter(kept)
    while lot := list(islice(source, LINES_AT_ONCE)):
        click.echo("\n".join(line_of(row.split(BETWEEN_CELLS), widths) for row in lot))


def line_of(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table; the last cell takes what room it needs."""
    *fitting, last = cells
    return GAP.join((*map(fitted, fitting, widths), last)).rstrip()


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
