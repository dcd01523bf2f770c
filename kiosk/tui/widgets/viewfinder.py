"""The camera's picture in half blocks: two pixels a cell, one above the other."""

from functools import lru_cache
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

WIDEST, HIGHEST = 96, 32
"""Cells that are drawn at most: a larger screen gets a border, not a larger bill."""

COARSE = 0xF0
"""Colours are told apart by their upper four bits: fewer of them make longer runs, and less to write."""

SHADES = " .:-=+*#%@"
"""What a picture is drawn with where there are no colours, from dark to bright."""

PLAIN = Style()
"""Textual's filters for terminals without colours fail on a segment that has no style at all."""


class Viewfinder(Widget):
    """Shows the newest picture, or one sentence on why there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.picture: Any = None
        self.sentence = "Looking for a camera ..."

    @property
    def pixels(self) -> tuple[int, int]:
        """How large a picture is wanted: width and height in pixels."""
        return min(self.size.width, WIDEST), 2 * min(self.size.height, HIGHEST)

    def show(self, picture: Any) -> None:
        """Show *picture*: height x width x 3, RGB, uint8, of the size `pixels`."""
        self.picture = picture & COARSE
        self.sentence = ""
        self.refresh()

    def say(self, sentence: str) -> None:
        """Say why there is no picture."""
        self.picture = None
        self.sentence = sentence
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        size = self.size
        if self.picture is None:
            return said(self.sentence, y, size)
        height, width = self.picture.shape[0] // 2, self.picture.shape[1]
        row = y - (size.height - height) // 2
        if not 0 <= row < height:
            return Strip.blank(size.width, PLAIN)
        left = max(0, (size.width - width) // 2)
        paint = painted if self.has_colours else shaded
        cells = paint(self.picture[2 * row].tolist(), self.picture[2 * row + 1].tolist())
        return Strip([Segment(" " * left, PLAIN), *cells]).adjust_cell_length(size.width, PLAIN)

    @property
    def has_colours(self) -> bool:
        """Whether the terminal shows colours, and the user wants them (https://no-color.org)."""
        return not self.app.no_color and self.app.console.color_system is not None


def painted(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
    """Two rows of pixels as one row of cells, equal neighbours in one piece."""
    segments: list[Segment] = []
    last: tuple[int, ...] = ()
    run = 0
    for upper, lower in zip(above, below, strict=True):
        key = (*upper, *lower)
        if key == last:
            run += 1
            continue
        if run:
            segments.append(Segment("▀" * run, style(last)))
        last, run = key, 1
    return [*segments, Segment("▀" * run, style(last))] if run else segments


def shaded(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
    """Two rows of pixels as one row of characters that are the fuller the brighter the two pixels are."""
    light = (sum(upper) + sum(lower) for upper, lower in zip(above, below, strict=True))
    return [Segment("".join(SHADES[value * len(SHADES) // (6 * 256)] for value in light), PLAIN)]


@lru_cache(maxsize=16384)
def style(key: tuple[int, ...]) -> Style:
    """The colours of a cell: those of its upper pixel in front, those of its lower pixel behind."""
    return Style(color=Color.from_rgb(*key[:3]), bgcolor=Color.from_rgb(*key[3:]))


def said(sentence: str, y: int, size: Size) -> Strip:
    """Line *y* of a sentence in the middle."""
    lines = wrapped(sentence, max(10, size.width - 4))
    row = y - (size.height - len(lines)) // 2
    text = lines[row].center(size.width) if 0 <= row < len(lines) else ""
    return Strip([Segment(text, Style(bold=True))]).adjust_cell_length(size.width, PLAIN)


def wrapped(sentence: str, width: int) -> list[str]:
    """*sentence* in lines of at most *width*."""
    import textwrap

    return textwrap.wrap(sentence, width)
