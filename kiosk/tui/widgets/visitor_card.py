"""The card of the last visitor."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, Static

from data.language import _, format_number, ngettext
from data.lead import Lead
from kiosk.status.badge_text import describe_unread_parts, split_badge_lines
from kiosk.status.wording import sanitize_text

# How many parts of a badge are shown; the lead's own screen shows all of them.
_MAX_UNREAD_LINES = 6


class VisitorCard(Vertical):
    """Shows who was scanned last, their rating and tags; the buttons do what the keys do."""

    lead: reactive[Lead | None] = reactive(None)
    scanned_today: reactive[int] = reactive(0)
    """The number of badges scanned today."""
    sentence: reactive[str] = reactive("")
    """A sentence for staff, above the contact."""
    unread: reactive[tuple[str, ...]] = reactive(())
    """The parts of the badge that were not understood."""

    def __init__(self, tags: dict[str, str]) -> None:
        super().__init__(id="card")
        self.tags = tags

    def compose(self) -> ComposeResult:
        """Lay out the person, the rating and the tags."""
        yield Static(id="who", markup=False)
        yield Static(id="about", markup=False)
        yield Static(id="unread", markup=False)
        with Horizontal(id="rating"):
            for number in range(1, 6):
                yield _KeylessButton(str(number), id=f"rate-{number}", compact=True, classes="rate")
        with Horizontal(id="tags"):
            for letter, tag in self.tags.items():
                yield _KeylessButton(
                    Content(f"{letter} {sanitize_text(tag)}"), id=f"tag-{letter}", compact=True, classes="tag"
                )
        yield Static(id="note", markup=False)
        yield Static(id="today", markup=False)

    def on_mount(self) -> None:
        """Start empty."""
        self.update_content()

    def watch_lead(self) -> None:
        """Show another lead, or a newer revision of it."""
        self.update_content()

    def watch_sentence(self) -> None:
        """Show the new sentence."""
        self.update_content()

    def watch_unread(self) -> None:
        """Show the parts of another badge."""
        self.update_content()

    def watch_scanned_today(self) -> None:
        """Show the new count."""
        self.update_content()

    def update_content(self) -> None:
        """Update everything on the card."""
        if not self.is_mounted:
            return
        lead = self.lead
        self.query_one("#who", Static).update(Content(sanitize_text(lead.label) if lead else ""))
        self.query_one("#about", Static).update(Content("\n".join(self.build_lines())))
        self.query_one("#about").set_class(lead is not None, "-person")
        self.query_one("#unread", Static).update(Content("\n".join(self.build_unread_lines())))
        note = _("Note: {text}").format(text=sanitize_text(lead.note)) if lead and lead.note else ""
        self.query_one("#note", Static).update(Content(note))
        count = self.scanned_today
        today = ngettext("{count} scanned today", "{count} scanned today", count).format(count=format_number(count))
        self.query_one("#today", Static).update(today)
        for name in ("#rating", "#tags"):
            self.query_one(name).display = lead is not None
        for button in self.query(".rate").results(Button):
            button.set_class(bool(lead and lead.rating and int(str(button.label)) <= lead.rating), "-chosen")
        for letter, tag in self.tags.items():
            self.query_one(f"#tag-{letter}", Button).set_class(bool(lead and tag in lead.tags), "-chosen")

    def build_lines(self) -> list[str]:
        """Return the lines about the person: the sentence for staff, and the contact."""
        if self.lead is None:
            return [sanitize_text(self.sentence)]
        contact = self.lead.contact
        lines = (self.sentence, contact.company, contact.job_title, contact.email, contact.phone)
        # If there is no name, the label is the company or the e-mail, which need not be shown twice.
        return [sanitize_text(line) for line in dict.fromkeys(lines) if line and line != self.lead.label]

    def build_unread_lines(self) -> list[str]:
        """Return the lines about what was not understood: the whole badge, or its parts."""
        if self.lead is None or not self.unread:
            return []
        if self.lead.needs_details and self.lead.kind == "unknown":
            return [_("The badge says:"), *split_badge_lines("\n".join(self.unread), _MAX_UNREAD_LINES)]
        return [describe_unread_parts(self.unread)]


class _KeylessButton(Button, can_focus=False):
    """A button for mouse and touch only: with the focus, Enter would press it, whoever is on the card by then."""
