"""The camera's picture in half blocks: two pixels a cell, one above the other."""

from functools import lru_cache
from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_MAX_WIDTH_CELLS, _MAX_HEIGHT_CELLS = 96, 32
"""Cells that are drawn at most: a larger screen gets a border, not a larger bill."""

_COLOUR_MASK = 0xF0
"""Colours are told apart by their upper four bits: fewer of them make longer runs, and less to write."""

_SHADES = " .:-=+*#%@"
"""What a picture is drawn with where there are no colours, from dark to bright."""

PLAIN_STYLE = Style()
"""Textual's filters for terminals without colours fail on a segment that has no style at all."""


class Viewfinder(Widget):
    """Shows the newest picture, or one sentence on why there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.picture: Any = None
        self.sentence = "Looking for a camera ..."

    @property
    def picture_size(self) -> tuple[int, int]:
        """How large a picture is wanted: width and height in pixels."""
        return min(self.size.width, _MAX_WIDTH_CELLS), 2 * min(self.size.height, _MAX_HEIGHT_CELLS)

    def show_picture(self, picture: Any) -> None:
        """Show *picture*: height x width x 3, RGB, uint8, of the size `pixels`."""
        self.picture = picture & _COLOUR_MASK
        self.sentence = ""
        self.refresh()

    def show_sentence(self, sentence: str) -> None:
        """Say why there is no picture."""
        self.picture = None
        self.sentence = sentence
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        size = self.size
        if self.picture is None:
            return render_sentence(self.sentence, y, size)
        height, width = self.picture.shape[0] // 2, self.picture.shape[1]
        row = y - (size.height - height) // 2
        if not 0 <= row < height:
            return Strip.blank(size.width, PLAIN_STYLE)
        left = max(0, (size.width - width) // 2)
        paint = _render_colours if self.has_colours else _render_shades
        cells = paint(self.picture[2 * row].tolist(), self.picture[2 * row + 1].tolist())
        return Strip([Segment(" " * left, PLAIN_STYLE), *cells]).adjust_cell_length(size.width, PLAIN_STYLE)

    @property
    def has_colours(self) -> bool:
        """Whether the terminal shows colours, and the user wants them (https://no-color.org)."""
        return not self.app.no_color and self.app.console.color_system is not None


def _render_colours(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
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
            segments.append(Segment("▀" * run, make_style(last)))
        last, run = key, 1
    return [*segments, Segment("▀" * run, make_style(last))] if run else segments


def _render_shades(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
    """Two rows of pixels as one row of characters that are the fuller the brighter the two pixels are."""
    light = (sum(upper) + sum(lower) for upper, lower in zip(above, below, strict=True))
    return [Segment("".join(_SHADES[value * len(_SHADES) // (6 * 256)] for value in light), PLAIN_STYLE)]


@lru_cache(maxsize=16384)
def make_style(key: tuple[int, ...]) -> Style:
    """The colours of a cell: those of its upper pixel in front, those of its lower pixel behind."""
    return Style(color=Color.from_rgb(*key[:3]), bgcolor=Color.from_rgb(*key[3:]))


def render_sentence(sentence: str, y: int, size: Size) -> Strip:
    """Line *y* of a sentence in the middle."""
    lines = _wrap_sentence(sentence, max(10, size.width - 4))
    row = y - (size.height - len(lines)) // 2
    text = lines[row].center(size.width) if 0 <= row < len(lines) else ""
    return Strip([Segment(text, Style(bold=True))]).adjust_cell_length(size.width, PLAIN_STYLE)


def _wrap_sentence(sentence: str, width: int) -> list[str]:
    """*sentence* in lines of at most *width*."""
    import textwrap

    return textwrap.wrap(sentence, width)
