"""How the day goes: badges scanned today and in the last hour, and a bar for each of the last hours."""

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from data.language import _, format_number, ngettext
from kiosk.tui.themes import is_console

# An eighth of a cell, and so on; on a console, whose fonts lack most of these, halves.
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_HALVES = "    ▄▄▄▄█"

_MAX_BAR_ROWS = 8


class TodayPanel(Widget):
    """Shows counts and bars; on one line, or on several with taller bars where there is room."""

    scanned_today: reactive[int | None] = reactive(None, layout=True)
    """None while it is not known."""
    by_hour: reactive[tuple[int, ...]] = reactive(())
    """How many badges were scanned in each of the last hours, oldest first; the last hour ends now."""

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the width of the line."""
        return self._build_counts("   ").cell_length + 3 + len(self.by_hour)

    def render(self) -> RenderResult:
        """Render what fits."""
        width, height = self.size
        if height < 2:
            return Content("   ").join([self._build_counts("   "), Content(self._draw_bars(1, 1)[0])])
        lines = [self._build_counts("\n")]
        if height >= 4 and any(self.by_hour):
            bar_rows = min(height - 3, _MAX_BAR_ROWS)
            bar_width = max(1, min(6, (width + 1) // max(1, len(self.by_hour)) - 1))
            bars = Content("\n".join(["", *self._draw_bars(bar_rows, bar_width)]))
            lines.append(bars.stylize("$accent"))
        return Content("\n").join(lines)

    def _build_counts(self, separator: str) -> Content:
        """Return the two counts, or nothing while they are not known."""
        if (count := self.scanned_today) is None:
            return Content("")
        today = ngettext("{count} scan today", "{count} scans today", count).format(count=format_number(count))
        if not self.by_hour:
            return Content.styled(today, "$foreground")
        hour = _("{count} in the last hour").format(count=format_number(self.by_hour[-1]))
        return Content.assemble((today, "$foreground"), separator, hour)

    def _draw_bars(self, rows: int, bar_width: int) -> list[str]:
        """Draw a bar for each hour, *rows* high and *bar_width* wide."""
        highest = max(self.by_hour, default=0)
        if not highest:
            return [""] * rows
        signs = _HALVES if is_console() else _EIGHTHS
        eighths = [max(1, round(count * rows * 8 / highest)) for count in self.by_hour]
        if is_console():
            eighths = [max(4 if count else 0, height) for count, height in zip(self.by_hour, eighths, strict=True)]
        gap = " " if rows > 1 else ""
        return [
            gap.join(signs[min(8, max(0, height - 8 * below))] * bar_width for height in eighths)
            for below in reversed(range(rows))
        ]
