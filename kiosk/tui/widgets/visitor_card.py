"""The card of the last visitor: what happened to the badge, who it is, and the rating, tags and note."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from data.language import _
from data.lead import Lead
from kiosk.status.badge_text import describe_unread_parts, split_badge_lines
from kiosk.status.wording import sanitize_text
from kiosk.tui.widgets.flow_layout import FlowContainer
from kiosk.tui.widgets.keyless_button import KeylessButton
from kiosk.tui.widgets.large_text import LargeText
from kiosk.tui.widgets.rating_row import RatingRow
from kiosk.tui.widgets.result_strip import ResultStrip

# How many parts of a badge are shown; the lead's own screen shows all of them.
_MAX_UNREAD_LINES = 6

_MANY_TAGS = 6

# As much of a text as could ever be seen: a badge may carry a name of 10,000 characters.
_MAX_TEXT_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class CardTexts:
    """What the card says besides the lead itself."""

    sentence: str = ""
    """A sentence for staff."""
    met_before: str = ""
    """When, by whom and how the visitor was met before; empty at the first meeting."""
    unread: tuple[str, ...] = ()
    """The parts of the badge that were not understood."""


class VisitorCard(Vertical):
    """Shows who was scanned last, their rating and tags; the buttons do what the keys do."""

    lead: reactive[Lead | None] = reactive(None)
    texts: reactive[CardTexts] = reactive(CardTexts())

    def __init__(self, tags: dict[str, str], *, is_larger: bool = False) -> None:
        """Prepare the card; *tags* maps the letters of this event to its tags."""
        super().__init__(id="card")
        self.tags = tags
        self.is_larger = is_larger

    def compose(self) -> ComposeResult:
        """Lay out the result, the person, the rating and the tags."""
        yield ResultStrip(id="word")
        yield LargeText(id="who")
        for part in ("role", "reach", "met", "about", "unread"):
            yield Static(id=part, markup=False)
        yield RatingRow(id="rating")
        # Chips of three rows are easier to touch, as long as there is room for all of them.
        with FlowContainer(id="tags", classes="-many" if len(self.tags) > _MANY_TAGS else ""):
            for letter, tag in self.tags.items():
                yield KeylessButton(letter, tag, id=f"tag-{letter}", classes="tag")
        yield Static(id="note", markup=False)

    def on_mount(self) -> None:
        """Start empty."""
        self.query_one(ResultStrip).is_larger = self.is_larger
        self.query_one(LargeText).is_larger = self.is_larger
        self.update_content()

    def watch_lead(self) -> None:
        """Show another lead, or a newer revision of it."""
        self.update_content()

    def watch_texts(self) -> None:
        """Show the new texts."""
        self.update_content()

    def update_content(self) -> None:
        """Update everything on the card."""
        if not self.is_mounted:
            return
        lead = self.lead
        # Large letters only hint at accents, and names in them are in capitals: the frame shows the name as it is.
        self.border_title = Content(_clean(lead.label)) if lead else None
        self.query_one(LargeText).text = _clean(lead.label) if lead else ""
        self._show_part("role", self._build_role())
        self._show_part("reach", self._build_reach())
        self._show_part("met", Content(_clean(self.texts.met_before)))
        self._show_part("about", Content(_clean(self.texts.sentence)))
        self._show_part("unread", Content("\n".join(self.build_unread_lines())))
        self._show_part("note", self._build_note())
        for name in ("#rating", "#tags"):
            self.query_one(name).display = lead is not None
        self.query_one(RatingRow).rating = lead.rating if lead else None
        for letter, tag in self.tags.items():
            is_chosen = bool(lead and tag in lead.tags)
            self.query_one(f"#tag-{letter}", KeylessButton).show_choice(is_filled=is_chosen, is_ticked=is_chosen)

    def _show_part(self, name: str, content: Content) -> None:
        """Show a part of the card, or leave it out if it is empty."""
        part = self.query_one(f"#{name}", Static)
        part.update(content)
        part.set_class(not content, "-empty")

    def _build_role(self) -> Content:
        """Return the job title and the company; what the large letters say already is left out."""
        if self.lead is None:
            return Content("")
        contact, label = self.lead.contact, self.lead.label
        title, company = (_clean(text) if text != label else "" for text in (contact.job_title, contact.company))
        return Content(", ").join(
            [Content.styled(title, "bold"), *([company] if company else [])] if title else [company]
        )

    def _build_reach(self) -> Content:
        """Return e-mail and phone, unless they are what the lead is called by."""
        if self.lead is None:
            return Content("")
        contact = self.lead.contact
        texts = [_clean(text) for text in (contact.email, contact.phone) if text and text != self.lead.label]
        return Content("    ".join(texts))

    def _build_note(self) -> Content:
        """Return the note, or how to add one."""
        if self.lead is None:
            return Content("")
        note = _clean(self.lead.note)
        if note:
            return Content.assemble(("n", "bold $accent"), " ", _("Note: {text}").format(text=note))
        return Content.assemble(("n", "bold $accent"), " ", (_("add a note"), "$text-muted"))

    def build_unread_lines(self) -> list[str]:
        """Return the lines about what was not understood: the whole badge, or its parts."""
        unread = self.texts.unread
        if self.lead is None or not unread:
            return []
        if self.lead.needs_details and self.lead.kind == "unknown":
            return [_("The badge says:"), *split_badge_lines("\n".join(unread), _MAX_UNREAD_LINES)]
        return [describe_unread_parts(unread)]


def _clean(text: str) -> str:
    """Return *text* safe for a terminal, and no longer than could be seen."""
    return sanitize_text(text[:_MAX_TEXT_CHARACTERS])
