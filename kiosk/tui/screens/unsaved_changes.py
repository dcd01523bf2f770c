"""Asks what is to happen with edits that are not saved yet."""

from typing import Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

ChangesAnswer: TypeAlias = Literal["save", "drop", "stay"]


class UnsavedChangesScreen(ModalScreen[ChangesAnswer]):
    """Save the changes, drop them, or keep editing."""

    CSS_PATH = "unsaved_changes.tcss"
    AUTO_FOCUS = "#save"
    BINDINGS = [
        Binding("s,ctrl+s", "answer('save')", "Save"),
        Binding("d", "answer('drop')", "Drop"),
        Binding("escape", "answer('stay')", "Keep editing", key_display="Esc"),
    ]

    def compose(self) -> ComposeResult:
        """The question, and three answers."""
        with Vertical(id="box"):
            yield Static("Keep the changes?", id="question")
            with Horizontal():
                yield Button("Save (s)", id="save", variant="primary")
                yield Button("Drop them (d)", id="drop", variant="error")
                yield Button("Keep editing (Esc)", id="stay")

    @on(Button.Pressed)
    def answer_by_button(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        self.action_answer(event.button.id)

    def action_answer(self, answer: str | None) -> None:
        """Answer."""
        self.dismiss("save" if answer == "save" else "drop" if answer == "drop" else "stay")
