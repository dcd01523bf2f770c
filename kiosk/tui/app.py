"""The Textual app. Locked down (no command palette, no Ctrl+C) because visitors can reach the keyboard."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from rich.segment import Segment
from textual import work
from textual.binding import Binding
from textual.color import Color
from textual.events import Event, Key, MouseDown, MouseUp
from textual.filter import Monochrome
from textual.widgets import Input

from data.clock import Clock
from data.errors import StoreError
from data.language import N_, _, translate_error
from kiosk.alerts.current import read_alerts
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import CameraScanner
from kiosk.scanning.keystrokes import KeyContext
from kiosk.scanning.scan_result import NOT_SAVED
from kiosk.scanning.usb_scanner import UsbScanner
from kiosk.status import sync_now
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import sanitize_text
from kiosk.tui.booth_app import BADGE_TOPIC, SENDING_TOPIC, BoothApp, StatusView
from kiosk.tui.bridge import ScannerBridge
from kiosk.tui.keyboard import KeyboardFilter
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady, StatusUpdated, ThreadCrashed
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import QuitScreen
from kiosk.tui.screens.scan import ScanScreen
from kiosk.tui.unsaved_edits import UnsavedEdit, save_unsaved_edits
from kiosk.tui.widgets.alert_line import show_alerts
from kiosk.tui.widgets.viewfinder import PLAIN_STYLE

log = logging.getLogger(__name__)

# Poll interval for the result of "sync now".
_SYNC_POLL_SECONDS = 0.3

# How long the result of "sync now" is shown: long enough to be read while visitors keep coming.
_SYNC_RESULT_SECONDS = 10.0

_IGNORED_KEYS_SENTENCE = N_(
    "“{text}” did nothing: press one key at a time, such as 4 or n. "
    "If a scanner typed it, set the scanner to press Enter after each badge."
)

# Poll interval for the kiosk status.
STATUS_POLL_SECONDS = 1.0


class KioskApp(BoothApp, inherit_bindings=False):
    """The kiosk's app: it owns the scanners, the keyboard filter and the screens."""

    CSS_PATH = "kiosk.tcss"
    TITLE = N_("Booth kiosk")
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS = [
        Binding("f1", "help", N_("Help"), key_display="F1"),
        Binding("f2", "pending", N_("Pending"), key_display="F2"),
        Binding("f5", "sync_now", N_("Sync now"), key_display="F5"),
        Binding("f10", "leave", N_("Close"), key_display="F10"),
        Binding("ctrl+c,ctrl+q", "nothing", show=False, priority=True),
    ]

    def __init__(self, settings: Settings, clock: Clock, wake_worker: Callable[[], None]) -> None:
        super().__init__(settings, clock, wake_worker)
        self._filters = [_GreyscaleFilter() if isinstance(found, Monochrome) else found for found in self._filters]
        self.bridge = ScannerBridge(self.post_message)
        self.camera_scanner = CameraScanner(settings, clock, wake_worker, self.bridge, endless=True)
        self.usb_scanner = UsbScanner(settings, clock, wake_worker, self.bridge)
        self.keyboard = KeyboardFilter(
            self,
            settings.scanner,
            self.get_key_context,
            super().on_event,
            lambda text: self.usb_scanner.add_badge(text, self.operator),
            self.show_ignored_keys,
        )
        self.scan_screen = ScanScreen(settings)

    async def on_mount(self) -> None:
        """Show the scan screen, then start the scanners and read the status regularly."""
        # The scanners start second, because their messages need a screen.
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
        """Release the camera and the database."""
        self.camera_scanner.stop()
        self.usb_scanner.stop()
        self.database.close()

    async def on_event(self, event: Event) -> None:
        """Send keys and clicks through the keyboard filter, so that what a scanner types reaches no screen."""
        # Clicks go through it, too: they must not overtake keys that are still held back.
        if isinstance(event, Key | MouseDown | MouseUp) and not event.is_forwarded:
            await self.keyboard.handle_input(event)
        else:
            await super().on_event(event)

    def get_key_context(self) -> KeyContext:
        """Return which keys are commands on the current screen."""
        if isinstance(self.focused, Input):
            return KeyContext(is_text_field=True)
        if self.screen is self.scan_screen:
            return KeyContext(quick_keys="12345" + "".join(self.settings.event.tags), text_opening_keys="n")
        if isinstance(self.screen, PendingScreen):
            return KeyContext(quick_keys="12345", text_opening_keys="/")
        return KeyContext()

    def show_ignored_keys(self, text: str) -> None:
        """Say that *text* was typed too fast for commands and is not a badge."""
        sentence = _(_IGNORED_KEYS_SENTENCE).format(text=text[:20])
        self.replace_notification("ignored keys", sanitize_text(sentence))  # not shown: the topic

    @property
    def operator(self) -> str:
        """Who is scanning."""
        return self.camera_scanner.operator

    @operator.setter
    def operator(self, name: str) -> None:
        self.camera_scanner.operator = name

    @property
    def has_undecided_keys(self) -> bool:
        """Whether keys are held back because a scanner may have typed them."""
        return self.keyboard.is_undecided

    def set_picture_size(self, width: int, height: int) -> None:
        """Set the size in pixels of the camera images to show; 0 x 0 while none are visible."""
        self.bridge.picture_size = (width, height)

    @property
    def held_count(self) -> int:
        """The number of badges that could not be saved yet."""
        return self.camera_scanner.held_count + self.usb_scanner.held_count

    async def refresh_status(self) -> None:
        """Read the kiosk status and the alerts, and show them."""
        try:
            status = await self.database.run(lambda db: read_kiosk_status(db, self.settings, self.clock))
            alerts = await self.database.run(lambda db: read_alerts(db, self.settings, self.clock))
        except StoreError as error:
            if self.is_running:
                self.scan_screen.show_read_error(str(error), self.held_count)
                self._show_status_in_front(None)
            return
        self.status = status
        self.post_message(StatusUpdated(status, alerts))

    # Messages still arrive while the app is closing its screens, so the handlers below check that it is running.

    def on_badge_scanned(self, message: BadgeScanned) -> None:
        """Show the result of a badge, whatever screen is in front."""
        if not self.is_running:
            return
        result = message.result
        self.scan_screen.show_result(result)
        if self.screen is not self.scan_screen:
            self.replace_notification(
                BADGE_TOPIC,
                sanitize_text(f"{result.headline}: {result.sentence}"),
                severity="error" if result.kind == NOT_SAVED else "information",
            )

    def on_picture_ready(self, message: PictureReady) -> None:
        """Show the camera's image."""
        if self.is_running and self.screen is self.scan_screen:
            self.scan_screen.show_picture(message.picture)

    def on_camera_changed(self, message: CameraChanged) -> None:
        """Show the state of the camera."""
        if self.is_running:
            self.scan_screen.show_camera_state(message.name, message.problem)

    def on_status_updated(self, message: StatusUpdated) -> None:
        """Show the kiosk status and the alerts."""
        if not self.is_running:
            return
        show_alerts(self.screen, message.alerts, message.status.now)
        self.scan_screen.show_status(message.status, self.held_count)
        self._show_status_in_front(message.status)

    def _show_status_in_front(self, status: KioskStatus | None) -> None:
        """Show *status*, None if it cannot be read, on the screen that covers the scan screen, if one does."""
        if isinstance(self.screen, StatusView) and not isinstance(self.screen, ScanScreen):
            self.screen.show_status(status, self.held_count)

    def on_thread_crashed(self, message: ThreadCrashed) -> None:
        """End the app as if it had crashed itself."""
        raise RuntimeError("a thread crashed") from message.error

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide F2 while the pending list is open."""
        return action != "pending" or not any(isinstance(screen, PendingScreen) for screen in self.screen_stack)

    def action_pending(self) -> None:
        """Open the pending list."""
        self.push_screen(PendingScreen())

    def action_help(self) -> None:
        """Open the help."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.settings.event.tags))

    @work(exclusive=True, group="sync now", exit_on_error=False)  # not shown: the worker's group
    async def action_sync_now(self) -> None:
        """Have the worker try now, whatever the gate says, and report the result."""
        before = await self.run_in_database(lambda db: read_kiosk_status(db, self.settings, self.clock))
        why_not = await self.run_in_database(lambda db: sync_now.request_sync(db, self.settings, self.clock))
        if before is None or why_not is None:
            return
        result = why_not or sync_now.describe_result(before, before)
        self._notify_of_sync(result or _(sync_now.TRYING_SENTENCE))
        end = time.monotonic() + sync_now.WATCH_SECONDS
        while not result:
            await asyncio.sleep(_SYNC_POLL_SECONDS)
            now = await self.run_in_database(lambda db: read_kiosk_status(db, self.settings, self.clock))
            if now is None:
                return
            result = sync_now.describe_result(before, now)
            if not result and time.monotonic() >= end:
                result = sync_now.describe_timeout(now)
            if result:
                self._notify_of_sync(result)

    def _notify_of_sync(self, sentence: str) -> None:
        """Show a sentence about "sync now" for as long as it takes to read."""
        self.replace_notification(SENDING_TOPIC, sanitize_text(sentence), timeout=_SYNC_RESULT_SECONDS)

    def action_leave(self) -> None:
        """Ask whether to close the kiosk."""
        if not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(self.status, self.held_count), self.close_if_confirmed)

    def close_if_confirmed(self, is_confirmed: bool | None) -> None:
        """Close the kiosk if a person has confirmed it and everything typed is saved."""
        if is_confirmed and self.save_typed_edits():
            self.exit()

    def close_on_signal(self) -> None:
        """Close because the machine shuts down, or because the terminal's window was closed."""
        self.save_typed_edits()
        self.exit()

    def save_typed_edits(self) -> bool:
        """Save what was typed and not saved yet; if that fails, say so on the screen and return False."""
        unsaved = self.collect_unsaved_edits()
        try:
            save_unsaved_edits(self.settings.database_file, unsaved, self.operator, self.clock)
        except StoreError as error:
            log.error("What was typed is not saved: %s %s", error, [edit.changes for edit in unsaved])
            sentence = _("Not closed: what you typed is not saved yet. {error}").format(error=error)
            self.notify(sentence, severity="error", markup=False)
            return False
        return True

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """Return what is typed on any screen and not saved yet."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, ScanScreen | LeadScreen)]
        return [edit for screen in screens for edit in screen.collect_unsaved_edits()]

    def _handle_exception(self, error: Exception) -> None:
        """Log a bug of ours, save what was typed, and end with status 1."""
        log.critical("The screen crashed.", exc_info=error)
        with suppress(Exception):  # the screens may be what is broken
            self.save_typed_edits()
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Close without Textual's traceback, which shows local variables, and so personal data and tokens."""
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Do nothing, for keys that would end other programs."""


class _GreyscaleFilter(Monochrome):
    """Textual's filter for NO_COLOR, which otherwise fails on segments without a style."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return *segments* in greys."""
        # Some of Textual's own widgets make segments without a style.
        styled = [Segment(text, style or PLAIN_STYLE, control) for text, style, control in segments]
        return super().apply(styled, background)
