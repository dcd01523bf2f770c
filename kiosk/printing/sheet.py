"""A printable sheet of badges: A4, two beside each other, with lines to cut along."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from data.files import write_whole
from kiosk.printing.badge import Printable

WIDTH, HEIGHT = 90 * mm, 55 * mm
COLUMNS, ROWS = 2, 5
QR = 40 * mm

FONTS = (
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
)
"""Fonts with most scripts, where Debian has them."""


def write_sheet(badges: Iterable[Printable], path: Path) -> None:
    """Write *badges* as a PDF file."""
    buffer = io.BytesIO()
    page = Canvas(buffer, pagesize=A4)
    font = best_font()
    left, top = (A4[0] - COLUMNS * WIDTH) / 2, A4[1] - (A4[1] - ROWS * HEIGHT) / 2
    for number, badge in enumerate(badges):
        place = number % (COLUMNS * ROWS)
        if number and place == 0:
            page.showPage()
        row, column = divmod(place, COLUMNS)
        draw(page, font, left + column * WIDTH, top - (row + 1) * HEIGHT, badge)
    page.save()
    write_whole(path, buffer.getvalue())


def best_font() -> str:
    """The name of a font that has more than Latin letters, where this machine has one."""
    for file in FONTS:
        try:
            pdfmetrics.registerFont(TTFont("badge", file))
        except (TTFError, OSError):
            continue
        return "badge"
    return "Helvetica"


def draw(page: Any, font: str, x: float, y: float, badge: Printable) -> None:
    """One badge with its lower left corner at *x*, *y* points."""
    contact, badge_id = badge.contact, badge.badge_id
    page.setDash(1, 3)
    page.rect(x, y, WIDTH, HEIGHT)
    page.setDash()
    matrix = badge.code.get_matrix()
    side = QR / len(matrix)
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                page.rect(x + 4 * mm + column * side, y + HEIGHT - 7 * mm - (row + 1) * side, side, side, 0, 1)
    lines = (contact.display_name or badge_id, contact.company, contact.job_title, badge_id)
    for number, line in enumerate(line for line in lines if line):
        size = 13 if number == 0 else 9
        page.setFont(font, size)
        page.drawString(x + 46 * mm, y + HEIGHT - (16 + 8 * number) * mm, fitting(line, font, size, WIDTH - 48 * mm))


def fitting(line: str, font: str, size: int, width: float) -> str:
    """*line*, cut where it is wider than *width* points."""
    while line and pdfmetrics.stringWidth(line, font, size) > width:
        line = line[:-1]
    return line
