"""A printable sheet of badges: A4, two side by side, with lines to cut along."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from data.files import write_atomically
from kiosk.printing.badge import PrintableBadge

_BADGE_WIDTH, _BADGE_HEIGHT = 90 * mm, 55 * mm
_COLUMNS_PER_PAGE, _ROWS_PER_PAGE = 2, 5
_QR_SIDE = 40 * mm

FONT_FILES = (
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
)
"""Fonts with many scripts, where Debian installs them."""


def write_sheet(badges: Iterable[PrintableBadge], path: Path) -> None:
    """Write *badges* to a PDF file."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=A4)
    font = _register_font()
    left, top = (A4[0] - _COLUMNS_PER_PAGE * _BADGE_WIDTH) / 2, A4[1] - (A4[1] - _ROWS_PER_PAGE * _BADGE_HEIGHT) / 2
    for number, badge in enumerate(badges):
        place = number % (_COLUMNS_PER_PAGE * _ROWS_PER_PAGE)
        if number and place == 0:
            page.showPage()
        row, column = divmod(place, _COLUMNS_PER_PAGE)
        _draw_badge(page, font, left + column * _BADGE_WIDTH, top - (row + 1) * _BADGE_HEIGHT, badge)
    page.save()
    write_atomically(path, buffer.getvalue())


def _register_font() -> str:
    """Return the name of a font with more than Latin letters, if this machine has one."""
    for file in FONT_FILES:
        try:
            pdfmetrics.registerFont(TTFont("badge", file))
        except (TTFError, OSError):
            continue
        return "badge"
    return "Helvetica"


def _draw_badge(page: Any, font: str, x: float, y: float, badge: PrintableBadge) -> None:
    """Draw one badge with its lower left corner at *x*, *y* points."""
    contact, badge_id = badge.contact, badge.badge_id
    page.setDash(1, 3)
    page.rect(x, y, _BADGE_WIDTH, _BADGE_HEIGHT)
    page.setDash()
    matrix = badge.code.get_matrix()
    side = _QR_SIDE / len(matrix)
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                page.rect(x + 4 * mm + column * side, y + _BADGE_HEIGHT - 7 * mm - (row + 1) * side, side, side, 0, 1)
    lines = (contact.display_name or badge_id, contact.company, contact.job_title, badge_id)
    for number, line in enumerate(line for line in lines if line):
        size = 13 if number == 0 else 9
        page.setFont(font, size)
        page.drawString(
            x + 46 * mm,
            y + _BADGE_HEIGHT - (16 + 8 * number) * mm,
            _cut_to_width(line, font, size, _BADGE_WIDTH - 48 * mm),
        )


def _cut_to_width(line: str, font: str, size: int, width: float) -> str:
    """Return *line*, cut off if it is wider than *width* points."""
    while line and pdfmetrics.stringWidth(line, font, size) > width:
        line = line[:-1]
    return line
