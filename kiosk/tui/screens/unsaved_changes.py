"""Asks what to do with edits that are not saved yet."""

from typing import Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from data.language import N_, _
from kiosk.tui.booth_app import BoothModal

ChangesAnswer: TypeAlias = Literal["save", "drop", "stay"]


class UnsavedChangesScreen(BoothModal[ChangesAnswer]):
    """Asks whether to save the changes, drop them, or keep editing."""

    CSS_PATH = "unsaved_changes.tcss"
    AUTO_FOCUS = "#save"
    BINDINGS = [
        Binding("s,ctrl+s", "answer('save')", N_("Save")),
        Binding("d", "answer('drop')", N_("Don't save")),
        Binding("escape", "answer('stay')", N_("Keep editing"), key_display="Esc"),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the question and its three answers."""
        with Vertical(id="box"):
            yield Static(_("Save the changes?"), id="question")
            with Horizontal():
                yield Button(_("Save (s)"), id="save", variant="primary")
                yield Button(_("Don't save (d)"), id="drop", variant="error")
                yield Button(_("Keep editing (Esc)"), id="stay")

    @on(Button.Pressed)
    def answer_by_button(self, event: Button.Pressed) -> None:
        """Answer with the button that was pressed."""
        self.action_answer(event.button.id)

    def action_answer(self, answer: str | None) -> None:
        """Close the screen with *answer*."""
        self.dismiss("save" if answer == "save" else "drop" if answer == "drop" else "stay")
