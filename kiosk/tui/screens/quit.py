"""
Ending the kiosk, on purpose; whether it is safe to pack up, by count and by name.

It takes a typed word, or a button that is held down: neither a visitor's stray key nor a scanner ends the kiosk.
"""

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from data import pending
from data.outbox import DISCARDED, NEEDS_YOU, WAITING
from data.store import Store
from kiosk.status.status import KioskStatus
from kiosk.status.wording import format_badge_count, format_lead_count, sanitize_text
from kiosk.tui.screens.failures import FailureReporter
from kiosk.tui.widgets.hold_button import HoldButton

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

CLOSE_WORD = "close"
"""What is typed to end the kiosk."""

_MAX_NAMED_LEADS = 50
"""Leads of a state that are named; the pending list has them all."""


class QuitScreen(FailureReporter, ModalScreen[bool]):
    """Asks whether to end; says whether it is safe to pack up. Behind it, scanning goes on."""

    CSS_PATH = "quit.tcss"
    BINDINGS = [Binding("escape", "stay", "Stay", key_display="Esc")]

    app: "KioskApp"

    def __init__(self, status: KioskStatus | None, held_count: int) -> None:
        """*held_count* is how many badges could not be saved yet."""
        super().__init__()
        self.status = status
        self.held_count = held_count

    def compose(self) -> ComposeResult:
        """The question, and the answers."""
        with Vertical(id="box"):
            yield Static("End the kiosk?", id="question")
            yield Static(self.describe_safety(), markup=False)
            yield Static(self.describe_counts(), id="sum", markup=False)
            with VerticalScroll(id="names", can_focus=False):
                yield Static(markup=False)
            yield Input(placeholder=f"To end it, type {CLOSE_WORD} and press Enter", id="closing")
            with Horizontal():
                yield Button("Stay (Esc)", id="stay", variant="primary")
                yield HoldButton("Hold to end", "Let go to end", id="leave")

    @work(exit_on_error=False)
    async def on_mount(self) -> None:
        """Name the leads that are not in the CRM."""
        clock = self.app.clock

        def names(db: Store) -> list[str]:
            found = {
                state: pending.list_entries(db, clock, states=(state,), limit=_MAX_NAMED_LEADS + 1)
                for state in _UNSENT_STATES
            }
            return [
                describe_leads(state, [entry.label for entry in entries]) for state, entries in found.items() if entries
            ]

        if told := await self.app.run_in_database(names):
            self.query_one("#names Static", Static).update("\n".join(told))

    def describe_counts(self) -> str:
        """What became of all that was scanned."""
        if self.status is None:
            return ""
        counts = self.status.counts
        parts = (
            f"{counts.delivered} in the CRM",
            f"{counts.needs_you} need you",
            f"{counts.discarded} discarded",
            f"{counts.waiting} waiting" if counts.waiting else "",
        )
        return f"{format_lead_count(counts.total)} = " + " + ".join(part for part in parts if part)

    def describe_safety(self) -> str:
        """Whether it is safe to pack up."""
        standing = self.status
        if self.held_count:
            are = "It is" if self.held_count == 1 else "They are"
            return f"NOT SAVED yet: {format_badge_count(self.held_count)}. {are} written to a file, which the next start saves."
        if standing is None:
            return "It is not known what waits for the CRM. It stays on this device; the next start sends it."
        if waiting := standing.counts.waiting:
            what_next = "They stay on this device; the next start sends them."
            if standing.paused:
                what_next = "Sending is paused: they stay on this device until somebody goes on with it (F2, then p)."
            return f"Not safe to pack up: {format_lead_count(waiting)} not in the CRM yet. {what_next}"
        if needs_you := standing.counts.needs_you:
            verb = "needs" if needs_you == 1 else "need"
            return f"Safe to pack up: nothing waits for the CRM. {format_lead_count(needs_you)} here {verb} a person."
        return "Safe to pack up: nothing waits for the CRM."

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Go on."""
        self.dismiss(False)

    @on(HoldButton.Held)
    def confirm_close(self) -> None:
        """End."""
        self.dismiss(True)

    @on(Input.Submitted)
    def check_typed_word(self, event: Input.Submitted) -> None:
        """End where the word was typed; Enter alone stays."""
        typed = event.value.strip().lower()
        event.input.value = ""
        if typed in (CLOSE_WORD, ""):
            self.dismiss(typed == CLOSE_WORD)


_UNSENT_STATES = (WAITING, NEEDS_YOU, DISCARDED)
"""The states of what is not in the CRM."""


def describe_leads(state: str, names: list[str]) -> str:
    """The leads in one state, by name."""
    more = ", and more" if len(names) > _MAX_NAMED_LEADS else ""
    return sanitize_text(f"{state}: {', '.join(names[:_MAX_NAMED_LEADS])}{more}")
