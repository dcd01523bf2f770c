"""The status line: why nothing is moving if nothing is, or that all is well."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from data.language import format_number, ngettext
from kiosk.status.status import KioskStatus
from kiosk.status.wording import sanitize_text


class StatusLine(Widget):
    """Shows one sentence about the leads; badges that are not saved come first."""

    status: reactive[KioskStatus | None] = reactive(None, layout=True)
    held_count: reactive[int] = reactive(0, layout=True)
    problem: reactive[str] = reactive("", layout=True)
    """Why the kiosk status cannot be read; empty if it can."""

    def render(self) -> RenderResult:
        """Render the whole sentence."""
        return Content(sanitize_text(self.build_sentence()))

    def build_sentence(self) -> str:
        """Return why nothing is moving, since when if that is known, or that all is well."""
        sentences = []
        if self.held_count:
            text = ngettext(
                "{count} NOT SAVED, held in memory only.", "{count} NOT SAVED, held in memory only.", self.held_count
            )
            sentences.append(text.format(count=format_number(self.held_count)))
        if self.problem:
            sentences.append(self.problem)
        elif self.status:
            sentences.append(self.status.sentence)
            if self.status.last_success_text:
                sentences.append(f"({self.status.last_success_text})")
        return " ".join(sentences)

    def watch_status(self) -> None:
        """Update the colour."""
        self.update_colour()

    def watch_held_count(self) -> None:
        """Update the colour."""
        self.update_colour()

    def watch_problem(self) -> None:
        """Update the colour."""
        self.update_colour()

    def update_colour(self) -> None:
        """Set the CSS class: `trouble` if nothing is moving, `look` if all that is left to do is up to a person."""
        status = self.status
        is_stuck = status is not None and not status.is_sending
        is_trouble = is_stuck or bool(self.held_count or self.problem)
        self.set_class(is_trouble, "trouble")
        is_left_to_do = status is not None and not status.counts.waiting and bool(status.counts.needs_you)
        self.set_class(is_left_to_do and not is_trouble, "look")
