"""Alerts on top of whatever screen is in front; the line is only there while there is an alert."""

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from data.alerts import Alert
from data.language import _
from kiosk.status.wording import format_duration, sanitize_text

# How long each alert is shown if there are several.
_SECONDS_PER_ALERT = 6


class AlertLine(Widget):
    """Shows what is wrong, for how long, and what to do; several alerts take turns."""

    DEFAULT_CSS = """
    AlertLine {
        dock: top; height: auto; max-height: 3; padding: 0 1;
        background: $error; color: white; text-style: bold;
    }
    """  # not shown: a style sheet

    alerts: reactive[Sequence[Alert]] = reactive((), layout=True)
    now: reactive[float] = reactive(0.0, layout=True)
    """Seconds since 1970 UTC."""

    def render(self) -> RenderResult:
        """Render the alert whose turn it is."""
        if not self.alerts:
            return Content("")
        number = int(self.now // _SECONDS_PER_ALERT) % len(self.alerts)
        alert = self.alerts[number]
        duration = format_duration(self.now - alert.since)
        if len(self.alerts) > 1:
            title = _("ALERT {number} of {count}, for {duration}:").format(
                number=number + 1, count=len(self.alerts), duration=duration
            )
        else:
            title = _("ALERT, for {duration}:").format(duration=duration)
        return Content(sanitize_text(" ".join((title, _(alert.sentence), _(alert.advice)))))


def show_alerts(screen: Screen[object], alerts: Sequence[Alert], now: float) -> None:
    """Show *alerts* on *screen*, or hide the line if there are none."""
    line = screen.query_one_optional(AlertLine)
    if line is None and alerts and screen.is_attached:
        line = AlertLine()
        screen.mount(line)
    if line is not None:
        line.display = bool(alerts)
        line.alerts, line.now = tuple(alerts), now
