"""`kiosk scan --save`: what is read becomes leads, also where another program holds the database for a while."""

from collections.abc import Callable
from typing import Any

from camera.payload import Payload
from data import store
from kiosk.cli.context import CLOCK, closed_at_the_end, wake_worker
from kiosk.config.load import Settings
from kiosk.runtime.startup import make_ready
from kiosk.scanning.capture import Capture, Captured

Result = dict[str, Any]


class Saver:
    """Saves payloads. Nobody waits in front of a camera here: a busy database gets the time that any command gives."""

    def __init__(self, settings: Settings, tell: Callable[[Result], None]) -> None:
        """*tell* hears of every badge that was saved later than it was read."""
        self.settings = settings
        make_ready(settings, CLOCK)
        self.capture = Capture(settings.store, settings.event, settings.badges, CLOCK, waits=store.BUSY_SECONDS)
        closed_at_the_end(self.capture.db)
        self.capture.tell_late = lambda captured: tell({"source": "held", **self.result(captured)})

    def __call__(self, place: str, payload: Payload) -> Result:
        """Save one payload."""
        source = "scanner" if payload.symbology == "typed" else "pictures"
        captured = self.capture.take(payload.data, payload.text, payload.symbology, source)
        return {"symbology": payload.symbology, **self.result(captured)}

    def result(self, captured: Captured) -> Result:
        """What came of one badge, for a person and for a script."""
        if captured.is_saved:
            wake_worker(self.settings)
        return {
            "kind": captured.kind,
            "who": f"{captured.headline}: {captured.sentence}",
            "lead": captured.lead.id if captured.lead else None,
            "ok": captured.is_saved or captured.kind == "test",
        }

    def finish(self) -> bool:
        """Save what could not be saved at once; whether all of it is saved now."""
        if self.capture.held:
            self.capture.save_held(store.BUSY_SECONDS)
        return not self.capture.held
