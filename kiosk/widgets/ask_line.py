"""A question on one line, which stops nothing: the camera goes on, and the next badge closes it."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label


class AskLine(Horizontal):
    """Asks for one line of text; Enter gives it, Escape gives nothing."""

    BINDINGS = [Binding("escape", "cancel", "Cancel", key_display="Esc")]

    def __init__(self) -> None:
        super().__init__(id="ask")
        self.done: Callable[[str], None] | None = None
        self.before: Widget | None = None
        """What had the keys before, and gets them again."""

    def compose(self) -> ComposeResult:
        """The question and the line."""
        yield Label(markup=False)
        yield Input()

    def on_mount(self) -> None:
        """Begin out of sight."""
        self.display = False

    def ask(self, question: str, value: str, done: Callable[[str], None]) -> None:
        """Ask *question*, with *value* as the answer to begin with; *done* gets the line."""
        self.query_one(Label).update(question)
        if self.done is None:
            self.before = self.screen.focused
        line = self.query_one(Input)
        line.value = value
        line.cursor_position = len(value)
        self.done = done
        self.display = True
        line.focus()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Give the answer."""
        event.stop()
        self.finish()

    def finish(self) -> None:
        """Give what is typed so far, and close; nothing where nothing is asked."""
        if self.done is not None:
            done, text = self.done, self.query_one(Input).value.strip()
            self.action_cancel()
            done(text)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.done = None
        self.display = False
        self.screen.set_focus(self.before)
