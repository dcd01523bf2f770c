"""A text in letters of three rows or more, or in bold where these do not fit."""

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.tui.widgets.block_letters import draw_letters

_MAX_PLAIN_ROWS = 2

# The height of the terminal from which on letters are drawn at all.
_MIN_HEIGHT_FOR_LETTERS = 20

TALL_ROWS = 46
"""The height of a terminal that has room to spare: from it on, everything may be larger."""


class LargeText(Widget):
    """Shows a text as large as its width and the terminal's height allow; scripts other than Latin are in bold."""

    DEFAULT_CSS = """
    LargeText { height: auto; text-style: bold; }
    """  # not shown: a style sheet

    text: reactive[str] = reactive("", layout=True)
    """The text, safe for a terminal."""
    is_larger: reactive[bool] = reactive(False, layout=True)
    """Whether it may take twice as many rows."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows that the text takes in *width* cells."""
        return len(self.build_rows(width, viewport.height))

    def render(self) -> RenderResult:
        """Render the text."""
        rows = self.build_rows(self.size.width, self.app.size.height)
        return Content("\n".join(rows))

    def build_rows(self, width: int, terminal_height: int) -> list[str]:
        """Return the text in rows of at most *width* cells."""
        if not self.text or width < 1:
            return []
        drawn = draw_letters(self.text, width, *self._find_limits(terminal_height))
        if drawn:
            return list(drawn)
        rows = Content(self.text[: width * _MAX_PLAIN_ROWS * 2]).wrap(width)
        cut = [row.plain.rstrip() for row in rows[:_MAX_PLAIN_ROWS]]
        if len(rows) > _MAX_PLAIN_ROWS:
            cut[-1] = Content(f"{cut[-1]}…").truncate(width, ellipsis=True).plain
        return cut

    def _find_limits(self, terminal_height: int) -> tuple[int, int]:
        """Return the most rows of cells, and the most lines of words."""
        if terminal_height < _MIN_HEIGHT_FOR_LETTERS:
            return 0, 1
        is_tall = terminal_height >= TALL_ROWS
        if self.is_larger:
            return (16, 2) if is_tall else (7, 2)
        return (8, 2) if is_tall else (4, 1)
