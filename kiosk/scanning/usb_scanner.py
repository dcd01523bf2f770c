"""A USB scanner that types: every badge it reads is saved, in a thread of its own."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from camera.text import text_of
from data.clock import Clock
from data.errors import StoreError
from kiosk.badges.keyboard import LayoutMemory
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import wait_for_saving
from kiosk.scanning.capture import HELD, Capture, Captured, Shown, keep_held

log = logging.getLogger(__name__)

HELD_SECONDS = 2.0
"""How often badges that could not be saved are tried again."""


class UsbScanner:
    """Saves what a USB scanner typed, also while there is no camera."""

    def __init__(
        self, settings: Settings, clock: Clock, nudge: Callable[[], None], tell: Callable[[Captured], object]
    ) -> None:
        """*tell* is called in the scanner's thread, with what came of each badge."""
        self.settings = settings
        self.clock = clock
        self.nudge = nudge
        self.tell = tell
        self.layouts = LayoutMemory()
        self.capture: Capture | None = None
        self.typed: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        """What was typed, and who scanned it; None is the end."""
        self.waiting: deque[tuple[str, str]] = deque()
        """What was typed while the database could not be opened."""
        self.failed: list[Shown] = []
        """Badges that could not be saved by a mistake of ours."""
        self.kept_in: Path | None = None
        """The file with what could not be saved before the end."""
        self.thread = threading.Thread(target=self.run, name="usb scanner", daemon=True)

    def start(self) -> None:
        """Begin to save."""
        self.thread.start()

    def stop(self) -> None:
        """End, after what is being saved right now; badges that are held are saved, or in a file."""
        self.typed.put(None)
        wait_for_saving(self.thread, self.capture)
        if self.thread.is_alive() and self.capture is not None:
            self.kept_in = self.capture.kept_in

    def show(self, text: str, operator: str) -> None:
        """Save the badge that was typed as *text*; the screen waits for nothing."""
        self.typed.put((text, operator))

    @property
    def held(self) -> int:
        """How many badges could not be saved yet."""
        return len(self.waiting) + len(self.failed) + (len(self.capture.held) if self.capture else 0)

    def run(self) -> None:
        """Save until the end, and let go of the database then: a connection belongs to its thread."""
        while True:
            try:
                badge = self.typed.get(timeout=HELD_SECONDS)
            except queue.Empty:
                self.save()
                continue
            if badge is None:
                break
            self.waiting.append(badge)
            self.save()
        self.leave()

    def leave(self) -> None:
        """Let go of the database; what could not be saved is in a file for the next start, `kept_in`."""
        if self.capture is not None:
            self.capture.close()
            self.kept_in = self.capture.kept_in
        settings, clock = self.settings, self.clock
        shown = [*self.failed, *(typed_badge(text, operator, clock) for text, operator in self.waiting)]
        if shown:
            with suppress(Exception):  # what they failed of may fail again
                self.kept_in = keep_held(settings.store, shown, settings.event, settings.badges, clock.boot)

    def save(self) -> None:
        """Save what waits, and what is held; a failure of ours is written down, and not the end."""
        try:
            self.save_waiting()
        except StoreError as error:
            self.tell(Captured("not saved", "NOT SAVED", f"{error} {HELD}"))
        except Exception:
            log.exception("what a USB scanner typed could not be saved")

    def save_waiting(self) -> None:
        """
        The same.

        Raises:
            StoreError: the database cannot be opened.
        """
        if self.waiting and self.capture is None:
            self.capture = self.open_capture()
        if self.capture is not None and self.capture.held:
            self.capture.save_held()
        for _ in range(len(self.waiting)):
            if self.capture is not None:
                typed, operator = self.waiting.popleft()
                self.save_one(self.capture, typed, operator)

    def save_one(self, capture: Capture, typed: str, operator: str) -> None:
        """Save one badge; one that fails by a mistake of ours holds up no other, and the screen says so."""
        capture.operator = operator
        try:
            text, notice = self.layouts.read(typed)
            payload = text.encode("utf-8", "replace")
            captured = capture.take(payload, text_of(payload), "typed", "scanner")
        except Exception as error:
            log.exception("what a USB scanner typed could not be saved")
            self.failed.append(typed_badge(typed, operator, self.clock))
            why = f"The kiosk failed on this badge ({type(error).__name__}): please add the visitor by hand."
            captured, notice = Captured("not saved", "NOT SAVED", f"{why} Its log says more."), ""
        self.tell(replace(captured, notice=" ".join(filter(None, (captured.notice, notice)))))

    def open_capture(self) -> Capture:
        """The place where badges become leads."""
        settings = self.settings
        capture = Capture(settings.store, settings.event, settings.badges, self.clock, self.nudge)
        capture.tell_late = self.tell
        return capture


def typed_badge(text: str, operator: str, clock: Clock) -> Shown:
    """What was typed, as a badge that was shown just now."""
    payload = text.encode("utf-8", "replace")
    return Shown(payload, text_of(payload), "typed", "scanner", operator, clock.wall(), clock.mono())
