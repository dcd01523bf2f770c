"""The viewfinder: the camera's image in half blocks, two pixels in each cell, one above the other."""

from functools import lru_cache
from typing import Any

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.color import Color as TextualColor
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from data.language import _

# The largest image. On a larger screen it gets a border: drawing more cells would take too much of a Raspberry Pi's
# time.
_MAX_WIDTH_CELLS, _MAX_HEIGHT_CELLS = 96, 32

# The bits of each colour that are drawn: only the upper four, because equal neighbours are cheaper to draw.
_COLOUR_MASK = 0xF0

# The characters to draw with if there are no colours, from dark to bright.
_SHADES = " .:-=+*#%@"

# The smallest image that gets corners to aim between, in pixels, and the share of its shorter side that each takes.
_MIN_PIXELS_FOR_CORNERS = 12
_CORNER_SHARE = 6

# No style at all. Textual's filters for terminals without colours fail on segments that have none set.
PLAIN_STYLE = Style()


class Viewfinder(Widget):
    """Shows the newest camera image, or a sentence on why there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.picture: Any = None
        self.sentence = _("Looking for a camera ...")

    @property
    def picture_size(self) -> tuple[int, int]:
        """The width and height in pixels of the images to show."""
        return min(self.size.width, _MAX_WIDTH_CELLS), 2 * min(self.size.height, _MAX_HEIGHT_CELLS)

    def show_picture(self, picture: Any) -> None:
        """Show *picture*: height x width x 3, RGB, uint8, of the size `picture_size`."""
        self.picture = picture & _COLOUR_MASK
        _draw_corners(self.picture, TextualColor.parse(self.app.theme_variables["accent"]).rgb)
        self.sentence = ""
        self.refresh()

    def show_sentence(self, sentence: str) -> None:
        """Show *sentence* in place of an image."""
        self.picture = None
        self.sentence = sentence
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render one row of cells."""
        size = self.size
        if self.picture is None:
            return _render_sentence(self.sentence, y, size, self.app.console).apply_style(self.rich_style)
        height, width = self.picture.shape[0] // 2, self.picture.shape[1]
        row = y - (size.height - height) // 2
        if not 0 <= row < height:
            return Strip.blank(size.width, self.rich_style)
        left = max(0, (size.width - width) // 2)
        paint = _render_colours if self.has_colours else _render_shades
        cells = paint(self.picture[2 * row].tolist(), self.picture[2 * row + 1].tolist())
        return Strip([Segment(" " * left, PLAIN_STYLE), *cells]).adjust_cell_length(size.width, PLAIN_STYLE)

    @property
    def has_colours(self) -> bool:
        """Whether the terminal shows colours, and the user wants them (https://no-color.org)."""
        return not self.app.no_color and self.app.console.color_system is not None


def _draw_corners(picture: Any, colour: tuple[int, int, int]) -> None:
    """Draw the corners of a frame into *picture*, between which a visitor aims."""
    side = min(picture.shape[:2])
    if side < _MIN_PIXELS_FOR_CORNERS:
        return
    length = side // _CORNER_SHARE
    for edge in (0, -1):
        picture[edge, :length] = picture[edge, -length:] = colour
        picture[:length, edge] = picture[-length:, edge] = colour


def _render_colours(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
    """Render two rows of pixels as one row of cells; equal neighbours become one segment."""
    segments: list[Segment] = []
    last: tuple[int, ...] = ()
    run = 0
    for upper, lower in zip(above, below, strict=True):
        key = (*upper, *lower)
        if key == last:
            run += 1
            continue
        if run:
            segments.append(Segment("▀" * run, _make_style(last)))
        last, run = key, 1
    return [*segments, Segment("▀" * run, _make_style(last))] if run else segments


def _render_shades(above: list[list[int]], below: list[list[int]]) -> list[Segment]:
    """Render two rows of pixels as one row of characters that are denser where the pixels are brighter."""
    light = (sum(upper) + sum(lower) for upper, lower in zip(above, below, strict=True))
    return [Segment("".join(_SHADES[value * len(_SHADES) // (6 * 256)] for value in light), PLAIN_STYLE)]


@lru_cache(maxsize=16384)
def _make_style(key: tuple[int, ...]) -> Style:
    """Return the style of a cell; *key* is the RGB of its upper pixel and that of its lower one."""
    return Style(color=Color.from_rgb(*key[:3]), bgcolor=Color.from_rgb(*key[3:]))


def _render_sentence(sentence: str, y: int, size: Size, console: Console) -> Strip:
    """Render line *y* of a widget that shows *sentence* in its middle."""
    lines = Text(sentence).wrap(console, max(10, size.width - 4))
    row = y - (size.height - len(lines)) // 2
    text = lines[row].plain.strip() if 0 <= row < len(lines) else ""
    text = " " * ((size.width - cell_len(text)) // 2) + text
    return Strip([Segment(text, Style(bold=True))]).adjust_cell_length(size.width, PLAIN_STYLE)
