"""The screen of one lead: everything that is known of it, its state and why; every field can be edited."""

from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Input, Label, Static

from data import leads, pending, scans
from data.contact import CONTACT_FIELDS
from data.field_names import translate_field_name
from data.language import N_, _
from data.lead import Lead
from data.names import NAME_FIELDS, Name, update_name
from data.outbox import DISCARDED, WAITING
from data.pending import PendingEntry
from data.scans import Scan
from data.store import Store
from kiosk.status.badge_text import MAX_SCANS_SHOWN, describe_scans
from kiosk.status.sent_fields import find_sent_fields, is_field_sent
from kiosk.status.wording import format_duration, sanitize_text
from kiosk.tui.booth_app import BoothScreen
from kiosk.tui.screens.unsaved_changes import ChangesAnswer, UnsavedChangesScreen
from kiosk.tui.shared_notes import merge_note_changes
from kiosk.tui.unsaved_edits import UnsavedEdit
from kiosk.tui.widgets.steady_footer import SteadyFooter

_EDITABLE_FIELDS = (*CONTACT_FIELDS, "badge_id", "rating", "tags", "note")


class LeadScreen(BoothScreen[None]):
    """Shows a lead; Ctrl+S saves what was changed, and the new revision is sent to the CRM."""

    CSS_PATH = "lead.tcss"
    BINDINGS = [
        Binding("ctrl+s", "save", N_("Save"), key_display="Ctrl+S"),
        Binding("escape", "back", N_("Back"), key_display="Esc"),
    ]

    def __init__(self, lead_id: str) -> None:
        """Prepare the screen of the lead with the id *lead_id*."""
        super().__init__()
        self.lead_id = lead_id
        self.entry: PendingEntry | None = None
        """The lead as it was read when the screen opened."""
        self.is_saving = False
        self.name_before: Name = ("", "", "")
        """The name when the current field got the focus; the other parts of the name are derived from it."""

    def compose(self) -> ComposeResult:
        """Lay out the state of the lead, and a line for each field."""
        sent = find_sent_fields(self.app.settings.crm)
        yield Static(id="state", markup=False)
        with VerticalScroll(id="fields", can_focus=False):
            for name in _EDITABLE_FIELDS:
                with Horizontal(classes="field"):
                    yield Label(translate_field_name(name))
                    # Anything else could not be saved, so it cannot be typed.
                    digits = r"[1-5]?" if name == "rating" else None
                    hint = sanitize_text(self._get_hint(name))
                    yield Input(id=f"edit-{name}", compact=True, placeholder=hint, restrict=digits)
                    if not is_field_sent(name, sent):
                        yield Static(_("not sent to the CRM"), classes="unsent")
            yield Static(id="answers", markup=False)
            yield Static(id="badge", markup=False)
        yield SteadyFooter(show_command_palette=False)

    def _get_hint(self, name: str) -> str:
        """Return what an empty field says about what to type into it."""
        if name == "tags":
            return ", ".join(self.app.settings.event.tags.values())
        return _("1 to 5, or empty for no rating") if name == "rating" else ""

    async def on_mount(self) -> None:
        """Read the lead, and fill the fields."""
        clock, lead_id = self.app.clock, self.lead_id

        def read_lead(db: Store) -> tuple[PendingEntry, list[Scan]]:
            return pending.get_entry(db, clock, lead_id), scans.list_scans(db, lead_id, MAX_SCANS_SHOWN)

        found = await self.app.run_in_database(read_lead)
        if found is None:
            self.dismiss()
            return
        entry, lead_scans = found
        self.query_one("#state", Static).update(self.describe_entry(entry))
        answers = ", ".join(f"{name}: {answer}" for name, answer in entry.lead.answers.items())
        answers_text = _("Also on the badge: {answers}").format(answers=answers)
        self.query_one("#answers", Static).update(sanitize_text(answers_text))
        self.query_one("#answers").display = bool(answers)
        badge_lines = describe_scans(lead_scans, self.app.settings.badges, clock.wall_time())
        self.query_one("#badge", Static).update("\n".join(badge_lines))
        for name in _EDITABLE_FIELDS:
            self.get_input(name).value = sanitize_text(_get_field_text(entry, name))
        self.entry = entry
        self.get_input("name").focus()

    def get_input(self, name: str) -> Input:
        """Return the input in which the field called *name* is edited."""
        return self.query_one(f"#edit-{name}", Input)

    @property
    def typed_name(self) -> Name:
        """The name, first name and last name as they are typed now."""
        name, first_name, last_name = (self.get_input(field).value for field in NAME_FIELDS)
        return name, first_name, last_name

    @on(DescendantFocus)
    def remember_name(self) -> None:
        """Remember the name as it is before a person types into one of its fields."""
        self.name_before = self.typed_name

    @on(Input.Changed)
    def update_name_parts(self, event: Input.Changed) -> None:
        """Update the other parts of a name while one of them is typed."""
        typed = (event.input.id or "").removeprefix("edit-")
        # Without the focus it is this method itself that has changed the field.
        if typed in NAME_FIELDS and event.input.has_focus and self.entry is not None:
            name = update_name(self.name_before, {typed: event.value})
            for field, value in zip(NAME_FIELDS, name, strict=True):
                if field != typed:
                    self.get_input(field).value = value

    @on(Input.Submitted)
    def go_to_next_field(self) -> None:
        """Go to the next field on Enter, as Tab does."""
        self.focus_next()

    def describe_entry(self, entry: PendingEntry) -> str:
        """Return two lines: a summary of the lead, and why it is in its state."""
        status = self.app.status
        if status is None:
            return _(entry.state)
        next_try, state = status.describe_next_try(entry), _(entry.state)
        age = format_duration(status.now - entry.scanned_at)
        parts = [
            entry.label,
            _("{state}, next try {time}").format(state=state, time=next_try) if next_try else state,
            _("scanned {duration} ago").format(duration=age),
            _("by {name}").format(name=entry.operator) if entry.operator else "",
            _("rated {rating}").format(rating=entry.lead.rating) if entry.lead.rating else "",
            ", ".join(entry.lead.tags),
            _("in the CRM as {id}").format(id=entry.remote_id) if entry.remote_id else "",
        ]
        summary = "  ·  ".join(sanitize_text(part) for part in parts if part)
        return summary + "\n" + sanitize_text(status.explain_state(entry))

    def collect_changes(self) -> dict[str, Any]:
        """Return the changed fields and their new values, as `leads.edit_lead` takes them."""
        entry = self.entry
        if entry is None:
            return {}
        typed = {name: self.get_input(name).value.strip() for name in _EDITABLE_FIELDS}
        return {
            name: _parse_field(name, text)
            for name, text in typed.items()
            if text != sanitize_text(_get_field_text(entry, name)).strip()
        }

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """Return the unsaved changes, for when the kiosk ends."""
        changes = self.collect_changes()
        return [UnsavedEdit(self.lead_id, changes, self.original_note)] if changes else []

    @property
    def original_note(self) -> str:
        """The note as it was when the screen opened."""
        return sanitize_text(self.entry.lead.note) if self.entry else ""

    def action_save(self) -> None:
        """Save the changes and go back; pressing the key again while that runs does nothing."""
        if not self.is_saving:
            self.is_saving = True
            self.save_changes()

    @work(exit_on_error=False)
    async def save_changes(self) -> None:
        """Save the changes and close the screen; if they cannot be saved, stay."""
        changes, operator = self.collect_changes(), self.app.operator
        clock, lead_id = self.app.clock, self.lead_id
        if changes:
            original_note = self.original_note

            def edit_lead(db: Store) -> Lead:
                merged = merge_note_changes(db, lead_id, changes, original_note)
                return leads.edit_lead(db, lead_id, merged, operator, clock)

            if await self.app.run_in_database(edit_lead) is None:
                self.is_saving = False
                return
            self.app.wake_worker()
            entry = await self.app.run_in_database(lambda db: pending.get_entry(db, clock, lead_id))
            self.notify(sanitize_text(self.describe_next_step(entry)), markup=False)
        else:
            self.app.show_hint(_("Nothing was changed, so there was nothing to save."))
        self.dismiss()

    def describe_next_step(self, entry: PendingEntry | None) -> str:
        """Say what happens next with the lead that was saved."""
        status = self.app.status
        if entry is None or status is None:
            return _("Saved.")
        if entry.state == DISCARDED:
            return _("Saved. The lead is still discarded, so it is not sent to the CRM.")
        if entry.state == WAITING and status.is_sending:
            return _("Saved. It is sent next.")
        return " ".join((_("Saved."), status.explain_state(entry)))

    def action_back(self) -> None:
        """Go back; ask first if there are unsaved changes."""
        if self.collect_changes():
            self.app.push_screen(UnsavedChangesScreen(), self.handle_answer)
        else:
            self.dismiss()

    def handle_answer(self, answer: ChangesAnswer | None) -> None:
        """Save or drop the changes, as a person answered."""
        if answer == "save":
            self.action_save()
        elif answer == "drop":
            self.dismiss()


def _get_field_text(entry: PendingEntry, name: str) -> str:
    """Return the text of the lead's field called *name*."""
    if name in CONTACT_FIELDS:
        return str(getattr(entry.lead.contact, name))
    if name == "tags":
        return ", ".join(entry.lead.tags)
    return str(getattr(entry.lead, name) or "")


def _parse_field(name: str, text: str) -> Any:
    """Parse what was typed into the field called *name* into the lead's value."""
    match name:
        case "rating":
            return int(text) if text else None
        case "tags":
            return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := part.strip())))
    return text
