"""The lines that are always true: where the leads are, and why nothing is moving if nothing is."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.status.status import KioskStatus
from kiosk.status.wording import sanitize_text


class StatusLine(Widget):
    """Camera, CRM, how many wait, how many need a person, last success; below it one sentence."""

    status: reactive[KioskStatus | None] = reactive(None, layout=True)
    camera: reactive[str] = reactive("camera: looking")
    operator: reactive[str] = reactive("")
    held_count: reactive[int] = reactive(0, layout=True)
    problem: reactive[str] = reactive("", layout=True)
    """Why it is not known how things stand."""

    def render(self) -> RenderResult:
        """A line that is cut where it is too long, and the sentence, which is not."""
        return Content(
            sanitize_text(self.build_line())[: max(0, self.size.width or 200)]
            + "\n"
            + sanitize_text(self.build_sentence())
        )

    def build_line(self) -> str:
        """How things stand, what matters most first."""
        standing = self.status
        if standing is None:
            return self.camera
        counts = standing.counts
        parts = [
            self.camera,
            standing.crm_summary,
            f"{counts.waiting} waiting",
            f"{counts.needs_you} need you",
            standing.last_success_text,
            self.operator,
        ]
        return " · ".join(part for part in parts if part)

    def build_sentence(self) -> str:
        """Why nothing is moving, or that all is well; what is not saved comes before everything else."""
        unsaved = f"{self.held_count} NOT SAVED, held in memory only. " if self.held_count else ""
        return unsaved + (self.problem or (self.status.sentence if self.status else ""))

    def watch_status(self) -> None:
        """Take on the colour of how things stand."""
        self.update_colour()

    def watch_held_count(self) -> None:
        """Take on the colour of how things stand."""
        self.update_colour()

    def watch_problem(self) -> None:
        """Take on the colour of how things stand."""
        self.update_colour()

    def update_colour(self) -> None:
        """`trouble` where nothing moves, `look` where only a person is needed."""
        standing = self.status
        stuck = standing is not None and not standing.is_sending
        trouble = stuck or bool(self.held_count or self.problem)
        self.set_class(trouble, "trouble")
        self.set_class(bool(standing and standing.counts.needs_you) and not trouble, "look")
