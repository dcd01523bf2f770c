"""Print tables: columns that fit the terminal, and text from outside without control characters."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import islice

import click
from rich.cells import cell_len, set_cell_size

from kiosk.status.wording import sanitize_text

_COLUMN_GAP = "  "

# Each row is kept as one string, which takes a quarter of the memory of a tuple of strings. The separator is a control
# character, so that no sanitized cell contains it.
_CELL_SEPARATOR = "\x1f"

_LINES_PER_WRITE = 500

# The part of a UUIDv7 that holds the time in milliseconds: enough to tell the leads of one booth apart.
_SHORT_ID_CHARACTERS = 13


def print_table(
    header: Sequence[str], rows: Iterable[Sequence[str]], max_width: int = 44, *, can_truncate: bool = True
) -> None:
    """
    Print *rows* under *header*, with columns as wide as their content, up to *max_width* terminal cells.

    On a terminal the table is narrowed to its width where *can_truncate* allows it; elsewhere the last column is never
    truncated.
    """
    widths = [_measure_width(cell) for cell in header]
    lines = []
    for row in rows:
        cells = [_sanitize_cell(cell) for cell in row]
        widths = [max(pair) for pair in zip(widths, map(_measure_width, cells), strict=True)]
        lines.append(_CELL_SEPARATOR.join(cells))
    widths = _fit_widths(widths, header, _get_terminal_width() if can_truncate else None, max_width)
    click.secho(_format_line(header, widths), bold=True)
    source = iter(lines)
    while batch := list(islice(source, _LINES_PER_WRITE)):
        click.echo("\n".join(_format_line(row.split(_CELL_SEPARATOR), widths) for row in batch))


def _format_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line of the table; a last cell without a width is printed in full."""
    fitted = [*map(_fit_cell, cells, widths), *cells[len(widths) :]]
    return _COLUMN_GAP.join(fitted).rstrip()


def _fit_widths(widths: Sequence[int], header: Sequence[str], room: int | None, max_width: int) -> list[int]:
    """
    Return the width of each column in a terminal of *room* cells; the last one is left out if everything fits.

    The widest columns are narrowed first, and none below the width of its heading.
    """
    bounded = [*(min(max_width, width) for width in widths[:-1]), widths[-1]]
    too_wide = 0 if room is None else sum(bounded) + len(_COLUMN_GAP) * (len(bounded) - 1) - room
    if too_wide <= 0:
        return bounded[:-1]
    least = [bounded[0], *(_measure_width(heading) for heading in header[1:])]  # a truncated ID would be useless
    while too_wide > 0 and any(width > low for width, low in zip(bounded, least, strict=True)):
        place = max(range(len(bounded)), key=lambda at: (bounded[at] - least[at] > 0, bounded[at]))
        bounded[place] -= 1
        too_wide -= 1
    return bounded


def _get_terminal_width() -> int | None:
    """Return the terminal's width, or None if the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def shorten_id(lead_id: str) -> str:
    """Return a lead's ID, on a terminal only its first characters, which all commands accept."""
    return lead_id[:_SHORT_ID_CHARACTERS] if _get_terminal_width() is not None else lead_id


def _sanitize_cell(cell: str) -> str:
    """Remove control characters from *cell*; the quick check spares most cells the work."""
    return cell if cell.isascii() and cell.isprintable() else sanitize_text(cell)


def _measure_width(cell: str) -> int:
    """Return how many terminal cells *cell* takes."""
    return len(cell) if cell.isascii() else cell_len(cell)


def _fit_cell(cell: str, width: int) -> str:
    """Pad or truncate *cell* to exactly *width* terminal cells, with an ellipsis if it was truncated."""
    taken = _measure_width(cell)
    if taken <= width:
        return cell + " " * (width - taken)
    return set_cell_size(cell, width - 1) + "…"
