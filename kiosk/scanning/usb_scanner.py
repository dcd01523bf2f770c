"""A USB scanner that types: every badge it reads is saved, in a thread of its own."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from camera.text import decode_text
from data.clock import Clock
from data.errors import StoreError
from kiosk.badges.layout_repair import LayoutMemory
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import wait_for_saving
from kiosk.scanning.capture import HELD_SENTENCE, Capture, ScanResult, ShownBadge, write_held_badges

log = logging.getLogger(__name__)

HELD_RETRY_SECONDS = 2.0
"""How often badges that could not be saved are tried again."""


class UsbScanner:
    """Saves what a USB scanner typed, also while there is no camera."""

    def __init__(
        self, settings: Settings, clock: Clock, wake_worker: Callable[[], None], report: Callable[[ScanResult], object]
    ) -> None:
        """*report* is called in the scanner's thread, with what came of each badge."""
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        self.report = report
        self.layouts = LayoutMemory()
        self.capture: Capture | None = None
        self.typed_badges: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        """What was typed, and who scanned it; None is the end."""
        self.waiting_badges: deque[tuple[str, str]] = deque()
        """What was typed while the database could not be opened."""
        self.failed_badges: list[ShownBadge] = []
        """Badges that could not be saved by a mistake of ours."""
        self.held_file: Path | None = None
        """The file with what could not be saved before the end."""
        self.thread = threading.Thread(target=self.run, name="usb scanner", daemon=True)

    def start(self) -> None:
        """Begin to save."""
        self.thread.start()

    def stop(self) -> None:
        """End, after what is being saved right now; badges that are held are saved, or in a file."""
        self.typed_badges.put(None)
        wait_for_saving(self.thread, self.capture)
        if self.thread.is_alive() and self.capture is not None:
            self.held_file = self.capture.held_file

    def add_badge(self, text: str, operator: str) -> None:
        """Save the badge that was typed as *text*; the screen waits for nothing."""
        self.typed_badges.put((text, operator))

    @property
    def held_count(self) -> int:
        """How many badges could not be saved yet."""
        return (
            len(self.waiting_badges) + len(self.failed_badges) + (len(self.capture.held_badges) if self.capture else 0)
        )

    def run(self) -> None:
        """Save until the end, and let go of the database then: a connection belongs to its thread."""
        while True:
            try:
                badge = self.typed_badges.get(timeout=HELD_RETRY_SECONDS)
            except queue.Empty:
                self._save_all()
                continue
            if badge is None:
                break
            self.waiting_badges.append(badge)
            self._save_all()
        self._close_database()

    def _close_database(self) -> None:
        """Let go of the database; what could not be saved is in a file for the next start, `kept_in`."""
        if self.capture is not None:
            self.capture.close()
            self.held_file = self.capture.held_file
        settings, clock = self.settings, self.clock
        shown = [
            *self.failed_badges,
            *(_build_shown_badge(text, operator, clock) for text, operator in self.waiting_badges),
        ]
        if shown:
            with suppress(Exception):  # what they failed of may fail again
                self.held_file = write_held_badges(
                    settings.database_file, shown, settings.event, settings.badges, clock.boot_id
                )

    def _save_all(self) -> None:
        """Save what waits, and what is held; a failure of ours is written down, and not the end."""
        try:
            self._save_waiting()
        except StoreError as error:
            self.report(ScanResult("not saved", "NOT SAVED", f"{error} {HELD_SENTENCE}"))
        except Exception:
            log.exception("what a USB scanner typed could not be saved")

    def _save_waiting(self) -> None:
        """
        The same.

        Raises:
            StoreError: the database cannot be opened.
        """
        if self.waiting_badges and self.capture is None:
            self.capture = self._open_capture()
        if self.capture is not None and self.capture.held_badges:
            self.capture.save_held_badges()
        for _ in range(len(self.waiting_badges)):
            if self.capture is not None:
                typed, operator = self.waiting_badges.popleft()
                self._save_one(self.capture, typed, operator)

    def _save_one(self, capture: Capture, typed: str, operator: str) -> None:
        """Save one badge; one that fails by a mistake of ours holds up no other, and the screen says so."""
        capture.operator = operator
        try:
            text, notice = self.layouts.repair_scan(typed)
            payload = text.encode("utf-8", "replace")
            captured = capture.save_payload(payload, decode_text(payload), "typed", "scanner")
        except Exception as error:
            log.exception("what a USB scanner typed could not be saved")
            self.failed_badges.append(_build_shown_badge(typed, operator, self.clock))
            why = f"The kiosk failed on this badge ({type(error).__name__}): please add the visitor by hand."
            captured, notice = ScanResult("not saved", "NOT SAVED", f"{why} Its log says more."), ""
        self.report(replace(captured, notice=" ".join(filter(None, (captured.notice, notice)))))

    def _open_capture(self) -> Capture:
        """The place where badges become leads."""
        settings = self.settings
        capture = Capture(settings.database_file, settings.event, settings.badges, self.clock, self.wake_worker)
        capture.report_late = self.report
        return capture


def _build_shown_badge(text: str, operator: str, clock: Clock) -> ShownBadge:
    """What was typed, as a badge that was shown just now."""
    payload = text.encode("utf-8", "replace")
    return ShownBadge(
        payload, decode_text(payload), "typed", "scanner", operator, clock.wall_time(), clock.seconds_since_boot()
    )
