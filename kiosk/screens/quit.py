"""Ending the kiosk, on purpose."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from kiosk.standing import Standing
from kiosk.words import leads_count


class QuitScreen(ModalScreen[bool]):
    """Asks whether to end; says whether it is safe to pack up. Behind it, scanning goes on."""

    CSS_PATH = "quit.tcss"
    BINDINGS = [Binding("escape", "stay", "Stay"), Binding("y", "leave", "Quit")]

    def __init__(self, standing: Standing | None) -> None:
        super().__init__()
        self.standing = standing

    def compose(self) -> ComposeResult:
        """The question, and two answers."""
        with Vertical(id="box"):
            yield Static("End the kiosk?", id="question")
            yield Static(self.safe(), markup=False)
            with Horizontal():
                yield Button("Stay (Esc)", id="stay", variant="primary")
                yield Button("Quit (y)", id="leave", variant="error")

    def safe(self) -> str:
        """Whether it is safe to pack up."""
        standing = self.standing
        if standing is None or standing.is_safe_to_pack:
            return "Safe to pack up: nothing waits for the CRM."
        waiting = leads_count(standing.counts.waiting)
        return (
            f"Not safe to pack up: {waiting} not in the CRM yet. They stay on this device; the next start sends them."
        )

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Go on."""
        self.dismiss(False)

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """End."""
        self.dismiss(True)
