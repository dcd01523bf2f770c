"""A question on one line. Scanning continues meanwhile; after a badge, the first pause in typing closes the line."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label

from data.language import N_
from kiosk.tui.booth_app import BoothApp, translate_bindings
from kiosk.tui.one_shot_timer import start_timer

# How long a pause in typing must be before a draft is saved, or a line that a badge came into is closed.
TYPING_PAUSE_SECONDS = 2.0


class PromptLine(Horizontal):
    """
    Asks for one line of text, and passes it to a callback.

    Enter passes the text on and closes the line, Escape closes it without an answer. A *draft*, such as a note, is
    also passed on at each pause in typing, so that neither a crash nor a power cut loses it.
    """

    BINDINGS = [Binding("escape", "cancel", N_("Cancel"), key_display="Esc")]
    app: BoothApp

    class DraftDropped(Message):
        """A draft was dropped with Escape."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="ask")
        translate_bindings(self)
        self.answer_callback: Callable[[str], None] | None = None
        """Gets the text; None while the line is closed."""
        self.previous_focus: Widget | None = None
        """The widget that had the focus before, and gets it back."""
        self.pause_timer: Timer | None = None
        """Runs out at the first pause in typing; None while a pause has no effect."""
        self.is_draft = False
        """Whether the text is passed on at each pause."""
        self.has_badge = False
        """Whether a badge was scanned while the line was open: then the next pause closes it."""
        self.original_text = ""
        """The text of a draft before the prompt; Escape restores it."""
        self.last_passed_on = ""
        """The text that was passed on last."""

    def compose(self) -> ComposeResult:
        """Lay out the question and the line."""
        yield Label(markup=False)
        yield Input(select_on_focus=False)

    def on_mount(self) -> None:
        """Start hidden."""
        self.display = False

    def open_prompt(
        self, question: str, value: str, answer_callback: Callable[[str], None], *, draft_of: str | None = None
    ) -> None:
        """
        Ask *question* with *value* in the line, and pass the answer to *answer_callback*.

        A prompt that is open is finished first. With *draft_of*, the text that is saved so far, the answer is a draft:
        it is also passed on at each pause if it has changed, and *draft_of* is passed on after Escape.
        """
        self.finish_prompt()
        self.is_draft, self.has_badge = draft_of is not None, False
        self.original_text = self.last_passed_on = draft_of or ""
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
        """Pass on the answer."""
        event.stop()
        self.finish_prompt()

    def close_at_next_pause(self) -> None:
        """Close an open line at the next pause; what is typed until then belongs to it, whoever is on the card."""
        if self.answer_callback is not None:
            self.has_badge = True
            self.restart_pause_timer()

    def restart_pause_timer(self) -> None:
        """Wait for the next pause, from now on."""
        self.stop_pause_timer()
        self.pause_timer = start_timer(self, TYPING_PAUSE_SECONDS, self.handle_pause)

    @on(Input.Changed)
    def handle_typing(self) -> None:
        """Restart the timer, as somebody is typing."""
        if self.pause_timer is not None or (self.is_draft and self.answer_callback is not None):
            self.restart_pause_timer()

    def handle_pause(self) -> None:
        """Pass on a draft, or close the line after a badge."""
        if self.app.has_undecided_keys:
            self.restart_pause_timer()  # a key that is still held back may be for this line
        elif self.has_badge:
            self.finish_prompt()
        else:
            self.stop_pause_timer()
            self.pass_on_draft(self.value)

    @property
    def value(self) -> str:
        """The text that is typed so far."""
        return self.query_one(Input).value.strip()

    @property
    def unsaved_draft(self) -> str | None:
        """The text of a draft that was not passed on yet; None if there is none."""
        is_new = self.answer_callback is not None and self.is_draft and self.value != self.last_passed_on
        return self.value if is_new else None

    def pass_on_draft(self, text: str) -> None:
        """Pass on a draft, unless that was done already."""
        if self.answer_callback is not None and text != self.last_passed_on:
            self.last_passed_on = text
            self.answer_callback(text)

    def on_descendant_blur(self) -> None:
        """Keep the focus while the line is open: a click elsewhere has its effect, and typing continues here."""
        if self.answer_callback is not None:
            self.call_after_refresh(self.refocus_input)

    def refocus_input(self) -> None:
        """Focus the line, if it is still open."""
        if self.answer_callback is not None:
            self.query_one(Input).focus()

    def stop_pause_timer(self) -> None:
        """Stop waiting for a pause."""
        if self.pause_timer is not None:
            self.pause_timer.stop()
            self.pause_timer = None

    def finish_prompt(self) -> None:
        """Pass on the text and close the line, if it is open."""
        if self.answer_callback is not None:
            callback, text = self.answer_callback, self.value
            is_new = not self.is_draft or text != self.last_passed_on
            # Closed first, because the callback may open the next prompt.
            self.close_prompt()
            if is_new:
                callback(text)

    def action_cancel(self) -> None:
        """Close the line without an answer; a draft is set back to the original text."""
        dropped = self.value if self.is_draft else ""
        self.pass_on_draft(self.original_text if self.is_draft else self.last_passed_on)
        original_text = self.original_text
        self.close_prompt()
        if dropped not in ("", original_text):
            self.post_message(self.DraftDropped(dropped))

    def close_prompt(self) -> None:
        """Hide the line, and give the focus back."""
        self.stop_pause_timer()
        self.answer_callback = None
        self.display = False
        self.screen.set_focus(self.previous_focus)
