"""
Asks whether to close the kiosk, and says whether anything is lost and what is left to send.

Closing takes a typed word, or a button that is held down, so that neither a visitor's stray key nor a scanner does it.
"""

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from data import pending
from data.language import N_, _, format_number, ngettext
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, WAITING
from data.store import Store
from kiosk.status.status import KioskStatus
from kiosk.status.wording import format_lead_count, sanitize_text
from kiosk.tui.booth_app import BoothModal
from kiosk.tui.widgets.hold_button import HoldButton
from kiosk.tui.widgets.large_text import LargeText

CLOSE_WORD = N_("close")
"""The word to type to close the kiosk; also understood where the kiosk speaks another language."""

# How many leads of a state are named; the pending list has them all.
_MAX_NAMED_LEADS = 50
_MAX_NAME_CHARACTERS = 100

_UNSENT_STATES = (WAITING, NEEDS_YOU, DISCARDED)


class QuitScreen(BoothModal[bool]):
    """Asks whether to close the kiosk; scanning continues behind it."""

    CSS_PATH = "quit.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (29, "-high")]
    BINDINGS = [Binding("escape", "stay", N_("Keep scanning"), key_display="Esc")]

    def __init__(self, status: KioskStatus | None, held_count: int) -> None:
        """Prepare the question; *held_count* is the number of badges that could not be saved yet."""
        super().__init__()
        self.status = status
        self.held_count = held_count
        self.names: dict[str, list[str]] = {}
        """What the leads in each state are called, except for those that are delivered."""

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers."""
        with Vertical(id="box"):
            yield LargeText(id="verdict")
            yield Static(id="safety", markup=False)
            with VerticalScroll(id="counts", can_focus=False):
                yield Static()
            yield Input(placeholder=_("To close, type {word} and press Enter").format(word=_(CLOSE_WORD)), id="closing")
            with Horizontal():
                yield Button(_("Keep scanning (Esc)"), id="stay", variant="primary")
                yield HoldButton(_("Hold 3 s to close"), _("Let go to close"), id="leave")

    def on_mount(self) -> None:
        """Name the leads that are not in the CRM."""
        self.query_one("#box").border_title = _("Close the kiosk?")
        self.show_verdict()
        self.update_names()

    def on_resize(self) -> None:
        """Fit the table to the new width."""
        self.call_after_refresh(self.show_verdict)

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show a newer status, None if it cannot be read: badges are saved and sent while somebody reads this."""
        counts_have_changed = status is not None and (self.status is None or status.counts != self.status.counts)
        self.status, self.held_count = status, held_count
        self.show_verdict()
        if counts_have_changed:
            self.update_names()

    def show_verdict(self) -> None:
        """Show whether anything is lost, in a few words, in one sentence, and as a table."""
        box = self.query_one("#box")
        box.set_class(bool(self.held_count), "-bad")
        box.set_class(not self.held_count and (self.status is None or self.status.counts.waiting > 0), "-look")
        self.query_one(LargeText).text = self.build_verdict()
        self.query_one("#safety", Static).update(self.describe_safety())
        self.query_one("#counts Static", Static).update(self.build_counts())  # not shown: a selector

    @work(exclusive=True, exit_on_error=False)
    async def update_names(self) -> None:
        """Name the leads that are not in the CRM."""
        clock = self.app.clock

        def read_names(db: Store) -> dict[str, list[str]]:
            entries = {
                state: pending.list_entries(db, clock, states=(state,), limit=_MAX_NAMED_LEADS + 1)
                for state in _UNSENT_STATES
            }
            return {state: [entry.label for entry in found] for state, found in entries.items()}

        names = await self.app.run_in_database(read_names)
        if names is not None:
            self.names = names
            self.show_verdict()

    def build_verdict(self) -> str:
        """Return the answer to whether the lid may be closed, in at most three words."""
        if self.held_count:
            return _("Not saved yet")
        if self.status is None:
            return _("Cannot be checked")
        counts = self.status.counts
        if counts.delivered and counts.delivered == counts.total:
            return _("All delivered")
        return _("Nothing is lost")

    def build_counts(self) -> Content:
        """Return how many leads there are in each state, and who they are, a line for each state."""
        if self.status is None:
            return Content("")
        counts = self.status.counts
        rows = (
            (DELIVERED, counts.delivered, "$text-success"),
            (WAITING, counts.waiting, "$text-accent"),
            (NEEDS_YOU, counts.needs_you, "$text-warning"),
            (DISCARDED, counts.discarded, "$text-muted"),
        )
        columns = self.query_one("#counts").size.width
        digits = max(len(format_number(count)) for _state, count, _colour in rows)
        width = max(cell_len(_(state)) for state, _count, _colour in rows)
        lines = [Content.styled(format_lead_count(counts.total), "bold")]
        for state, count, colour in rows:
            number = Content.styled(format_number(count).rjust(digits), colour).stylize("bold")
            word = _(state) + " " * (width - cell_len(_(state)))
            names = Content.styled(self.join_names(state), "$text-muted").wrap(max(20, columns - digits - width - 6))
            lines.append(Content.assemble("  ", number, "  ", word, "  ", *names[:1]))
            lines += [Content.assemble(" " * (digits + width + 6), more) for more in names[1:]]
        return Content("\n").join(lines)

    def join_names(self, state: str) -> str:
        """Name the leads in one state; there may be more than are named."""
        names = self.names.get(state, [])
        joined = sanitize_text(", ".join(name[:_MAX_NAME_CHARACTERS] for name in names[:_MAX_NAMED_LEADS]))
        return _("{names}, and more").format(names=joined) if len(names) > _MAX_NAMED_LEADS else joined

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
