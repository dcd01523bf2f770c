"""What is wrong with the kiosk as a whole, on top of whatever screen is in front; a line only where something is."""

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from data.alerts import Alert
from kiosk.status.wording import format_duration, sanitize_text

_SECONDS_PER_ALERT = 6
"""How long each is shown where there are several."""


class AlertLine(Widget):
    """What is wrong, for how long, and what to do; several take turns."""

    DEFAULT_CSS = """
    AlertLine {
        dock: top; height: auto; max-height: 3; padding: 0 1;
        background: $error; color: white; text-style: bold;
    }
    """

    alerts: reactive[Sequence[Alert]] = reactive((), layout=True)
    now: reactive[float] = reactive(0.0, layout=True)
    """Seconds since 1970 UTC."""

    def render(self) -> RenderResult:
        """One of them."""
        if not self.alerts:
            return Content("")
        number = int(self.now // _SECONDS_PER_ALERT) % len(self.alerts)
        alert = self.alerts[number]
        which = f" {number + 1} of {len(self.alerts)}" if len(self.alerts) > 1 else ""
        said = f"ALERT{which}, for {format_duration(self.now - alert.since)}: {alert.sentence} {alert.advice}"
        return Content(sanitize_text(said))


def show_alerts(screen: Screen[object], alerts: Sequence[Alert], now: float) -> None:
    """Show *alerts* on *screen*, whichever that is."""
    line = screen.query_one_optional(AlertLine)
    if line is None and alerts and screen.is_attached:
        line = AlertLine()
        screen.mount(line)
    if line is not None:
        line.display = bool(alerts)
        line.alerts, line.now = tuple(alerts), now
