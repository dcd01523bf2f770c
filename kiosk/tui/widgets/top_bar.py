"""The top bar: the event and who scans on the left; camera, CRM, leads and the time on the right."""

import time
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from data.language import _, format_time_of_day
from kiosk.status.status import KioskStatus
from kiosk.status.wording import format_needs_you_count, format_waiting_count, sanitize_text
from kiosk.tui.themes import replace_content_signs

_MIN_NAME_CELLS = 8


@dataclass(frozen=True, slots=True)
class _Light:
    """A dot with a word: full for what works, empty for what does not, so that it needs no colour."""

    word: str
    colour: str
    is_full: bool = True

    def build(self) -> Content:
        """Return the dot and its word."""
        return Content.assemble(("●" if self.is_full else "○", self.colour), " ", self.word)


class TopBar(Widget):
    """One line; on narrow terminals the least important parts are left out."""

    status: reactive[KioskStatus | None] = reactive(None)
    operator: reactive[str] = reactive("")
    has_camera: reactive[bool] = reactive(True)
    """Whether this booth has a camera at all."""
    camera: reactive[bool | None] = reactive(None)
    """Whether the camera works; None while it is being looked for."""

    def __init__(self, event: str, kiosk: str) -> None:
        super().__init__(id="top")
        self.event = sanitize_text(event)
        self.kiosk = sanitize_text(kiosk)

    def render(self) -> RenderResult:
        """Render as much as fits."""
        width = max(1, self.size.width)
        operator = sanitize_text(self.operator)
        right = self._build_right(is_brief=False)
        if right.cell_length + cell_len(self.event) + cell_len(operator) + 5 > width:
            right = self._build_right(is_brief=True)
        left = self._build_left(width - right.cell_length - 2, operator)
        gap = " " * max(2 if left else 0, width - left.cell_length - right.cell_length)
        line = Content.assemble(left, gap, right) if left else right
        line = replace_content_signs(line)
        return line.truncate(width, ellipsis=True)

    def _build_right(self, *, is_brief: bool) -> Content:
        """Return the lights and the time of day."""
        now = self.app.clock.wall_time()  # type: ignore[attr-defined]
        lights = [light.build() for light in self.list_lights(is_brief=is_brief)]
        return Content("  ").join([*lights, Content.styled(format_time_of_day(time.localtime(now)), "$foreground")])

    def _build_left(self, width: int, operator: str) -> Content:
        """Return event, kiosk and operator, or as many of them as fit into *width* cells."""
        parts = [part for part in (self.event, self.kiosk, operator) if part]
        if not parts:
            return Content("")
        if sum(map(cell_len, parts)) + 3 * len(parts) - 3 > width:
            parts = [part for part in (self.event, operator) if part]
        rest = width - (cell_len(operator) + 3 if len(parts) > 1 else 0)
        if cell_len(parts[0]) > rest:
            parts[0] = set_cell_size(parts[0], rest - 1).rstrip() + "…" if rest >= _MIN_NAME_CELLS else ""
        parts = [part for part in parts if part]
        if not parts or sum(map(cell_len, parts)) + 3 * len(parts) - 3 > width:
            return Content("")
        first, *others = parts
        return Content(" │ ").join([Content.styled(first, "bold $foreground"), *map(Content, others)])

    def list_lights(self, *, is_brief: bool = False) -> list[_Light]:
        """Return what works and what does not, from left to right; in fewer words if *is_brief*."""
        lights = []
        if self.has_camera:
            if self.camera is None:
                lights.append(_Light(_("camera"), "$text-muted", is_full=False))
            elif self.camera:
                lights.append(_Light(_("camera"), "$success"))
            else:
                lights.append(_Light(_("no camera"), "$warning", is_full=False))
        status = self.status
        if status is None:
            return lights
        waiting_colour = "$text-muted"
        if status.counts.waiting:
            waiting_colour = "$accent" if status.is_sending else "$warning"
        if not status.is_sending:
            lights.append(_Light(sanitize_text(status.crm_summary), "$warning", is_full=False))
        elif status.gate.last_success is None:
            lights.append(_Light(_("CRM") if is_brief else status.crm_brief, "$text-muted", is_full=False))
        elif status.is_response_fresh:
            lights.append(_Light(status.crm_brief, "$success"))
        else:
            lights.append(_Light(status.crm_brief, "$text-muted", is_full=False))
        lights.append(_Light(format_waiting_count(status.counts.waiting), waiting_colour))
        if status.counts.needs_you:
            lights.append(_Light(format_needs_you_count(status.counts.needs_you), "$warning"))
        return lights
