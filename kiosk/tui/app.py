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
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.config.load import Settings
from kiosk.scanning.camera_scanner import Scanner
from kiosk.scanning.keystrokes import Context
from kiosk.scanning.usb_scanner import UsbScanner
from kiosk.status import sync_now
from kiosk.status.status import Standing, read_standing
from kiosk.status.wording import plain
from kiosk.tui.booth_driver import BoothDriver
from kiosk.tui.bridge import Relay
from kiosk.tui.db_thread import Desk
from kiosk.tui.keyboard import Keyboard
from kiosk.tui.messages import BadgeTaken, CameraChanged, PictureTaken, StandingRead, ThreadCrashed
from kiosk.tui.screens.failures import SaysFailures
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import QuitScreen
from kiosk.tui.screens.scan import ScanScreen
from kiosk.tui.unsaved_edits import Unsaved, save_unsaved
from kiosk.tui.widgets.alert_line import show_alerts
from kiosk.tui.widgets.card import Card
from kiosk.tui.widgets.viewfinder import PLAIN

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

AFTER_SYNC_SECONDS = 0.3
"""How often it is looked what came of "sync now"."""

HINT_SECONDS = 4.0
"""How long a hint stays that says why a key did nothing."""

IGNORED = (
    "“{text}” did nothing: press one key at a time, such as 4 or n. "
    "If a scanner typed it, set the scanner to press Enter after each badge."
)

LOOK_SECONDS = 1.0
"""How often the screen looks how everything stands."""


