"""The lines that are always true: where the leads are, and why nothing is moving if nothing is."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.status.status import Standing
from kiosk.status.wording import plain


class StatusLine(Widget):
    """Camera, CRM, how many wait, how many need a person, last success; below it one sentence."""

    standing: reactive[Standing | None] = reactive(None, layout=True)
    camera: reactive[str] = reactive("camera: looking")
    operator: reactive[str] = reactive("")
    held: reactive[int] = reactive(0, layout=True)
    trouble: reactive[str] = reactive("", layout=True)
    """Why it is not known how things stand."""

    def render(self) -> RenderResult:
        """A line that is cut where it is too long, and the sentence, which is not."""
        return Content(plain(self.line())[: max(0, self.size.width or 200)] + "\n" + plain(self.sentence()))

    def line(self) -> str:
        """How things stand, what matters most first."""
        standing = self.standing
        if standing is None:
            return self.camera
        counts = standing.counts
        parts = [
            self.camera,
            standing.crm,
            f"{counts.waiting} waiting",
            f"{counts.needs_you} need you",
            standing.last_success,
            self.operator,
        ]
        return " · ".join(part for part in parts if part)

    def sentence(self) -> str:
        """Why nothing is moving, or that all is well; what is not saved comes before everything else."""
        unsaved = f"{self.held} NOT SAVED, held in memory only. " if self.held else ""
        return unsaved + (self.trouble or (self.standing.sentence if self.standing else ""))

    def watch_standing(self) -> None:
        """Take on the colour of how things stand."""
        self.colour()

    def watch_held(self) -> None:
        """Take on the colour of how things stand."""
        self.colour()

    def watch_trouble(self) -> None:
        """Take on the colour of how things stand."""
        self.colour()

    def colour(self) -> None:
        """`trouble` where nothing moves, `look` where only a person is needed."""
        standing = self.standing
        stuck = standing is not None and not standing.is_moving
        trouble = stuck or bool(self.held or self.trouble)
        self.set_class(trouble, "trouble")
        self.set_class(bool(standing and standing.counts.needs_you) and not trouble, "look")
