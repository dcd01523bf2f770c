"""The Textual app: its parts, its first screen, its keys; locked down, for it stands where everybody can reach it."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from rich.segment import Segment
from textual import work
from textual.app import App
from textual.binding import Binding
from textual.color import Color
from textual.events import Event, Key, MouseDown, MouseUp
from textual.filter import Monochrome
from textual.widgets import Input

from data.clock import Clock
from data.errors import StoreError
from data.language import translate_error
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import CameraScanner
from kiosk.scanning.keystrokes import KeyContext
from kiosk.scanning.usb_scanner import UsbScanner
from kiosk.status import sync_now
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import sanitize_text
from kiosk.tui.booth_driver import BoothDriver
from kiosk.tui.bridge import ScannerBridge
from kiosk.tui.db_thread import DatabaseThread
from kiosk.tui.keyboard import KeyboardFilter
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady, StatusUpdated, ThreadCrashed
from kiosk.tui.screens.failures import FailureReporter
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import QuitScreen
from kiosk.tui.screens.scan import ScanScreen
from kiosk.tui.unsaved_edits import UnsavedEdit, save_unsaved_edits
from kiosk.tui.widgets.alert_line import show_alerts
from kiosk.tui.widgets.viewfinder import PLAIN_STYLE
from kiosk.tui.widgets.visitor_card import VisitorCard

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_SYNC_POLL_SECONDS = 0.3
"""How often it is looked what came of "sync now"."""

_HINT_SECONDS = 4.0
"""How long a hint stays that says why a key did nothing."""

_IGNORED_KEYS_SENTENCE = (
    "“{text}” did nothing: press one key at a time, such as 4 or n. "
    "If a scanner typed it, set the scanner to press Enter after each badge."
)

STATUS_POLL_SECONDS = 1.0
"""How often the screen looks how everything stands."""


class KioskApp(FailureReporter, App[None], inherit_bindings=False):
    """Scan, rate, review, sync now."""

    CSS_PATH = "kiosk.tcss"
    TITLE = "Booth kiosk"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS = [
        Binding("f1", "help", "Help", key_display="F1"),
        Binding("f2", "pending", "Pending", key_display="F2"),
        Binding("f5", "sync_now", "Sync now", key_display="F5"),
        Binding("f10", "leave", "Quit", key_display="F10"),
        Binding("ctrl+c,ctrl+q", "nothing", show=False, priority=True),
    ]

    def __init__(self, settings: Settings, clock: Clock, wake_worker: Callable[[], None]) -> None:
        super().__init__(driver_class=BoothDriver)
        self._filters = [GreyscaleFilter() if isinstance(found, Monochrome) else found for found in self._filters]
        self.settings = settings
        self.clock = clock
        self.wake_worker = wake_worker
        self.database = DatabaseThread(settings.database_file)
        self.bridge = ScannerBridge(self.post_message)
        self.camera_scanner = CameraScanner(settings, clock, wake_worker, self.bridge, endless=True)
        self.usb_scanner = UsbScanner(settings, clock, wake_worker, self.bridge)
        self.keyboard = KeyboardFilter(
            self,
            settings.scanner.key_gap_ms / 1000,
            self.get_key_context,
            super().on_event,
            lambda text: self.usb_scanner.add_badge(text, self.camera_scanner.operator),
            self.show_ignored_keys,
        )
        self.scan_screen = ScanScreen(settings)
        self.status: KioskStatus | None = None
        self.shown_hints: dict[str, float] = {}
        """The last hint, and when it was given."""

    async def on_mount(self) -> None:
        """Begin to scan, and to look how everything stands; what the camera tells needs a screen that is there."""
        await self.push_screen(self.scan_screen)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.close_on_signal)
        self.camera_scanner.start()
        self.usb_scanner.start()
        for error in self.camera_scanner.missing_decoders:
            self.notify(translate_error(error), severity="warning", timeout=20, markup=False)
        self.set_interval(STATUS_POLL_SECONDS, self.refresh_status)
        self.call_later(self.refresh_status)

    def on_unmount(self) -> None:
        """Let go of the camera and the database."""
        self.camera_scanner.stop()
        self.usb_scanner.stop()
        self.database.close()

    async def on_event(self, event: Event) -> None:
        """Let no key of a USB scanner reach a screen, and let what is typed and clicked arrive in its order."""
        if isinstance(event, Key | MouseDown | MouseUp) and not event.is_forwarded:
            await self.keyboard.handle_input(event)
        else:
            await super().on_event(event)

    def get_key_context(self) -> KeyContext:
        """What keys do on the screen in front."""
        if isinstance(self.focused, Input):
            return KeyContext(is_text_field=True)
        if self.screen is self.scan_screen:
            return KeyContext(quick_keys="12345" + "".join(self.settings.event.tags), text_opening_keys="n")
        return (
            KeyContext(quick_keys="12345", text_opening_keys="/")
            if isinstance(self.screen, PendingScreen)
            else KeyContext()
        )

    def show_ignored_keys(self, text: str) -> None:
        """Say that keys were neither commands nor a badge; typed badges of one or two characters need their Enter."""
        self.clear_notifications()
        self.notify(sanitize_text(_IGNORED_KEYS_SENTENCE.format(text=text[:20])), markup=False)

    @property
    def held_count(self) -> int:
        """How many badges could not be saved yet."""
        return self.camera_scanner.held_count + self.usb_scanner.held_count

    async def run_in_database(self, work: Callable[[Store], Answer]) -> Answer | None:
        """What *work* answers, off the screen's thread; None, and a sentence on the screen, where it cannot be done."""
        try:
            return await self.database.run(work)
        except (StoreError, KeyError) as error:
            self.notify(str(error), severity="error", markup=False)
            return None

    def show_hint(self, sentence: str) -> None:
        """Say why a key did nothing; once, however often it is pressed while that can still be read."""
        if time.monotonic() - self.shown_hints.get(sentence, -_HINT_SECONDS) >= _HINT_SECONDS:
            self.shown_hints = {sentence: time.monotonic()}
            self.notify(sentence, timeout=_HINT_SECONDS, markup=False)

    async def refresh_status(self) -> None:
        """Read how everything stands, and show it."""
        try:
            self.status = await self.database.run(lambda db: read_kiosk_status(db, self.settings, self.clock))
            alerts = await self.database.run(lambda db: read_alerts(db, self.settings, self.clock))
        except StoreError as error:
            if self.is_running:
                self.scan_screen.show_read_error(str(error), self.held_count)
            return
        self.post_message(StatusUpdated(self.status, alerts))

    def on_badge_scanned(self, message: BadgeScanned) -> None:
        """Show what came of a badge, whatever screen is in front."""
        if not self.is_running:
            return  # the screens are being taken down
        self.scan_screen.show_result(message.result)
        if message.result.notice:
            self.scan_screen.query_one(VisitorCard).sentence = message.result.notice
        if self.screen is not self.scan_screen:
            captured = message.result
            self.clear_notifications()
            self.notify(
                sanitize_text(f"{captured.headline}: {captured.sentence}"),
                severity="error" if captured.kind == "not saved" else "information",
                markup=False,
            )

    def on_picture_ready(self, message: PictureReady) -> None:
        """Show the camera's picture."""
        if self.is_running and self.screen is self.scan_screen:
            self.scan_screen.show_picture(message.picture)

    def on_camera_changed(self, message: CameraChanged) -> None:
        """Say how the camera stands."""
        if self.is_running:
            self.scan_screen.show_camera_state(message.name, message.problem)

    def on_status_updated(self, message: StatusUpdated) -> None:
        """Show how everything stands."""
        if not self.is_running:
            return
        show_alerts(self.screen, message.alerts, message.status.now)
        self.scan_screen.show_status(message.status, self.held_count)
        if isinstance(self.screen, PendingScreen):
            self.screen.show_status(message.status)

    def on_thread_crashed(self, message: ThreadCrashed) -> None:
        """End as after any other crash."""
        raise RuntimeError("a thread crashed") from message.error

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the pending list is open there is nothing to open."""
        return action != "pending" or not any(isinstance(screen, PendingScreen) for screen in self.screen_stack)

    def action_pending(self) -> None:
        """Open the pending list."""
        self.push_screen(PendingScreen())

    def action_help(self) -> None:
        """Open the help."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.settings.event.tags))

    @work(exclusive=True, group="sync now", exit_on_error=False)
    async def action_sync_now(self) -> None:
        """Have the worker try at once, whatever the gate says, and tell what comes of it."""
        before = await self.run_in_database(lambda db: read_kiosk_status(db, self.settings, self.clock))
        why_not = await self.run_in_database(lambda db: sync_now.request_sync(db, self.settings, self.clock))
        if before is None or why_not is None:
            return
        told = why_not or sync_now.describe_result(before, before)
        self.notify(sanitize_text(told or sync_now.TRYING_SENTENCE), markup=False)
        end = time.monotonic() + sync_now.WATCH_SECONDS
        while not told:
            await asyncio.sleep(_SYNC_POLL_SECONDS)
            now = await self.run_in_database(lambda db: read_kiosk_status(db, self.settings, self.clock))
            if now is None:
                return
            told = sync_now.describe_result(before, now) or (
                "" if time.monotonic() < end else sync_now.describe_timeout(now)
            )
            if told:
                self.notify(sanitize_text(told), markup=False)

    def action_leave(self) -> None:
        """Ask whether the kiosk is to end."""
        if not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(self.status, self.held_count), self.close_if_confirmed)

    def close_if_confirmed(self, is_confirmed: bool | None) -> None:
        """End, if a person is *is_confirmed*, and what they typed is saved."""
        if is_confirmed and self.save_typed_edits():
            self.exit()

    def close_on_signal(self) -> None:
        """End because the system says so: the machine shuts down, or the terminal's window was closed."""
        self.save_typed_edits()
        self.exit()

    def save_typed_edits(self) -> bool:
        """Save what was typed and not saved yet; False, and a sentence on the screen, where that fails."""
        unsaved = self.collect_unsaved_edits()
        try:
            save_unsaved_edits(self.settings.database_file, unsaved, self.camera_scanner.operator, self.clock)
        except StoreError as error:
            log.error("What was typed is not saved: %s %s", error, [typed.changes for typed in unsaved])
            self.notify(f"Not closed: what you typed is not saved yet. {error}", severity="error", markup=False)
            return False
        return True

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """What is typed on any screen and not saved yet."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, ScanScreen | LeadScreen)]
        return [typed for screen in screens for typed in screen.collect_unsaved_edits()]

    def _handle_exception(self, error: Exception) -> None:
        """Write a mistake of ours down, save what was typed, and end with status 1."""
        log.critical("The screen crashed.", exc_info=error)
        with suppress(Exception):  # the screens may be the very thing that is broken
            self.save_typed_edits()
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End; Textual would also write down the values that were at hand, with people and tokens in them."""
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Keys that would end other programs do nothing here."""


class GreyscaleFilter(Monochrome):
    """Textual's filter for NO_COLOR, which fails on the segments without a style that some of its own widgets make."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """*segments* in greys."""
        return super().apply(
            [Segment(text, style or PLAIN_STYLE, control) for text, style, control in segments], background
        )
