"""Two lines that are always true: where the leads are, and why nothing is moving if nothing is."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from kiosk.standing import Standing


class StatusLine(Widget):
    """Camera, CRM, how many wait, how many need a person, last success; below it one sentence."""

    standing: reactive[Standing | None] = reactive(None)
    camera: reactive[str] = reactive("camera: looking")
    operator: reactive[str] = reactive("")
    held: reactive[int] = reactive(0)

    def render(self) -> RenderResult:
        """The two lines."""
        standing = self.standing
        if standing is None:
            return Content(self.camera)
        counts = standing.counts
        parts = [
            self.camera,
            standing.crm,
            f"{counts.waiting} waiting",
            f"{counts.needs_you} need you",
            standing.last_success,
            self.operator,
        ]
        sentence = f"{self.held} NOT SAVED, held in memory only. " if self.held else ""
        return Content(" · ".join(part for part in parts if part) + "\n" + sentence + standing.sentence)

    def watch_standing(self, standing: Standing | None) -> None:
        """Take on the colour of how things stand."""
        trouble = standing is not None and (not standing.sender_runs or not standing.gate.is_open)
        self.set_class(trouble, "trouble")
        self.set_class(bool(standing and standing.counts.needs_you) and not trouble, "look")
