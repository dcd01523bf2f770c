"""The USB scanner: saves the badges that it typed, in a thread of its own."""

import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from camera.text import decode_text
from data import attendees
from data.clock import Clock
from data.errors import StoreError
from data.language import _
from kiosk.badges.layout_memory import LayoutMemory
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import wait_for_saving
from kiosk.scanning.capture import Capture, ShownBadge, write_held_badges
from kiosk.scanning.computer_layout import expect_layouts
from kiosk.scanning.scan_result import ScanResult, build_held_result, build_unsaved_result

log = logging.getLogger(__name__)

# Interval between attempts to save held badges.
_HELD_RETRY_SECONDS = 2.0


class UsbScanner:
    """Saves what a USB scanner typed, whether or not there is a camera."""

    def __init__(
        self, settings: Settings, clock: Clock, wake_worker: Callable[[], None], report: Callable[[ScanResult], object]
    ) -> None:
        """Prepare the thread; *report* is called in it with the result of each badge."""
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        self.report = report
        self.layouts = LayoutMemory(settings.badges, settings.scanner.layouts, expect_layouts())
        self.capture: Capture | None = None
        self.typed_badges: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        """Pairs of text and operator from the screen's thread; None stops this one."""
        self.waiting_badges: deque[tuple[str, str]] = deque()
        """Pairs of text and operator that wait for the database to be opened."""
        self.failed_badges: list[ShownBadge] = []
        """Badges that could not be saved because of a bug in the kiosk."""
        self.held_file: Path | None = None
        """The file with the badges that could not be saved before the end; None if there is none."""
        self.thread = threading.Thread(target=self.run, name="usb scanner", daemon=True)  # not shown: the thread's name

    def start(self) -> None:
        """Start to save badges."""
        self.thread.start()

    def stop(self) -> None:
        """Stop after the badge that is being saved; held badges are saved, or written to a file."""
        self.typed_badges.put(None)
        wait_for_saving(self.thread, self.capture)
        if self.thread.is_alive() and self.capture is not None:
            self.held_file = self.capture.held_file

    def add_badge(self, text: str, operator: str) -> None:
        """Queue the badge that was typed as *text*; returns at once, so that the screen never waits."""
        self.typed_badges.put((text, operator))

    @property
    def held_count(self) -> int:
        """The number of badges that could not be saved yet."""
        return (
            len(self.waiting_badges) + len(self.failed_badges) + (len(self.capture.held_badges) if self.capture else 0)
        )

    def run(self) -> None:
        """Save until stopped, then close the database in this thread, which SQLite requires."""
        self._check_database()
        while True:
            # The time-out is for badges that are held: they are tried again even if nothing more is typed.
            try:
                badge = self.typed_badges.get(timeout=_HELD_RETRY_SECONDS)
            except queue.Empty:
                self._save_all()
                self._check_database()
                continue
            if badge is None:
                break
            self.waiting_badges.append(badge)
            self._save_all()
        self._close_database()

    def _close_database(self) -> None:
        """Close the database; badges that could not be saved are in `held_file` for the next start."""
        if self.capture is not None:
            self.capture.close()
            self.held_file = self.capture.held_file
        settings, clock = self.settings, self.clock
        shown = [
            *self.failed_badges,
            *(_build_shown_badge(text, operator, clock) for text, operator in self.waiting_badges),
        ]
        if shown:
            with suppress(Exception):  # the bug that they failed on may be hit again
                self.held_file = write_held_badges(
                    settings.database_file, shown, settings.event, settings.badges, clock.boot_id
                )

    def _save_all(self) -> None:
        """Save waiting and held badges; errors are reported or logged, so that the thread never ends by one."""
        try:
            self._save_waiting()
        except StoreError as error:
            self.report(build_held_result(str(error)))
        except Exception:
            log.exception("A badge from a USB scanner could not be saved.")

    def _check_database(self) -> None:
        """Without a camera, whose thread would do it: check the database files, and recover leads that were lost."""
        if not self.settings.camera.is_none:
            return
        try:
            self.capture = self.capture or self._open_capture()
            self.capture.check_database()
        except StoreError:
            pass  # the status line says so, and so does the result of the next badge
        except Exception:
            log.exception("The database could not be checked.")

    def _save_waiting(self) -> None:
        """
        Save waiting and held badges.

        Raises:
            StoreError: the database cannot be opened.
        """
        if self.waiting_badges and self.capture is None:
            self.capture = self._open_capture()
        if self.capture is not None and self.capture.held_badges:
            self.capture.save_held_badges()
        while self.waiting_badges and self.capture is not None:
            typed, operator = self.waiting_badges.popleft()
            self._save_one(self.capture, typed, operator)

    def _save_one(self, capture: Capture, typed: str, operator: str) -> None:
        """Save one badge; if it hits a bug in the kiosk, the screen says so and the next badge is saved."""
        capture.operator = operator
        try:
            text, notice = self.layouts.repair_scan(typed, _AttendeeList(capture))
            payload = text.encode("utf-8", "replace")
            result = capture.save_payload(payload, decode_text(payload), "typed", "scanner")
        except Exception as error:
            log.exception("A badge from a USB scanner could not be saved.")
            self.failed_badges.append(_build_shown_badge(typed, operator, self.clock))
            reason = _(
                "The kiosk failed on this badge ({error}). Please add the visitor by hand. Details are in its log."
            )
            result, notice = build_unsaved_result(reason.format(error=type(error).__name__)), ""
        self.report(replace(result, notice=" ".join(filter(None, (result.notice, notice)))))

    def _open_capture(self) -> Capture:
        """Open the database in the scanner's thread."""
        settings = self.settings
        capture = Capture(settings.database_file, settings.event, settings.badges, self.clock, self.wake_worker)
        capture.report_late = self.report
        return capture


class _AttendeeList:
    """The attendee list, for repairs of IDs; while it cannot be read, it is empty."""

    def __init__(self, capture: Capture) -> None:
        self.db = capture.db
        self.event = capture.event.name

    def has_id(self, badge_id: str) -> bool:
        """Return whether *badge_id* is on the list."""
        try:
            return attendees.find_contact(self.db, self.event, badge_id) is not None
        except (sqlite3.Error, StoreError):
            return False

    def count_with_prefix(self, prefix: str) -> int:
        """Return how many IDs on the list begin with *prefix*."""
        try:
            return attendees.count_ids_with_prefix(self.db, self.event, prefix)
        except (sqlite3.Error, StoreError):
            return 0


def _build_shown_badge(text: str, operator: str, clock: Clock) -> ShownBadge:
    """Build the badge for *text* that a scanner has just typed."""
    payload = text.encode("utf-8", "replace")
    return ShownBadge(
        payload, decode_text(payload), "typed", "scanner", operator, clock.wall_time(), clock.seconds_since_boot()
    )
