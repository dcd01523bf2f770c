"""The status line: where the leads are, and why nothing is moving if nothing is."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from data.language import _, format_number, ngettext
from kiosk.status.status import KioskStatus
from kiosk.status.wording import format_needs_you_count, format_waiting_count, sanitize_text


class StatusLine(Widget):
    """Shows camera, CRM, counts, last success and operator on one line, and a sentence below it."""

    status: reactive[KioskStatus | None] = reactive(None, layout=True)
    camera: reactive[str] = reactive("")
    operator: reactive[str] = reactive("")
    held_count: reactive[int] = reactive(0, layout=True)
    problem: reactive[str] = reactive("", layout=True)
    """Why the kiosk status cannot be read; empty if it can."""

    def render(self) -> RenderResult:
        """Render the line, cut to the width of the screen, and the whole sentence."""
        line = sanitize_text(self.build_line())[: max(0, self.size.width or 200)]
        return Content(line + "\n" + sanitize_text(self.build_sentence()))

    def build_line(self) -> str:
        """Return the line, the most important first, because its end may be cut off."""
        status, camera = self.status, self.camera or _("looking for a camera")
        if status is None:
            return camera
        parts = [
            camera,
            status.crm_summary,
            format_waiting_count(status.counts.waiting),
            format_needs_you_count(status.counts.needs_you),
            status.last_success_text,
            self.operator,
        ]
        return " · ".join(part for part in parts if part)

    def build_sentence(self) -> str:
        """Return why nothing is moving, or that all is well; badges that are not saved come first."""
        sentences = []
        if self.held_count:
            text = ngettext(
                "{count} NOT SAVED, held in memory only.", "{count} NOT SAVED, held in memory only.", self.held_count
            )
            sentences.append(text.format(count=format_number(self.held_count)))
        sentences.append(self.problem or (self.status.sentence if self.status else ""))
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
        """Set the CSS class: `trouble` if nothing is moving, `look` if only a lead needs a person."""
        status = self.status
        is_stuck = status is not None and not status.is_sending
        is_trouble = is_stuck or bool(self.held_count or self.problem)
        self.set_class(is_trouble, "trouble")
        self.set_class(bool(status and status.counts.needs_you) and not is_trouble, "look")
