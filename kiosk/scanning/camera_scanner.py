"""From light to saved leads, in a thread of its own; whoever shows them is told."""

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
from kiosk.scanning.capture import KINDS_BY_PRIORITY, Capture, ScanResult

log = logging.getLogger(__name__)

STOP_TIMEOUT_SECONDS = 3.0
"""How long the end waits for the scanner's thread."""

SAVE_TIMEOUT_SECONDS = 20.0
"""How much longer it waits while badges are held, once those are in a file."""

HELD_RETRY_SECONDS = 0.5
"""How often badges that could not be saved are tried again."""

ScannerEvent: TypeAlias = CameraEvent | ScanResult
"""What a scanner tells: what the camera says, and what came of each badge."""


def wait_for_saving(thread: threading.Thread, capture: Capture | None) -> None:
    """Wait for the *thread* that saves with *capture* to end; what it holds is in a file if that takes long."""
    if thread.is_alive():
        thread.join(STOP_TIMEOUT_SECONDS)
    # A camera that hangs, or a database that is being written again, may hold up the thread for longer.
    if thread.is_alive() and capture is not None and capture.held_badges:
        capture.write_held_file()
        thread.join(SAVE_TIMEOUT_SECONDS)


class CameraScanner:
    """Watches the source that the settings name, and saves every badge it shows."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        wake_worker: Callable[[], None],
        report: Callable[[ScannerEvent], None],
        *,
        endless: bool,
    ) -> None:
        """*report* is called in the scanner's thread; *endless* has the demo badges begin again after the last."""
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        self.report = report
        self.endless = endless
        self.operator = settings.event.operator
        """Who scans; set it to change it from the next badge on."""
        self.capture: Capture | None = None
        self.held_tried_at = 0.0
        camera = settings.camera
        decoders, self.missing_decoders = load_decoders(camera.decoders, camera.one_d)
        """An error for each decoder that does not work on this machine."""
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
        """Begin to watch."""
        self.thread.start()

    def stop(self) -> None:
        """End, after what is being saved right now; badges that are held are saved, or in a file."""
        self.capture_loop.stop()
        wait_for_saving(self.thread, self.capture)

    @property
    def held_count(self) -> int:
        """How many badges could not be saved yet."""
        return len(self.capture.held_badges) if self.capture else 0

    @property
    def held_file(self) -> Path | None:
        """The file with those that were not saved before the end."""
        return self.capture.held_file if self.capture else None

    def run(self) -> None:
        """Watch until the end, and let go of the database then: a connection belongs to its thread."""
        for error in self.missing_decoders:
            log.warning("%s", error)
        while not self.capture_loop.stop_requested.is_set() and not self._run_capture_loop():
            self.capture_loop.stop_requested.wait(HELD_RETRY_SECONDS)
        if self.capture is not None:
            self.capture.close()

    def _run_capture_loop(self) -> bool:
        """Open the database in this thread, and watch; a failure of ours is written down, and not the end."""
        try:
            self.capture = self.capture or self._open_capture()
            self.capture_loop.run()
            self._save_remaining()
            return True
        except StoreError as error:
            self.report(ScanResult("not saved", "NOT SAVED", str(error)))
        except (Exception, SystemExit) as error:  # a driver's library may ask the whole program to end
            log.exception("the scanner failed and begins again")
            self.report(
                SourceFailed(
                    Sentence(
                        N_("The kiosk failed to process an image ({error}) and keeps retrying. Details are in the log."),
                        error=type(error).__name__,
                    )
                )
            )
        return False

    def _open_capture(self) -> Capture:
        """The place where badges become leads."""
        settings = self.settings
        capture = Capture(settings.database_file, settings.event, settings.badges, self.clock, self.wake_worker)
        capture.report_late = self.report
        return capture

    def _on_event(self, event: CameraEvent) -> None:
        """Save what is seen, and pass the event on."""
        capture = self.capture
        if isinstance(event, CodesSeen) and capture is not None:
            capture.operator = self.operator
            taken = [
                capture.save_payload(code.data, code.text, code.symbology, event.source_kind) for code in event.payloads
            ]
            for captured in sorted(taken, key=lambda captured: KINDS_BY_PRIORITY.index(captured.kind)):
                self.report(captured)
        if isinstance(event, FrameProcessed) and capture is not None:
            self._retry_held(capture)
        self.report(event)

    def _retry_held(self, capture: Capture) -> None:
        """Now and then, save what could not be saved before; and see that the database is still at its place."""
        if time.monotonic() - self.held_tried_at >= HELD_RETRY_SECONDS:
            self.held_tried_at = time.monotonic()
            if capture.held_badges:
                capture.save_held_badges()
            capture.check_database()

    def _save_remaining(self) -> None:
        """After the last picture: what is still held is saved before the thread ends, however long that takes."""
        while self.capture is not None and self.capture.held_badges and not self.capture_loop.stop_requested.is_set():
            self._retry_held(self.capture)
            self.capture_loop.stop_requested.wait(HELD_RETRY_SECONDS / 4)

    def _open_source(self) -> Source:
        """
        The source that the settings name; in a practice without a camera, the demo badges.

        Raises:
            CameraError: it gives no pictures now.
        """
        camera = self.settings.camera
        if self.settings.is_practice and camera.source == "auto":
            try:
                return open_first_camera(camera.width, camera.height)
            except CameraError as error:
                log.info("%s Demo badges are shown in its place.", error)
                camera = replace(camera, source="demo")
        return open_source(camera, self._open_demo)

    def _open_demo(self) -> Source:
        """The demo badges."""
        practice, camera = self.settings.practice, self.settings.camera
        return DemoBadges(
            build_demo_badges(practice.badges),
            practice.seconds_each,
            width=camera.width,
            height=camera.height,
            endless=self.endless,
        )
