"""The strip on the card that says what happened to a badge: a sign, a word, and when."""

from typing import ClassVar

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.tui.themes import replace_content_signs
from kiosk.tui.widgets.block_letters import draw_letters
from kiosk.tui.widgets.large_text import TALL_ROWS

# Colours are not the only difference: not everybody sees them, and not every terminal has them.
_SIGNS = {"good": "✓", "look": "!", "bad": "✗", "calm": "·"}


class ResultStrip(Widget):
    """A word on a ground in the colour of its meaning."""

    MOODS: ClassVar = ("calm", "good", "look", "bad")

    word: reactive[str] = reactive("", layout=True)
    details: reactive[str] = reactive("")
    """What follows the word: the time, and where the lead is."""
    mood: reactive[str] = reactive("calm")
    """`calm`, `good`, `look` (somebody should look at it) or `bad`; also the name of the CSS class."""
    is_saved: reactive[bool] = reactive(False)
    """Whether a lead is on the disk, whatever the mood."""
    is_larger: reactive[bool] = reactive(False, layout=True)
    """Whether the word is in letters of three rows."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows."""
        return len(self.draw_word(width)) + 1

    def render(self) -> RenderResult:
        """Render the word, and what follows it."""
        sign = _SIGNS["good" if self.is_saved else self.mood]
        rows = self.draw_word(self.size.width)
        if rows:
            line = Content(f"{sign} {self.details}")
        else:
            line = Content.assemble(
                (f"{sign} {self.word.upper()}", "bold"), f"  {self.details}" if self.details else ""
            )
        line = replace_content_signs(line)
        large = Content("\n".join(rows) + "\n" if rows else "").stylize("bold")
        return Content.assemble(large, line.truncate(max(1, self.size.width), ellipsis=True))

    def draw_word(self, width: int) -> tuple[str, ...]:
        """Return the rows of the word in large letters; none where it is an ordinary line."""
        is_large = self.is_larger or self.app.size.height >= TALL_ROWS
        return draw_letters(self.word, width, 3) if is_large else ()

    def watch_mood(self, mood: str) -> None:
        """Change the colour to that of *mood*."""
        for name in self.MOODS:
            self.set_class(name == mood, name)
