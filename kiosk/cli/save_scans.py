"""`kiosk scan --save`: what is read becomes leads, also where another program holds the database for a while."""

from collections.abc import Callable
from typing import Any

from camera.payload import Payload
from data import store
from kiosk.cli.context import CLOCK, close_on_exit, wake_worker
from kiosk.config.load import Settings
from kiosk.runtime.startup import prepare_database
from kiosk.scanning.capture import Capture
from kiosk.scanning.scan_result import ScanResult

ScanReport = dict[str, Any]


class ScanSaver:
    """Saves payloads. Nobody waits in front of a camera here: a busy database gets the time that any command gives."""

    def __init__(self, settings: Settings, tell: Callable[[ScanReport], None]) -> None:
        """*tell* hears of every badge that was saved later than it was read."""
        self.settings = settings
        prepare_database(settings, CLOCK)
        self.capture = Capture(
            settings.database_file, settings.event, settings.badges, CLOCK, wait_seconds=store.BUSY_TIMEOUT_SECONDS
        )
        close_on_exit(self.capture.db)
        self.capture.report_late = lambda captured: tell({"source": "held", **self.build_result(captured)})

    def __call__(self, place: str, payload: Payload) -> ScanReport:
        """Save one payload."""
        source = "scanner" if payload.symbology == "typed" else "pictures"
        captured = self.capture.save_payload(payload.data, payload.text, payload.symbology, source)
        return {"symbology": payload.symbology, **self.build_result(captured)}

    def build_result(self, captured: ScanResult) -> ScanReport:
        """What came of one badge, for a person and for a script."""
        if captured.is_saved:
            wake_worker(self.settings)
        return {
            "kind": captured.kind,
            "who": f"{captured.headline}: {captured.sentence}",
            "lead": captured.lead.id if captured.lead else None,
            "ok": captured.is_saved or captured.kind == "test",
        }

    def flush_held(self) -> bool:
        """Save what could not be saved at once; whether all of it is saved now."""
        if self.capture.held_badges:
            self.capture.save_held_badges(store.BUSY_TIMEOUT_SECONDS)
        return not self.capture.held_badges
