"""One lead: everything that is known, where it stands and why; mended in place."""

from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Input, Label, Static

from data import leads, pending
from data.contact import CONTACT_FIELDS
from data.outbox import DISCARDED, WAITING
from data.pending import Entry
from kiosk.words import plain, span

if TYPE_CHECKING:
    from kiosk.app import KioskApp

EDITED = (*CONTACT_FIELDS, "badge_id", "rating", "tags", "note")
"""What can be changed here."""

HINTS = {"rating": "1 to 5; empty is not rated"}


class LeadScreen(Screen[None]):
    """Shows a lead; Ctrl+S saves what was changed, and the new revision goes to the CRM next."""

    CSS_PATH = "lead.tcss"
    BINDINGS = [
        Binding("ctrl+s", "save", "Save", key_display="Ctrl+S"),
        Binding("escape", "back", "Back without saving", key_display="Esc"),
    ]
    app: "KioskApp"

    def __init__(self, lead_id: str) -> None:
        super().__init__()
        self.lead_id = lead_id
        self.entry: Entry | None = None

    def compose(self) -> ComposeResult:
        """Where it stands, and a line for each field."""
        yield Static(id="stands", markup=False)
        with VerticalScroll(id="fields"):
            for name in EDITED:
                with Horizontal(classes="field"):
                    yield Label(name.replace("_", " "))
                    hint = ", ".join(self.app.settings.event.tags.values()) if name == "tags" else HINTS.get(name, "")
                    digits = r"[1-5]?" if name == "rating" else None
                    yield Input(id=f"edit-{name}", compact=True, placeholder=plain(hint), restrict=digits)
            yield Static(id="answers", markup=False)
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Fill the fields."""
        clock, lead_id = self.app.clock, self.lead_id
        entry = await self.app.ask(lambda db: pending.entry(db, clock, lead_id))
        if entry is None:
            self.dismiss()
            return
        self.entry = entry
        self.query_one("#stands", Static).update(self.where_it_stands(entry))
        answers = [f"{name}: {answer}" for name, answer in entry.lead.answers.items()]
        self.query_one("#answers", Static).update(plain("Also on the badge: " + ", ".join(answers)) if answers else "")
        for name in EDITED:
            self.query_one(f"#edit-{name}", Input).value = plain(current(entry, name))
        self.query_one("#edit-name", Input).focus()

    def where_it_stands(self, entry: Entry) -> str:
        """The lead's state, why, and when it is tried next."""
        standing = self.app.standing
        if standing is None:
            return entry.state
        tried = standing.next_try(entry)
        parts = [
            plain(entry.lead.label),
            f"{entry.state}{f', next try {tried}' if tried else ''}",
            f"scanned {span(standing.now - entry.scanned_at)} ago",
            f"by {plain(entry.operator)}" if entry.operator else "",
            f"rated {entry.lead.rating}" if entry.lead.rating else "",
            plain(", ".join(entry.lead.tags)),
            f"in the CRM as {plain(entry.remote_id)}" if entry.remote_id else "",
        ]
        return "  ·  ".join(part for part in parts if part) + "\n" + plain(standing.why(entry))

    @work(exit_on_error=False)
    async def action_save(self) -> None:
        """Save what was changed, and go back."""
        entry = self.entry
        if entry is None:
            return
        typed = {name: self.query_one(f"#edit-{name}", Input).value.strip() for name in EDITED}
        changes: dict[str, Any] = {
            name: meant(name, text) for name, text in typed.items() if text != plain(current(entry, name)).strip()
        }
        operator, clock, lead_id = self.app.scanner.operator, self.app.clock, self.lead_id
        if changes:
            if await self.app.ask(lambda db: leads.edit(db, lead_id, changes, operator, clock)) is None:
                return
            self.app.nudge()
            entry = await self.app.ask(lambda db: pending.entry(db, clock, lead_id))
            self.notify(plain(self.what_next(entry)), markup=False)
        self.dismiss()

    def what_next(self, entry: Entry | None) -> str:
        """What happens next with a lead that was changed."""
        standing = self.app.standing
        if entry is None or standing is None:
            return "Saved."
        if entry.state == DISCARDED:
            return "Saved; it is discarded still, and does not go to the CRM."
        if entry.state == WAITING and standing.is_moving:
            return "Saved; it goes to the CRM next."
        return f"Saved. {standing.why(entry)}"

    def action_back(self) -> None:
        """Back, with nothing changed."""
        self.dismiss()


def current(entry: Entry, name: str) -> str:
    """What the lead has in the field called *name*."""
    if name in CONTACT_FIELDS:
        return str(getattr(entry.lead.contact, name))
    if name == "tags":
        return ", ".join(entry.lead.tags)
    return str(getattr(entry.lead, name) or "")


def meant(name: str, text: str) -> Any:
    """What was typed into the field called *name*, as the lead has it."""
    match name:
        case "rating":
            return int(text) if text else None
        case "tags":
            return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
    return text
