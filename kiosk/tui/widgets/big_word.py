"""The big word on the scan screen."""

from typing import ClassVar

from rich.align import Align
from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.tui.widgets.block_letters import render_blocks


class BigWord(Widget):
    """A word as large as its place allows, on a colour for its meaning."""

    MOODS: ClassVar = ("calm", "good", "look", "bad")

    word: reactive[str] = reactive("")
    mood: reactive[str] = reactive("calm")
    """`calm`, `good`, `look` (somebody should look at it) or `bad`; also the name of the CSS class."""

    def render(self) -> RenderResult:
        """Render the word in block letters."""
        lines = render_blocks(self.word, self.size.width - 2, self.size.height)
        return Align.center(Text("\n".join(lines), no_wrap=True), vertical="middle", height=self.size.height)

    def watch_mood(self, mood: str) -> None:
        """Change the colour to that of *mood*."""
        for name in self.MOODS:
            self.set_class(name == mood, name)
