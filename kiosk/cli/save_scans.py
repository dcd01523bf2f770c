"""`kiosk scan --save`: save what was read as leads."""

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
    """Saves payloads as leads; payloads that cannot be saved at once, as the database is busy, are saved later."""

    def __init__(self, settings: Settings, report_late: Callable[[ScanReport], None]) -> None:
        """*report_late* is called for every badge that was saved later than it was read."""
        self.settings = settings
        prepare_database(settings, CLOCK)
        # Nobody is waiting in front of a camera: unlike a scan, this waits for a busy database like any command.
        self.capture = Capture(
            settings.database_file,
            settings.event,
            settings.badges,
            CLOCK,
            wait_seconds=store.BUSY_TIMEOUT_SECONDS,
            is_on_screen=False,
        )
        close_on_exit(self.capture.db)
        self.capture.report_late = lambda result: report_late({"source": "held", **self._build_report(result)})

    def __call__(self, place: str, payload: Payload) -> ScanReport:
        """Save one payload; *place* is where it was read."""
        source = "scanner" if payload.symbology == "typed" else "pictures"
        result = self.capture.save_payload(payload.data, payload.text, payload.symbology, source)
        return {"symbology": payload.symbology, **self._build_report(result)}

    def _build_report(self, result: ScanResult) -> ScanReport:
        """Return the result for one badge, for people and scripts; wake the worker if a lead was saved."""
        if result.is_saved:
            wake_worker(self.settings)
        return {
            "kind": result.kind,
            "who": f"{result.headline}: {result.sentence}",
            "lead": result.lead.id if result.lead else None,
            "ok": result.is_saved or result.kind == "test",
        }

    def flush_held(self) -> bool:
        """Save what could not be saved at once; return whether everything is saved now."""
        if self.capture.held_badges:
            self.capture.save_held_badges(store.BUSY_TIMEOUT_SECONDS)
        return not self.capture.held_badges
