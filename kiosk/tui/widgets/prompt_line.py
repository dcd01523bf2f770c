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

TYPING_PAUSE_SECONDS = 2.0
"""Without a key, after which a line that a badge came into is done."""


class PromptLine(Horizontal):
    """Asks for one line of text; Enter gives it, Escape gives nothing, and *drafts* are also given at each pause."""

    BINDINGS = [Binding("escape", "cancel", "Cancel", key_display="Esc")]
    app: "KioskApp"

    class DraftDropped(Message):
        """A draft was dropped with Escape."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="ask")
        self.answer_callback: Callable[[str], None] | None = None
        self.previous_focus: Widget | None = None
        """What had the keys before, and gets them again."""
        self.pause_timer: Timer | None = None
        """Ends with the first pause in typing; None while nothing is to happen then."""
        self.is_draft = False
        """Whether what is typed is given at each pause, so that neither a crash nor a power cut loses it."""
        self.has_badge = False
        """Whether a badge came into the line: the next pause closes it."""
        self.saved_draft = ""
        """The answer to begin with."""
        self.last_given = ""
        """What was given last."""

    def compose(self) -> ComposeResult:
        """The question and the line."""
        yield Label(markup=False)
        yield Input(select_on_focus=False)

    def on_mount(self) -> None:
        """Begin out of sight."""
        self.display = False

    def open_prompt(
        self, question: str, value: str, answer_callback: Callable[[str], None], *, draft_of: str | None = None
    ) -> None:
        """
        Ask *question*, with *value* as the answer to begin with; *answer_callback* gets the line. An open one is done first.

        Where *draft_of* is what is saved already, *answer_callback* also gets what is typed at each pause, where that is something
        else, and *draft_of* again after Escape.
        """
        self.finish_prompt()
        self.is_draft, self.has_badge = draft_of is not None, False
        self.saved_draft = self.last_given = draft_of or ""
        self.query_one(Label).update(question)
        self.previous_focus = self.screen.focused
        line = self.query_one(Input)
        line.value = value
        line.cursor_position = len(value)
        self.answer_callback = answer_callback
        self.display = True
        line.focus()

    @on(Input.Submitted)
    def submit_answer(self, event: Input.Submitted) -> None:
        """Give the answer."""
        event.stop()
        self.finish_prompt()

    def close_at_next_pause(self) -> None:
        """Close at the next pause: what is typed until then belongs here, whoever is on the card."""
        if self.answer_callback is not None:
            self.has_badge = True
            self.restart_pause_timer()

    def restart_pause_timer(self) -> None:
        """Wait for the next pause, from now on."""
        self.stop_pause_timer()
        self.pause_timer = self.set_timer(TYPING_PAUSE_SECONDS, self.handle_pause)

    @on(Input.Changed)
    def handle_typing(self) -> None:
        """Whoever types makes no pause."""
        if self.pause_timer is not None or (self.is_draft and self.answer_callback is not None):
            self.restart_pause_timer()

    def handle_pause(self) -> None:
        """Nothing was typed for a while; a key that is held back at this moment is still for this line."""
        if self.app.keyboard.is_undecided:
            self.restart_pause_timer()
        elif self.has_badge:
            self.finish_prompt()
        else:
            self.stop_pause_timer()
            self.give_draft(self.value)

    @property
    def value(self) -> str:
        """What is typed so far."""
        return self.query_one(Input).value.strip()

    @property
    def ungiven_draft(self) -> str | None:
        """A draft that nobody was given yet; None where there is none."""
        return (
            self.value if self.answer_callback is not None and self.is_draft and self.value != self.last_given else None
        )

    def give_draft(self, text: str) -> None:
        """Give a draft, unless it was given already."""
        if self.answer_callback is not None and text != self.last_given:
            self.last_given = text
            self.answer_callback(text)

    def on_descendant_blur(self) -> None:
        """While a line is asked for, keys go nowhere else: a click does what it does, and the line goes on."""
        if self.answer_callback is not None:
            self.call_after_refresh(self.refocus_input)

    def refocus_input(self) -> None:
        """Have the keys, if they are still asked for."""
        if self.answer_callback is not None:
            self.query_one(Input).focus()

    def stop_pause_timer(self) -> None:
        """Wait for no pause."""
        if self.pause_timer is not None:
            self.pause_timer.stop()
            self.pause_timer = None

    def finish_prompt(self) -> None:
        """Give what is typed so far, and close; nothing where nothing is asked."""
        if self.answer_callback is not None:
            done, text, is_new = self.answer_callback, self.value, not self.is_draft or self.value != self.last_given
            self.close_prompt()
            if is_new:
                done(text)

    def action_cancel(self) -> None:
        """Close without an answer; a draft is taken back, and `n` brings it again."""
        dropped = self.value if self.is_draft else ""
        self.give_draft(self.saved_draft if self.is_draft else self.last_given)
        first = self.saved_draft
        self.close_prompt()
        if dropped not in ("", first):
            self.post_message(self.DraftDropped(dropped))

    def close_prompt(self) -> None:
        """Close the line."""
        self.stop_pause_timer()
        self.answer_callback = None
        self.display = False
        self.screen.set_focus(self.previous_focus)
