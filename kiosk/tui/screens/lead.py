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
from data.names import NAME_FIELDS, Name, update_name
from data.outbox import DISCARDED, WAITING
from data.pending import PendingEntry
from data.scans import Scan
from data.store import Store
from kiosk.status.badge_text import MAX_SCANS_SHOWN, describe_scans
from kiosk.status.sent_fields import find_sent_fields, is_field_sent
from kiosk.status.wording import format_duration, sanitize_text
from kiosk.tui.screens.failures import FailureReporter
from kiosk.tui.screens.unsaved_changes import ChangesAnswer, UnsavedChangesScreen
from kiosk.tui.shared_notes import merge_note_changes
from kiosk.tui.unsaved_edits import UnsavedEdit

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

_EDITABLE_FIELDS = (*CONTACT_FIELDS, "badge_id", "rating", "tags", "note")
"""What can be changed here."""

_FIELD_HINTS = {"rating": "1 to 5; empty is not rated"}

_NOT_SENT_LABEL = "not sent to the CRM"


class LeadScreen(FailureReporter, Screen[None]):
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
        self.entry: PendingEntry | None = None
        self.is_saving = False
        self.name_before: Name = ("", "", "")
        """The name when the field that is being typed into got the focus: the other parts follow from it."""

    def compose(self) -> ComposeResult:
        """Where it stands, and a line for each field."""
        sent = find_sent_fields(self.app.settings.crm)
        yield Static(id="stands", markup=False)
        with VerticalScroll(id="fields", can_focus=False):
            for name in _EDITABLE_FIELDS:
                with Horizontal(classes="field"):
                    yield Label(name.replace("_", " "))
                    hint = (
                        ", ".join(self.app.settings.event.tags.values())
                        if name == "tags"
                        else _FIELD_HINTS.get(name, "")
                    )
                    digits = r"[1-5]?" if name == "rating" else None
                    yield Input(id=f"edit-{name}", compact=True, placeholder=sanitize_text(hint), restrict=digits)
                    if not is_field_sent(name, sent):
                        yield Static(_NOT_SENT_LABEL, classes="unsent")
            yield Static(id="answers", markup=False)
            yield Static(id="badge", markup=False)
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Fill the fields."""
        clock, lead_id = self.app.clock, self.lead_id

        def read(db: Store) -> tuple[PendingEntry, list[Scan]]:
            return pending.get_entry(db, clock, lead_id), scans.list_scans(db, lead_id, MAX_SCANS_SHOWN)

        found = await self.app.run_in_database(read)
        if found is None:
            self.dismiss()
            return
        entry, seen = found
        self.query_one("#stands", Static).update(self.describe_entry(entry))
        answers = [f"{name}: {answer}" for name, answer in entry.lead.answers.items()]
        self.query_one("#answers", Static).update(sanitize_text("Also on the badge: " + ", ".join(answers)))
        self.query_one("#answers").display = bool(answers)
        said = describe_scans(seen, self.app.settings.badges, clock.wall_time())
        self.query_one("#badge", Static).update("\n".join(said))
        for name in _EDITABLE_FIELDS:
            self.get_input(name).value = sanitize_text(_get_field_text(entry, name))
        self.entry = entry
        self.get_input("name").focus()

    def get_input(self, name: str) -> Input:
        """The line that *name* is edited in."""
        return self.query_one(f"#edit-{name}", Input)

    @property
    def typed_name(self) -> Name:
        """The name as it stands in the fields now."""
        whole, first, last = (self.get_input(name).value for name in NAME_FIELDS)
        return whole, first, last

    @on(DescendantFocus)
    def remember_name(self) -> None:
        """Remember the name as it is before a person types into one of its fields."""
        self.name_before = self.typed_name

    @on(Input.Changed)
    def update_name_parts(self, event: Input.Changed) -> None:
        """Bring the other parts of a name in line with the one that a person types."""
        typed = (event.input.id or "").removeprefix("edit-")
        if typed in NAME_FIELDS and event.input.has_focus and self.entry is not None:
            name = update_name(self.name_before, {typed: event.value})
            for field, value in zip(NAME_FIELDS, name, strict=True):
                if field != typed:
                    self.get_input(field).value = value

    @on(Input.Submitted)
    def go_to_next_field(self) -> None:
        """Enter moves on to the next field, as Tab does."""
        self.focus_next()

    def describe_entry(self, entry: PendingEntry) -> str:
        """The lead's state, why, and when it is tried next."""
        standing = self.app.status
        if standing is None:
            return entry.state
        tried = standing.describe_next_try(entry)
        parts = [
            sanitize_text(entry.label),
            f"{entry.state}{f', next try {tried}' if tried else ''}",
            f"scanned {format_duration(standing.now - entry.scanned_at)} ago",
            f"by {sanitize_text(entry.operator)}" if entry.operator else "",
            f"rated {entry.lead.rating}" if entry.lead.rating else "",
            sanitize_text(", ".join(entry.lead.tags)),
            f"in the CRM as {sanitize_text(entry.remote_id)}" if entry.remote_id else "",
        ]
        return "  ·  ".join(part for part in parts if part) + "\n" + sanitize_text(standing.explain_state(entry))

    def collect_changes(self) -> dict[str, Any]:
        """What was changed and not saved yet, as `leads.edit` takes it."""
        entry = self.entry
        if entry is None:
            return {}
        typed = {name: self.get_input(name).value.strip() for name in _EDITABLE_FIELDS}
        return {
            name: parse_field(name, text)
            for name, text in typed.items()
            if text != sanitize_text(_get_field_text(entry, name)).strip()
        }

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """The same, for when the kiosk ends."""
        changes = self.collect_changes()
        return [UnsavedEdit(self.lead_id, changes, self.original_note)] if changes else []

    @property
    def original_note(self) -> str:
        """The note as it was when the lead was opened."""
        return sanitize_text(self.entry.lead.note) if self.entry else ""

    def action_save(self) -> None:
        """Save what was changed, and go back; once, however often the key is pressed."""
        if not self.is_saving:
            self.is_saving = True
            self.save_changes()

    @work(exit_on_error=False)
    async def save_changes(self) -> None:
        """The same."""
        changes, operator = self.collect_changes(), self.app.camera_scanner.operator
        clock, lead_id = self.app.clock, self.lead_id
        if changes:
            before = self.original_note

            def edit(db: Store) -> Lead:
                return leads.edit_lead(db, lead_id, merge_note_changes(db, lead_id, changes, before), operator, clock)

            if await self.app.run_in_database(edit) is None:
                self.is_saving = False
                return
            self.app.wake_worker()
            entry = await self.app.run_in_database(lambda db: pending.get_entry(db, clock, lead_id))
            self.notify(sanitize_text(self.describe_next_step(entry)), markup=False)
        else:
            self.app.show_hint("Nothing was changed, so there was nothing to save.")
        self.dismiss()

    def describe_next_step(self, entry: PendingEntry | None) -> str:
        """What happens next with a lead that was changed."""
        standing = self.app.status
        if entry is None or standing is None:
            return "Saved."
        if entry.state == DISCARDED:
            return "Saved; it is discarded still, and does not go to the CRM."
        if entry.state == WAITING and standing.is_sending:
            return "Saved; it goes to the CRM next."
        return f"Saved. {standing.explain_state(entry)}"

    def action_back(self) -> None:
        """Back; what was changed and not saved is asked about."""
        if self.collect_changes():
            self.app.push_screen(UnsavedChangesScreen(), self.handle_answer)
        else:
            self.dismiss()

    def handle_answer(self, answer: ChangesAnswer | None) -> None:
        """Do as a person answered."""
        if answer == "save":
            self.action_save()
        elif answer == "drop":
            self.dismiss()


def _get_field_text(entry: PendingEntry, name: str) -> str:
    """What the lead has in the field called *name*."""
    if name in CONTACT_FIELDS:
        return str(getattr(entry.lead.contact, name))
    if name == "tags":
        return ", ".join(entry.lead.tags)
    return str(getattr(entry.lead, name) or "")


def parse_field(name: str, text: str) -> Any:
    """What was typed into the field called *name*, as the lead has it."""
    match name:
        case "rating":
            return int(text) if text else None
        case "tags":
            return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
    return text
