"""Ending the kiosk, on purpose."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from kiosk.standing import Standing
from kiosk.words import badges_count, leads_count


class QuitScreen(ModalScreen[bool]):
    """Asks whether to end; says whether it is safe to pack up. Behind it, scanning goes on."""

    CSS_PATH = "quit.tcss"
    BINDINGS = [Binding("escape", "stay", "Stay", key_display="Esc"), Binding("y", "leave", "Quit")]

    def __init__(self, standing: Standing | None, held: int) -> None:
        """*held* is how many badges could not be saved yet."""
        super().__init__()
        self.standing = standing
        self.held = held

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
        if self.held:
            return f"NOT SAFE: what is not saved yet is held in memory only, and is lost: {badges_count(self.held)}."
        if standing is None:
            return "It is not known what waits for the CRM. It stays on this device; the next start sends it."
        if waiting := standing.counts.waiting:
            return (
                f"Not safe to pack up: {leads_count(waiting)} not in the CRM yet. "
                "They stay on this device; the next start sends them."
            )
        if needs_you := standing.counts.needs_you:
            verb = "needs" if needs_you == 1 else "need"
            return f"Safe to pack up: nothing waits for the CRM. {leads_count(needs_you)} here {verb} a person."
        return "Safe to pack up: nothing waits for the CRM."

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Go on."""
        self.dismiss(False)

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """End."""
        self.dismiss(True)
