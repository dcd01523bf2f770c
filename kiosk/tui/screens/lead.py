"""One lead: everything that is known, where it stands and why; mended in place."""

from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widgets import Footer, Input, Label, Static

from data import leads, pending, scans
from data.contact import CONTACT_FIELDS
from data.lead import Lead
from data.names import NAME_FIELDS, Name, rename
from data.outbox import DISCARDED, WAITING
from data.pending import Entry
from data.scans import Scan
from data.store import Store
from kiosk.status.badge_text import MAX_SCANS, describe_scans
from kiosk.status.sent_fields import is_sent, sent_fields
from kiosk.status.wording import plain, span
from kiosk.tui.screens.failures import SaysFailures
from kiosk.tui.screens.keep import Answer, KeepScreen
from kiosk.tui.shared_notes import keep_others
from kiosk.tui.unsaved_edits import Unsaved

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

EDITED = (*CONTACT_FIELDS, "badge_id", "rating", "tags", "note")
"""What can be changed here."""

HINTS = {"rating": "1 to 5; empty is not rated"}

NOT_SENT = "not sent to the CRM"


class LeadScreen(SaysFailures, Screen[None]):
    """Shows a lead; Ctrl+S saves what was changed, and the new revision goes to the CRM next."""

    CSS_PATH = "lead.tcss"
    BINDINGS = [
        Binding("ctrl+s", "save", "Save", key_display="Ctrl+S"),
        Binding("escape", "back", "Back", key_display="Esc"),
    ]
    app: "KioskApp"

    def __init__(self, lead_id: str) -> None:
        super().__init__()
        self.lead_id = lead_id
        self.entry: Entry | None = None
        self.is_saving = False
        self.name_before: Name = ("", "", "")
        """The name when the field that is being typed into got the focus: the other parts follow from it."""

    def compose(self) -> ComposeResult:
        """Where it stands, and a line for each field."""
        sent = sent_fields(self.app.settings.crm)
        yield Static(id="stands", markup=False)
        with VerticalScroll(id="fields", can_focus=False):
            for name in EDITED:
                with Horizontal(classes="field"):
                    yield Label(name.replace("_", " "))
                    hint = ", ".join(self.app.settings.event.tags.values()) if name == "tags" else HINTS.get(name, "")
                    digits = r"[1-5]?" if name == "rating" else None
                    yield Input(id=f"edit-{name}", compact=True, placeholder=plain(hint), restrict=digits)
                    if not is_sent(name, sent):
                        yield Static(NOT_SENT, classes="unsent")
            yield Static(id="answers", markup=False)
            yield Static(id="badge", markup=False)
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Fill the fields."""
        clock, lead_id = self.app.clock, self.lead_id

        def read(db: Store) -> tuple[Entry, list[Scan]]:
            return pending.entry(db, clock, lead_id), scans.of_lead(db, lead_id, MAX_SCANS)

        found = await self.app.ask(read)
        if found is None:
            self.dismiss()
            return
        entry, seen = found
        self.query_one("#stands", Static).update(self.where_it_stands(entry))
        answers = [f"{name}: {answer}" for name, answer in entry.lead.answers.items()]
        self.query_one("#answers", Static).update(plain("Also on the badge: " + ", ".join(answers)))
        self.query_one("#answers").display = bool(answers)
        said = describe_scans(seen, self.app.settings.badges, clock.wall())
        self.query_one("#badge", Static).update("\n".join(said))
        for name in EDITED:
            self.field(name).value = plain(current(entry, name))
        self.entry = entry
        self.field("name").focus()

    def field(self, name: str) -> Input:
        """The line that *name* is edited in."""
        return self.query_one(f"#edit-{name}", Input)

    @property
    def typed_name(self) -> Name:
        """The name as it stands in the fields now."""
        whole, first, last = (self.field(name).value for name in NAME_FIELDS)
        return whole, first, last

    @on(DescendantFocus)
    def remember_name(self) -> None:
        """Remember the name as it is before a person types into one of its fields."""
        self.name_before = self.typed_name

    @on(Input.Changed)
    def follow_name(self, event: Input.Changed) -> None:
        """Bring the other parts of a name in line with the one that a person types."""
        typed = (event.input.id or "").removeprefix("edit-")
        if typed in NAME_FIELDS and event.input.has_focus and self.entry is not None:
            name = rename(self.name_before, {typed: event.value})
            for field, value in zip(NAME_FIELDS, name, strict=True):
                if field != typed:
                    self.field(field).value = value

    @on(Input.Submitted)
    def go_to_next_field(self) -> None:
        """Enter moves on to the next field, as Tab does."""
        self.focus_next()

    def where_it_stands(self, entry: Entry) -> str:
        """The lead's state, why, and when it is tried next."""
        standing = self.app.standing
        if standing is None:
            return entry.state
        tried = standing.next_try(entry)
        parts = [
            plain(entry.label),
            f"{entry.state}{f', next try {tried}' if tried else ''}",
            f"scanned {span(standing.now - entry.scanned_at)} ago",
            f"by {plain(entry.operator)}" if entry.operator else "",
            f"rated {entry.lead.rating}" if entry.lead.rating else "",
            plain(", ".join(entry.lead.tags)),
            f"in the CRM as {plain(entry.remote_id)}" if entry.remote_id else "",
        ]
        return "  ·  ".join(part for part in parts if part) + "\n" + plain(standing.why(entry))

    def changes(self) -> dict[str, Any]:
        """What was changed and not saved yet, as `leads.edit` takes it."""
        entry = self.entry
        if entry is None:
            return {}
        typed = {name: self.field(name).value.strip() for name in EDITED}
        return {name: meant(name, text) for name, text in typed.items() if text != plain(current(entry, name)).strip()}

    def unsaved_edits(self) -> list[Unsaved]:
        """The same, for when the kiosk ends."""
        changes = self.changes()
        return [Unsaved(self.lead_id, changes, self.note_before)] if changes else []

    @property
    def note_before(self) -> str:
        """The note as it was when the lead was opened."""
        return plain(self.entry.lead.note) if self.entry else ""

    def action_save(self) -> None:
        """Save what was changed, and go back; once, however often the key is pressed."""
        if not self.is_saving:
            self.is_saving = True
            self.save()

    @work(exit_on_error=False)
    async def save(self) -> None:
        """The same."""
        changes, operator = self.changes(), self.app.scanner.operator
        clock, lead_id = self.app.clock, self.lead_id
        if changes:
            before = self.note_before

            def edit(db: Store) -> Lead:
                return leads.edit(db, lead_id, keep_others(db, lead_id, changes, before), operator, clock)

            if await self.app.ask(edit) is None:
                self.is_saving = False
                return
            self.app.nudge()
            entry = await self.app.ask(lambda db: pending.entry(db, clock, lead_id))
            self.notify(plain(self.what_next(entry)), markup=False)
        else:
            self.app.hint("Nothing was changed, so there was nothing to save.")
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
        """Back; what was changed and not saved is asked about."""
        if self.changes():
            self.app.push_screen(KeepScreen(), self.go_back)
        else:
            self.dismiss()

    def go_back(self, answer: Answer | None) -> None:
        """Do as a person answered."""
        if answer == "save":
            self.action_save()
        elif answer == "drop":
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
