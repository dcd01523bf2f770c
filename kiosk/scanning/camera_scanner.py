"""The camera scanner: reads badges from the configured source and saves them, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from camera.capture_loop import CaptureLoop
from camera.decode_pipeline import LiveDecoder, StillDecoder
from camera.decoders import load_decoders
from camera.errors import CameraError
from camera.events import CameraEvent, CodesSeen, FrameProcessed, SourceFailed
from camera.sentences import N_, Sentence
from camera.sources import open_first_camera, open_source
from camera.sources.base import Source
from camera.sources.demo import DemoBadges
from data.clock import Clock
from data.errors import StoreError
from kiosk.config.load import Settings
from kiosk.printing.demo_people import build_demo_badges
from kiosk.scanning.capture import Capture
from kiosk.scanning.scan_result import KINDS_BY_PRIORITY, ScanResult, build_unsaved_result

log = logging.getLogger(__name__)

# How long stopping waits for a scanner's thread.
STOP_TIMEOUT_SECONDS = 3.0

# How much longer it waits while badges are still held, after these were written to a file.
SAVE_TIMEOUT_SECONDS = 20.0

# Interval between attempts to save held badges.
HELD_RETRY_SECONDS = 0.5

# What a scanner reports: events of the camera, and the result of each badge.
ScannerEvent: TypeAlias = CameraEvent | ScanResult


def wait_for_saving(thread: threading.Thread, capture: Capture | None) -> None:
    """Wait for the *thread* that saves with *capture*; if that takes long, its held badges go to a file first."""
    if thread.is_alive():
        thread.join(STOP_TIMEOUT_SECONDS)
    # A camera that hangs, or a database that is being written again, may hold up the thread for longer.
    if thread.is_alive() and capture is not None and capture.held_badges:
        capture.write_held_file()
        thread.join(SAVE_TIMEOUT_SECONDS)


class CameraScanner:
    """Watches the configured source and saves every badge that it shows."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        wake_worker: Callable[[], None],
        report: Callable[[ScannerEvent], None],
        *,
        endless: bool,
        is_on_screen: bool = True,
    ) -> None:
        """
        Load the decoders; nothing is opened before `start`.

        *report* is called in the scanner's thread. With *endless*, the demo badges start over after the last.
        *is_on_screen* says whether results are shown on the kiosk's screen, whose keys they then name.
        """
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        self.report = report
        self.endless = endless
        self.is_on_screen = is_on_screen
        self.operator = settings.event.operator
        """Who is scanning; a change takes effect with the next badge."""
        self.capture: Capture | None = None
        self.held_tried_at = 0.0
        camera = settings.camera
        decoders, missing_decoders = load_decoders(camera.decoders, camera.one_d)
        self.missing_decoders = [] if camera.is_none else missing_decoders
        """An error for each decoder that is needed and does not work on this machine."""
        self.capture_loop = CaptureLoop(
            self._open_source,
            LiveDecoder(decoders),
            StillDecoder(decoders),
            self._on_event,
            rest_seconds=camera.rest_seconds,
            max_fps=camera.max_fps,
        )
        self.thread = threading.Thread(target=self.run, name="scanner", daemon=True)

    def start(self) -> None:
        """Start to watch the source, if there is one."""
        if not self.settings.camera.is_none:
            self.thread.start()

    def stop(self) -> None:
        """Stop after the badge that is being saved; held badges are saved, or written to a file."""
        self.capture_loop.stop()
        wait_for_saving(self.thread, self.capture)

    @property
    def held_count(self) -> int:
        """The number of badges that could not be saved yet."""
        return len(self.capture.held_badges) if self.capture else 0

    @property
    def held_file(self) -> Path | None:
        """The file with the badges that could not be saved before the end; None if there are none."""
        return self.capture.held_file if self.capture else None

    def run(self) -> None:
        """Watch until stopped, then close the database in this thread, which SQLite requires."""
        for error in self.missing_decoders:
            log.warning("%s", error)
        while not self.capture_loop.stop_requested.is_set() and not self._run_capture_loop():
            self.capture_loop.stop_requested.wait(HELD_RETRY_SECONDS)
        if self.capture is not None:
            self.capture.close()

    def _run_capture_loop(self) -> bool:
        """Watch until the source ends; return False if that failed and should be tried again."""
        try:
            self.capture = self.capture or self._open_capture()
            self.capture_loop.run()
            self._save_remaining()
            return True
        except StoreError as error:
            self.report(build_unsaved_result(str(error)))
        except (Exception, SystemExit) as error:  # some camera drivers call exit()
            log.exception("The camera scanner failed and starts again.")
            self.report(
                SourceFailed(
                    Sentence(
                        N_(
                            "The kiosk failed to process an image ({error}) and keeps retrying. Details are in the log."
                        ),
                        error=type(error).__name__,
                    )
                )
            )
        return False

    def _open_capture(self) -> Capture:
        """Open the database in the scanner's thread."""
        settings = self.settings
        capture = Capture(
            settings.database_file,
            settings.event,
            settings.badges,
            self.clock,
            self.wake_worker,
            is_on_screen=self.is_on_screen,
        )
        capture.report_late = self.report
        return capture

    def _on_event(self, event: CameraEvent) -> None:
        """Save the badges of an event, report their results, and pass the event on."""
        capture = self.capture
        if isinstance(event, CodesSeen) and capture is not None:
            capture.operator = self.operator
            results = [
                capture.save_payload(code.data, code.text, code.symbology, event.source_kind) for code in event.payloads
            ]
            # The screen shows the last result, so the most important one is reported last.
            for result in sorted(results, key=lambda result: KINDS_BY_PRIORITY.index(result.kind)):
                self.report(result)
        if isinstance(event, FrameProcessed) and capture is not None:
            self._retry_held(capture)
        self.report(event)

    def _retry_held(self, capture: Capture) -> None:
        """Every `HELD_RETRY_SECONDS`, save held badges and check that the database files are still in place."""
        if time.monotonic() - self.held_tried_at >= HELD_RETRY_SECONDS:
            self.held_tried_at = time.monotonic()
            if capture.held_badges:
                capture.save_held_badges()
            capture.check_database()

    def _save_remaining(self) -> None:
        """Save the badges that are still held after the source's end, however long that takes."""
        while self.capture is not None and self.capture.held_badges and not self.capture_loop.stop_requested.is_set():
            self._retry_held(self.capture)
            self.capture_loop.stop_requested.wait(HELD_RETRY_SECONDS / 4)

    def _open_source(self) -> Source:
        """
        Open the configured source; in practice mode without a camera, the demo badges.

        Raises:
            CameraError: it has no images now.
        """
        camera = self.settings.camera
        if self.settings.is_practice and camera.source == "auto":
            try:
                return open_first_camera(camera.width, camera.height)
            except CameraError as error:
                log.info("%s Using the demo badges instead.", error)
                camera = replace(camera, source="demo")
        return open_source(camera, self._open_demo)

    def _open_demo(self) -> Source:
        """Build the source that shows the demo badges."""
        practice, camera = self.settings.practice, self.settings.camera
        return DemoBadges(
            build_demo_badges(practice.badges),
            practice.seconds_each,
            width=camera.width,
            height=camera.height,
            endless=self.endless,
        )
