"""
Asks whether to close the kiosk, and says whether anything is lost and what is left to send.

Closing takes a typed word, or a button that is held down, so that neither a visitor's stray key nor a scanner does it.
"""

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from data import pending
from data.language import N_, _, format_number, ngettext
from data.outbox import DISCARDED, NEEDS_YOU, WAITING
from data.store import Store
from kiosk.status.status import KioskStatus
from kiosk.status.wording import (
    format_delivered_count,
    format_discarded_count,
    format_lead_count,
    format_needs_you_count,
    format_waiting_count,
    sanitize_text,
)
from kiosk.tui.booth_app import BoothModal
from kiosk.tui.widgets.hold_button import HoldButton

CLOSE_WORD = N_("close")
"""The word to type to close the kiosk; also understood where the kiosk speaks another language."""

# How many leads of a state are named; the pending list has them all.
_MAX_NAMED_LEADS = 50

_UNSENT_STATES = (WAITING, NEEDS_YOU, DISCARDED)


class QuitScreen(BoothModal[bool]):
    """Asks whether to close the kiosk; scanning continues behind it."""

    CSS_PATH = "quit.tcss"
    BINDINGS = [Binding("escape", "stay", N_("Keep scanning"), key_display="Esc")]

    def __init__(self, status: KioskStatus | None, held_count: int) -> None:
        """Prepare the question; *held_count* is the number of badges that could not be saved yet."""
        super().__init__()
        self.status = status
        self.held_count = held_count

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers."""
        with Vertical(id="box"):
            yield Static(_("Close the kiosk?"), id="question")
            yield Static(self.describe_safety(), id="safety", markup=False)
            yield Static(self.describe_counts(), id="sum", markup=False)
            with VerticalScroll(id="names", can_focus=False):
                yield Static(markup=False)
            yield Input(placeholder=_("To close, type {word} and press Enter").format(word=_(CLOSE_WORD)), id="closing")
            with Horizontal():
                yield Button(_("Keep scanning (Esc)"), id="stay", variant="primary")
                yield HoldButton(_("Hold 3 s to close"), _("Let go to close"), id="leave")

    def on_mount(self) -> None:
        """Name the leads that are not in the CRM."""
        self.update_names()

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show a newer status, None if it cannot be read: badges are saved and sent while somebody reads this."""
        counts_have_changed = status is not None and (self.status is None or status.counts != self.status.counts)
        self.status, self.held_count = status, held_count
        self.query_one("#safety", Static).update(self.describe_safety())
        self.query_one("#sum", Static).update(self.describe_counts())
        if counts_have_changed:
            self.update_names()

    @work(exclusive=True, exit_on_error=False)
    async def update_names(self) -> None:
        """Name the leads that are not in the CRM."""
        clock = self.app.clock

        def read_names(db: Store) -> list[str]:
            leads = {
                state: pending.list_entries(db, clock, states=(state,), limit=_MAX_NAMED_LEADS + 1)
                for state in _UNSENT_STATES
            }
            return [
                _describe_leads(state, [entry.label for entry in entries])
                for state, entries in leads.items()
                if entries
            ]

        lines = await self.app.run_in_database(read_names)
        if lines is not None:
            self.query_one("#names Static", Static).update("\n".join(lines))  # not shown: a selector

    def describe_counts(self) -> str:
        """Say how many leads there are in each state."""
        if self.status is None:
            return ""
        counts = self.status.counts
        parts = [format_delivered_count(counts.delivered)]
        if counts.waiting:
            parts.append(format_waiting_count(counts.waiting))
        parts.append(format_needs_you_count(counts.needs_you))
        if counts.discarded:
            parts.append(format_discarded_count(counts.discarded))
        return _("{leads}: {counts}").format(leads=format_lead_count(counts.total), counts=", ".join(parts))

    def describe_safety(self) -> str:
        """Say whether anything is lost, and what is left to send."""
        if self.held_count:
            return ngettext(
                "NOT SAVED yet: {count} badge. It is written to a file, and the next start saves it.",
                "NOT SAVED yet: {count} badges. They are written to a file, and the next start saves them.",
                self.held_count,
            ).format(count=format_number(self.held_count))
        if self.status is None:
            return _(
                "How many leads still have to be sent cannot be read right now. "
                "They stay on this device, and the next start sends them."
            )
        counts = self.status.counts
        if counts.waiting:
            return self._describe_waiting(counts.waiting)
        if counts.needs_you:
            return ngettext(
                "Nothing is lost. {count} lead needs you; nothing else is left to send.",
                "Nothing is lost. {count} leads need you; nothing else is left to send.",
                counts.needs_you,
            ).format(count=format_number(counts.needs_you))
        return _("Nothing is lost, and nothing is left to send.")

    def _describe_waiting(self, waiting: int) -> str:
        """Say that *waiting* leads are safe, and when they are sent."""
        if self.status is not None and self.status.paused:
            text = ngettext(
                "Nothing is lost. {count} lead still has to be sent. Sending is paused: "
                "it stays on this device until sending is resumed (F2, then p).",
                "Nothing is lost. {count} leads still have to be sent. Sending is paused: "
                "they stay on this device until sending is resumed (F2, then p).",
                waiting,
            )
        else:
            text = ngettext(
                "Nothing is lost. {count} lead still has to be sent; it is sent when the kiosk runs again and can "
                "reach the CRM.",
                "Nothing is lost. {count} leads still have to be sent; they are sent when the kiosk runs again and can "
                "reach the CRM.",
                waiting,
            )
        return text.format(count=format_number(waiting))

    @on(Button.Pressed, "#stay")
    def action_stay(self) -> None:
        """Keep the kiosk running."""
        self.dismiss(False)

    @on(HoldButton.Held)
    def confirm_close(self) -> None:
        """Close the kiosk."""
        self.dismiss(True)

    @on(Input.Submitted)
    def check_typed_word(self, event: Input.Submitted) -> None:
        """Close the kiosk if the word was typed; Enter alone keeps it running."""
        typed = event.value.strip().lower()
        # Emptied after each Enter, so that stray keys from before do not spoil the word.
        event.input.value = ""
        words = (CLOSE_WORD, _(CLOSE_WORD))
        if typed in (*words, ""):
            self.dismiss(typed in words)


def _describe_leads(state: str, names: list[str]) -> str:
    """Name the leads in one state."""
    values = {"state": _(state), "names": ", ".join(names[:_MAX_NAMED_LEADS])}
    if len(names) > _MAX_NAMED_LEADS:
        return sanitize_text(_("{state}: {names}, and more").format(**values))
    return sanitize_text(_("{state}: {names}").format(**values))
