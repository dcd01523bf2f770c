"""A question on one line, which stops nothing: the camera goes on, and after a badge the first pause closes it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label

if TYPE_CHECKING:
    from kiosk.app import KioskApp

PAUSE_SECONDS = 2.0
"""Without a key, after which a line that a badge came into is done."""


class AskLine(Horizontal):
    """Asks for one line of text; Enter gives it, Escape gives nothing."""

    BINDINGS = [Binding("escape", "cancel", "Cancel", key_display="Esc")]
    app: "KioskApp"

    def __init__(self) -> None:
        super().__init__(id="ask")
        self.done: Callable[[str], None] | None = None
        self.before: Widget | None = None
        """What had the keys before, and gets them again."""
        self.pause: Timer | None = None
        """Closes the line; None until a badge came into it."""

    def compose(self) -> ComposeResult:
        """The question and the line."""
        yield Label(markup=False)
        yield Input(select_on_focus=False)

    def on_mount(self) -> None:
        """Begin out of sight."""
        self.display = False

    def ask(self, question: str, value: str, done: Callable[[str], None]) -> None:
        """Ask *question*, with *value* as the answer to begin with; *done* gets the line. An open one is done first."""
        self.finish()
        self.query_one(Label).update(question)
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

    def badge_came(self) -> None:
        """Close at the next pause: what is typed until then belongs here, whoever is on the card."""
        if self.done is not None:
            self.stop_pause()
            self.pause = self.set_timer(PAUSE_SECONDS, self.paused)

    @on(Input.Changed)
    def typed(self) -> None:
        """Whoever types makes no pause."""
        if self.pause is not None:
            self.badge_came()

    def paused(self) -> None:
        """Nothing was typed for a while; a key that is held back at this moment is still for this line."""
        if self.app.keyboard.is_undecided:
            self.badge_came()
        else:
            self.finish()

    def on_descendant_blur(self) -> None:
        """While a line is asked for, keys go nowhere else: a click does what it does, and the line goes on."""
        if self.done is not None:
            self.call_after_refresh(self.take_keys)

    def take_keys(self) -> None:
        """Have the keys, if they are still asked for."""
        if self.done is not None:
            self.query_one(Input).focus()

    def stop_pause(self) -> None:
        """Wait for no pause."""
        if self.pause is not None:
            self.pause.stop()
            self.pause = None

    def finish(self) -> None:
        """Give what is typed so far, and close; nothing where nothing is asked."""
        if self.done is not None:
            done, text = self.done, self.query_one(Input).value.strip()
            self.action_cancel()
            done(text)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.stop_pause()
        self.done = None
        self.display = False
        self.screen.set_focus(self.before)
