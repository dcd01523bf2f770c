"""Lists for a terminal: columns that fit, text from outside made harmless."""

from collections.abc import Sequence

import click
from rich.cells import cell_len, set_cell_size

from kiosk.words import plain

GAP = "  "


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], widest: int = 44) -> None:
    """Print *rows* under *header*, columns as wide as what is in them (in terminal cells) but none over *widest*."""
    lines = [[plain(cell) for cell in row] for row in rows]
    widths = [min(widest, max(cell_len(cell) for cell in column)) for column in zip(header, *lines, strict=True)]
    widths[-1] = max(cell_len(line[-1]) for line in (list(header), *lines))
    for number, line in enumerate((header, *lines)):
        text = GAP.join(fitted(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.secho(text, bold=True) if number == 0 else click.echo(text)


def fitted(cell: str, width: int) -> str:
    """*cell* in exactly *width* terminal cells, with an ellipsis where it was cut."""
    return set_cell_size(cell, width) if cell_len(cell) <= width else set_cell_size(cell, width - 1) + "…"
