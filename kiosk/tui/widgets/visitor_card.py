"""The last visitor's card."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, Static

from data.lead import Lead
from kiosk.status.badge_text import describe_unread_parts, split_badge_lines
from kiosk.status.wording import sanitize_text

_MAX_UNREAD_LINES = 6
"""Of a badge that was not understood; the opened lead shows the others."""


class VisitorCard(Vertical):
    """Who was scanned last, how they are rated and tagged; the buttons do what the keys do."""

    lead: reactive[Lead | None] = reactive(None)
    scanned_today: reactive[int] = reactive(0)
    """How many badges were scanned today."""
    sentence: reactive[str] = reactive("")
    """What staff should know, beside who it is."""
    unread: reactive[tuple[str, ...]] = reactive(())
    """What the badge says that was not understood."""

    def __init__(self, tags: dict[str, str]) -> None:
        super().__init__(id="card")
        self.tags = tags

    def compose(self) -> ComposeResult:
        """The person, the rating, the tags."""
        yield Static(id="who", markup=False)
        yield Static(id="about", markup=False)
        yield Static(id="unread", markup=False)
        with Horizontal(id="rating"):
            for number in range(1, 6):
                yield KeylessButton(str(number), id=f"rate-{number}", compact=True, classes="rate")
        with Horizontal(id="tags"):
            for letter, tag in self.tags.items():
                yield KeylessButton(
                    Content(f"{letter} {sanitize_text(tag)}"), id=f"tag-{letter}", compact=True, classes="tag"
                )
        yield Static(id="note", markup=False)
        yield Static(id="today", markup=False)

    def on_mount(self) -> None:
        """Begin empty."""
        self.update_content()

    def watch_lead(self) -> None:
        """Show another person, or the same with what was added."""
        self.update_content()

    def watch_sentence(self) -> None:
        """Show another sentence."""
        self.update_content()

    def watch_unread(self) -> None:
        """Show what another badge said."""
        self.update_content()

    def watch_scanned_today(self) -> None:
        """Show another count."""
        self.update_content()

    def update_content(self) -> None:
        """Bring everything up to date."""
        if not self.is_mounted:
            return
        lead = self.lead
        self.query_one("#who", Static).update(Content(sanitize_text(lead.label) if lead else ""))
        self.query_one("#about", Static).update(Content("\n".join(self.build_lines())))
        self.query_one("#about").set_class(lead is not None, "-person")
        self.query_one("#unread", Static).update(Content("\n".join(self.build_unread_lines())))
        self.query_one("#note", Static).update(
            Content(f"Note: {sanitize_text(lead.note)}" if lead and lead.note else "")
        )
        self.query_one("#today", Static).update(f"{self.scanned_today} scanned today")
        for name in ("#rating", "#tags"):
            self.query_one(name).display = lead is not None
        for button in self.query(".rate").results(Button):
            button.set_class(bool(lead and lead.rating and int(str(button.label)) <= lead.rating), "-chosen")
        for letter, tag in self.tags.items():
            self.query_one(f"#tag-{letter}", Button).set_class(bool(lead and tag in lead.tags), "-chosen")

    def build_lines(self) -> list[str]:
        """What is known of the person, and what staff should know."""
        if self.lead is None:
            return [sanitize_text(self.sentence)]
        contact = self.lead.contact
        known = (self.sentence, contact.company, contact.job_title, contact.email, contact.phone)
        return [sanitize_text(line) for line in dict.fromkeys(known) if line and line != self.lead.label]

    def build_unread_lines(self) -> list[str]:
        """What the badge says that was not understood: all of it, or the parts."""
        if self.lead is None or not self.unread:
            return []
        if self.lead.needs_details and self.lead.kind == "unknown":
            return ["The badge says:", *split_badge_lines("\n".join(self.unread), _MAX_UNREAD_LINES)]
        return [describe_unread_parts(self.unread)]


class KeylessButton(Button, can_focus=False):
    """A button to click or touch. It never has the focus: then Enter would press it, whoever is on the card."""