class KioskApp(SaysFailures, App[None], inherit_bindings=False):
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

    def __init__(self, settings: Settings, clock: Clock, nudge: Callable[[], None]) -> None:
        super().__init__(driver_class=BoothDriver)
        self._filters = [Greys() if isinstance(found, Monochrome) else found for found in self._filters]
        self.settings = settings
        self.clock = clock
        self.nudge = nudge
        self.desk = Desk(settings.store)
        self.relay = Relay(self.post_message)
        self.scanner = Scanner(settings, clock, nudge, self.relay, endless=True)
        self.usb_scanner = UsbScanner(settings, clock, nudge, self.relay)
        self.keyboard = Keyboard(
            self,
            settings.scanner.key_gap_ms / 1000,
            self.key_context,
            super().on_event,
            lambda text: self.usb_scanner.show(text, self.scanner.operator),
            self.say_ignored,
        )
        self.scan = ScanScreen(settings)
        self.standing: Standing | None = None
        self.hinted: dict[str, float] = {}
        """The last hint, and when it was given."""

    async def on_mount(self) -> None:
        """Begin to scan, and to look how everything stands; what the camera tells needs a screen that is there."""
        await self.push_screen(self.scan)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.end_by_signal)
        self.scanner.start()
        self.usb_scanner.start()
        for sentence in self.scanner.missing:
            self.notify(sentence, severity="warning", timeout=20, markup=False)
        self.set_interval(LOOK_SECONDS, self.look)
        self.call_later(self.look)

    def on_unmount(self) -> None:
        """Let go of the camera and the database."""
        self.scanner.stop()
        self.usb_scanner.stop()
        self.desk.close()

    async def on_event(self, event: Event) -> None:
        """Let no key of a USB scanner reach a screen, and let what is typed and clicked arrive in its order."""
        if isinstance(event, Key | MouseDown | MouseUp) and not event.is_forwarded:
            await self.keyboard.strike(event)
        else:
            await super().on_event(event)

    def key_context(self) -> Context:
        """What keys do on the screen in front."""
        if isinstance(self.focused, Input):
            return Context(in_text=True)
        if self.screen is self.scan:
            return Context(quick="12345" + "".join(self.settings.event.tags), opening="n")
        return Context(quick="12345", opening="/") if isinstance(self.screen, PendingScreen) else Context()

    def say_ignored(self, text: str) -> None:
        """Say that keys were neither commands nor a badge; typed badges of one or two characters need their Enter."""
        self.clear_notifications()
        self.notify(plain(IGNORED.format(text=text[:20])), markup=False)

    @property
    def held(self) -> int:
        """How many badges could not be saved yet."""
        return self.scanner.held + self.usb_scanner.held

    async def ask(self, work: Callable[[Store], Answer]) -> Answer | None:
        """What *work* answers, off the screen's thread; None, and a sentence on the screen, where it cannot be done."""
        try:
            return await self.desk.ask(work)
        except (StoreError, KeyError) as error:
            self.notify(str(error), severity="error", markup=False)
            return None

    def hint(self, sentence: str) -> None:
        """Say why a key did nothing; once, however often it is pressed while that can still be read."""
        if time.monotonic() - self.hinted.get(sentence, -HINT_SECONDS) >= HINT_SECONDS:
            self.hinted = {sentence: time.monotonic()}
            self.notify(sentence, timeout=HINT_SECONDS, markup=False)

    async def look(self) -> None:
        """Read how everything stands, and show it."""
        try:
            self.standing = await self.desk.ask(lambda db: read_standing(db, self.settings, self.clock))
            alerts = await self.desk.ask(lambda db: read_alerts(db, self.settings, self.clock))
        except StoreError as error:
            if self.is_running:
                self.scan.cannot_read(str(error), self.held)
            return
        self.post_message(StandingRead(self.standing, alerts))

    def on_badge_taken(self, message: BadgeTaken) -> None:
        """Show what came of a badge, whatever screen is in front."""
        if not self.is_running:
            return  # the screens are being taken down
        self.scan.badge_taken(message.captured)
        if message.captured.notice:
            self.scan.query_one(Card).sentence = message.captured.notice
        if self.screen is not self.scan:
            captured = message.captured
            self.clear_notifications()
            self.notify(
                plain(f"{captured.headline}: {captured.sentence}"),
                severity="error" if captured.kind == "not saved" else "information",
                markup=False,
            )

    def on_picture_taken(self, message: PictureTaken) -> None:
        """Show the camera's picture."""
        if self.is_running and self.screen is self.scan:
            self.scan.show_picture(message.picture)

    def on_camera_changed(self, message: CameraChanged) -> None:
        """Say how the camera stands."""
        if self.is_running:
            self.scan.camera_changed(message.name, message.trouble)

    def on_standing_read(self, message: StandingRead) -> None:
        """Show how everything stands."""
        if not self.is_running:
            return
        show_alerts(self.screen, message.alerts, message.standing.now)
        self.scan.show_standing(message.standing, self.held)
        if isinstance(self.screen, PendingScreen):
            self.screen.show_standing(message.standing)

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
        before = await self.ask(lambda db: read_standing(db, self.settings, self.clock))
        why_not = await self.ask(lambda db: sync_now.begin(db, self.settings, self.clock))
        if before is None or why_not is None:
            return
        told = why_not or sync_now.came_of(before, before)
        self.notify(plain(told or sync_now.TRIES), markup=False)
        end = time.monotonic() + sync_now.WATCHED_SECONDS
        while not told:
            await asyncio.sleep(AFTER_SYNC_SECONDS)
            now = await self.ask(lambda db: read_standing(db, self.settings, self.clock))
            if now is None:
                return
            told = sync_now.came_of(before, now) or ("" if time.monotonic() < end else sync_now.at_last(now))
            if told:
                self.notify(plain(told), markup=False)

    def action_leave(self) -> None:
        """Ask whether the kiosk is to end."""
        if not isinstance(self.screen, QuitScreen):
            self.push_screen(QuitScreen(self.standing, self.held), self.leave)

    def leave(self, sure: bool | None) -> None:
        """End, if a person is *sure*, and what they typed is saved."""
        if sure and self.has_saved_unsaved():
            self.exit()

    def end_by_signal(self) -> None:
        """End because the system says so: the machine shuts down, or the terminal's window was closed."""
        self.has_saved_unsaved()
        self.exit()

    def has_saved_unsaved(self) -> bool:
        """Save what was typed and not saved yet; False, and a sentence on the screen, where that fails."""
        unsaved = self.unsaved_edits()
        try:
            save_unsaved(self.settings.store, unsaved, self.scanner.operator, self.clock)
        except StoreError as error:
            log.error("What was typed is not saved: %s %s", error, [typed.changes for typed in unsaved])
            self.notify(f"Not closed: what you typed is not saved yet. {error}", severity="error", markup=False)
            return False
        return True

    def unsaved_edits(self) -> list[Unsaved]:
        """What is typed on any screen and not saved yet."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, ScanScreen | LeadScreen)]
        return [typed for screen in screens for typed in screen.unsaved_edits()]

    def _handle_exception(self, error: Exception) -> None:
        """Write a mistake of ours down, save what was typed, and end with status 1."""
        log.critical("The screen crashed.", exc_info=error)
        with suppress(Exception):  # the screens may be the very thing that is broken
            self.has_saved_unsaved()
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End; Textual would also write down the values that were at hand, with people and tokens in them."""
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Keys that would end other programs do nothing here."""


class Greys(Monochrome):
    """Textual's filter for NO_COLOR, which fails on the segments without a style that some of its own widgets make."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """*segments* in greys."""
        return super().apply([Segment(text, style or PLAIN, control) for text, style, control in segments], background)
