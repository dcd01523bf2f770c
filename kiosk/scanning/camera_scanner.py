"""From light to saved leads, in a thread of its own; whoever shows them is told."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from camera.decoders import load
from camera.errors import CameraError
from camera.events import Event, Looked, Seen, Trouble
from camera.ladder import Live, Still
from camera.sources import first_camera, open_source
from camera.sources.base import Source
from camera.sources.demo import DemoBadges
from camera.watch import Watch
from data.clock import Clock
from data.errors import StoreError
from kiosk.config.load import Settings
from kiosk.printing.demo_people import demo_badges
from kiosk.scanning.capture import KINDS, Capture, Captured

log = logging.getLogger(__name__)

STOP_SECONDS = 3.0
"""How long the end waits for the scanner's thread."""

SAVING_SECONDS = 20.0
"""How much longer it waits while badges are held, once those are in a file."""

HELD_SECONDS = 0.5
"""How often badges that could not be saved are tried again."""

Told: TypeAlias = Event | Captured
"""What a scanner tells: what the camera says, and what came of each badge."""


def wait_for_saving(thread: threading.Thread, capture: Capture | None) -> None:
    """Wait for the *thread* that saves with *capture* to end; what it holds is in a file if that takes long."""
    if thread.is_alive():
        thread.join(STOP_SECONDS)
    # A camera that hangs, or a database that is being written again, may hold up the thread for longer.
    if thread.is_alive() and capture is not None and capture.held:
        capture.keep()
        thread.join(SAVING_SECONDS)


class Scanner:
    """Watches the source that the settings name, and saves every badge it shows."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        nudge: Callable[[], None],
        tell: Callable[[Told], None],
        *,
        endless: bool,
    ) -> None:
        """*tell* is called in the scanner's thread; *endless* has the demo badges begin again after the last."""
        self.settings = settings
        self.clock = clock
        self.nudge = nudge
        self.tell = tell
        self.endless = endless
        self.operator = settings.event.operator
        """Who scans; set it to change it from the next badge on."""
        self.capture: Capture | None = None
        self.tried = 0.0
        camera = settings.camera
        decoders, self.missing = load(camera.decoders, camera.one_d)
        """A sentence for each decoder that this machine has not."""
        self.watch = Watch(
            self.source,
            Live(decoders),
            Still(decoders),
            self.on_event,
            rest_seconds=camera.rest_seconds,
            max_fps=camera.max_fps,
        )
        self.thread = threading.Thread(target=self.run, name="scanner", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.thread.start()

    def stop(self) -> None:
        """End, after what is being saved right now; badges that are held are saved, or in a file."""
        self.watch.stop()
        wait_for_saving(self.thread, self.capture)

    @property
    def held(self) -> int:
        """How many badges could not be saved yet."""
        return len(self.capture.held) if self.capture else 0

    @property
    def kept_in(self) -> Path | None:
        """The file with those that were not saved before the end."""
        return self.capture.kept_in if self.capture else None

    def run(self) -> None:
        """Watch until the end, and let go of the database then: a connection belongs to its thread."""
        for sentence in self.missing:
            log.warning("%s", sentence)
        while not self.watch.stopping.is_set() and not self.has_watched():
            self.watch.stopping.wait(HELD_SECONDS)
        if self.capture is not None:
            self.capture.close()

    def has_watched(self) -> bool:
        """Open the database in this thread, and watch; a failure of ours is written down, and not the end."""
        try:
            self.capture = self.capture or self.open_capture()
            self.watch.run()
            self.save_held()
            return True
        except StoreError as error:
            self.tell(Captured("not saved", "NOT SAVED", str(error)))
        except (Exception, SystemExit) as error:  # a driver's library may ask the whole program to end
            log.exception("the scanner failed and begins again")
            self.tell(
                Trouble(f"The kiosk failed on a picture ({type(error).__name__}) and tries again; its log says more.")
            )
        return False

    def open_capture(self) -> Capture:
        """The place where badges become leads."""
        settings = self.settings
        capture = Capture(settings.store, settings.event, settings.badges, self.clock, self.nudge)
        capture.tell_late = self.tell
        return capture

    def on_event(self, event: Event) -> None:
        """Save what is seen, and pass the event on."""
        capture = self.capture
        if isinstance(event, Seen) and capture is not None:
            capture.operator = self.operator
            taken = [capture.take(code.data, code.text, code.symbology, event.source) for code in event.payloads]
            for captured in sorted(taken, key=lambda captured: KINDS.index(captured.kind)):
                self.tell(captured)
        if isinstance(event, Looked) and capture is not None:
            self.try_held(capture)
        self.tell(event)

    def try_held(self, capture: Capture) -> None:
        """Now and then, save what could not be saved before; and see that the database is still at its place."""
        if time.monotonic() - self.tried >= HELD_SECONDS:
            self.tried = time.monotonic()
            if capture.held:
                capture.save_held()
            capture.look_after()

    def save_held(self) -> None:
        """After the last picture: what is still held is saved before the thread ends, however long that takes."""
        while self.capture is not None and self.capture.held and not self.watch.stopping.is_set():
            self.try_held(self.capture)
            self.watch.stopping.wait(HELD_SECONDS / 4)

    def source(self) -> Source:
        """
        The source that the settings name; in a practice without a camera, the demo badges.

        Raises:
            CameraError: it gives no pictures now.
        """
        camera = self.settings.camera
        if self.settings.is_practice and camera.source == "auto":
            try:
                return first_camera(camera.width, camera.height)
            except CameraError as error:
                log.info("%s Demo badges are shown in its place.", error)
                camera = replace(camera, source="demo")
        return open_source(camera, self.demo)

    def demo(self) -> Source:
        """The demo badges."""
        practice, camera = self.settings.practice, self.settings.camera
        return DemoBadges(
            demo_badges(practice.badges),
            practice.seconds_each,
            width=camera.width,
            height=camera.height,
            endless=self.endless,
        )
