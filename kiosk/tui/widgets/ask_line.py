"""A question on one line. It stops nothing: the camera keeps scanning, and after a badge the first pause closes it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

PAUSE_SECONDS = 2.0
"""Without a key, after which a line that a badge came into is done."""


class AskLine(Horizontal):
    """Asks for one line of text; Enter gives it, Escape gives nothing, and *drafts* are also given at each pause."""

    BINDINGS = [Binding("escape", "cancel", "Cancel", key_display="Esc")]
    app: "KioskApp"

    class Dropped(Message):
        """A draft was dropped with Escape."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="ask")
        self.done: Callable[[str], None] | None = None
        self.before: Widget | None = None
        """What had the keys before, and gets them again."""
        self.pause: Timer | None = None
        """Ends with the first pause in typing; None while nothing is to happen then."""
        self.is_draft = False
        """Whether what is typed is given at each pause, so that neither a crash nor a power cut loses it."""
        self.has_badge = False
        """Whether a badge came into the line: the next pause closes it."""
        self.first = ""
        """The answer to begin with."""
        self.given = ""
        """What was given last."""

    def compose(self) -> ComposeResult:
        """The question and the line."""
        yield Label(markup=False)
        yield Input(select_on_focus=False)

    def on_mount(self) -> None:
        """Begin out of sight."""
        self.display = False

    def ask(self, question: str, value: str, done: Callable[[str], None], *, draft_of: str | None = None) -> None:
        """
        Ask *question*, with *value* as the answer to begin with; *done* gets the line. An open one is done first.

        Where *draft_of* is what is saved already, *done* also gets what is typed at each pause, where that is something
        else, and *draft_of* again after Escape.
        """
        self.finish()
        self.is_draft, self.has_badge = draft_of is not None, False
        self.first = self.given = draft_of or ""
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
            self.has_badge = True
            self.wait_for_pause()

    def wait_for_pause(self) -> None:
        """Wait for the next pause, from now on."""
        self.stop_pause()
        self.pause = self.set_timer(PAUSE_SECONDS, self.paused)

    @on(Input.Changed)
    def typed(self) -> None:
        """Whoever types makes no pause."""
        if self.pause is not None or (self.is_draft and self.done is not None):
            self.wait_for_pause()

    def paused(self) -> None:
        """Nothing was typed for a while; a key that is held back at this moment is still for this line."""
        if self.app.keyboard.is_undecided:
            self.wait_for_pause()
        elif self.has_badge:
            self.finish()
        else:
            self.stop_pause()
            self.give(self.value)

    @property
    def value(self) -> str:
        """What is typed so far."""
        return self.query_one(Input).value.strip()

    @property
    def ungiven(self) -> str | None:
        """A draft that nobody was given yet; None where there is none."""
        return self.value if self.done is not None and self.is_draft and self.value != self.given else None

    def give(self, text: str) -> None:
        """Give a draft, unless it was given already."""
        if self.done is not None and text != self.given:
            self.given = text
            self.done(text)

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
            done, text, is_new = self.done, self.value, not self.is_draft or self.value != self.given
            self.close()
            if is_new:
                done(text)

    def action_cancel(self) -> None:
        """Close without an answer; a draft is taken back, and `n` brings it again."""
        dropped = self.value if self.is_draft else ""
        self.give(self.first if self.is_draft else self.given)
        first = self.first
        self.close()
        if dropped not in ("", first):
            self.post_message(self.Dropped(dropped))

    def close(self) -> None:
        """Close the line."""
        self.stop_pause()
        self.done = None
        self.display = False
        self.screen.set_focus(self.before)
