"""A button that has to be held down, so that a brief touch does nothing."""

from textual.events import MouseDown, MouseUp
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from kiosk.tui.one_shot_timer import start_timer

_HOLD_SECONDS = 3.0


class HoldButton(Static):
    """A button that is pressed by holding it down for three seconds and then letting go."""

    class Held(Message):
        """The button was held down for long enough."""

    def __init__(self, label: str, ready_label: str, *, id: str) -> None:
        """Show *label*, and *ready_label* once letting go presses the button."""
        super().__init__(label, id=id, markup=False)
        self.label = label
        self.ready_label = ready_label
        self._down_at: float | None = None
        self._timer: Timer | None = None

    def on_mouse_down(self, event: MouseDown) -> None:
        """Start the timer."""
        self.capture_mouse()
        self._down_at = event.time
        self._timer = start_timer(self, _HOLD_SECONDS, lambda: self.update(self.ready_label))

    def on_mouse_up(self, event: MouseUp) -> None:
        """Press the button, if it was held for long enough and is still under the finger."""
        self.release_mouse()
        if self._timer is not None:
            self._timer.stop()
        self.update(self.label)
        down_at, self._down_at = self._down_at, None
        is_inside = self.region.contains_point((event.screen_x, event.screen_y))
        if down_at is not None and event.time - down_at >= _HOLD_SECONDS and is_inside:
            self.post_message(self.Held())
