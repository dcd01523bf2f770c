"""The filter that all keys pass on their way to a screen: it takes out what a USB scanner types."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event, Key
from textual.timer import Timer

from kiosk.config.tables import ScannerSettings
from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import Decisions, IgnoredKeys, KeyContext, KeystrokeClassifier, TypedBadge
from kiosk.scanning.scanner_habits import ScannerHabits
from kiosk.tui.booth_driver import BoothDriver
from kiosk.tui.one_shot_timer import start_timer

# Keys that only move the cursor or delete what was typed.
_HARMLESS_KEYS = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete"}
    | {"shift+up", "shift+down", "shift+left", "shift+right", "shift+home", "shift+end", "ctrl+left", "ctrl+right"}
)


class KeyboardFilter:
    """Holds keys and clicks back until it is clear whether a scanner or a person made them."""

    def __init__(
        self,
        app: App[Any],
        settings: ScannerSettings,
        get_context: Callable[[], KeyContext],
        pass_on: Callable[[Event], Awaitable[None]],
        on_badge: Callable[[str], None],
        on_ignored: Callable[[str], None],
    ) -> None:
        """
        Start with nothing held back.

        *get_context* says what keys do now. *pass_on* gets the events of a person, *on_badge* the text of each badge,
        and *on_ignored* the text of keys that are neither commands nor certainly a badge.
        """
        self.app = app
        self.get_context = get_context
        self.pass_on = pass_on
        self.on_badge = on_badge
        self.on_ignored = on_ignored
        self.classifier: KeystrokeClassifier[Event] = KeystrokeClassifier(
            settings.key_gap_ms / 1000, ScannerHabits(settings.prefix, settings.suffix)
        )
        self.silence_timer: Timer | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether keys are being held back."""
        return self.classifier.is_undecided

    async def handle_input(self, event: Event) -> None:
        """Add one key or click, and deliver what it decides."""
        self.classifier.context = self.get_context()
        driver = self.app._driver
        late_by = driver.get_lateness(event.time) if isinstance(driver, BoothDriver) else 0.0
        await self._deliver_decisions(self.classifier.add_keystroke(_make_keystroke(event, late_by)))

    async def decide_now(self) -> None:
        """Decide about the keys held back, as nothing more has come."""
        self.classifier.context = self.get_context()
        await self._deliver_decisions(self.classifier.decide_after_silence())

    async def _handle_silence(self) -> None:
        """Decide after a silence, unless the terminal has sent keys that a busy machine has not read yet."""
        driver = self.app._driver
        if isinstance(driver, BoothDriver) and driver.has_unread_input:
            self._restart_silence_timer()
        else:
            await self.decide_now()

    def _restart_silence_timer(self) -> None:
        """Start the timer that decides after a silence, if anything is held back."""
        if self.silence_timer is not None:
            self.silence_timer.stop()
        seconds = self.classifier.wait_seconds
        self.silence_timer = start_timer(self.app, seconds, self._handle_silence) if seconds else None

    async def _deliver_decisions(self, decisions: Decisions[Event]) -> None:
        """Pass on badges, ignored keys and a person's events to those who want them."""
        self._restart_silence_timer()
        for decision in decisions:
            if isinstance(decision, TypedBadge):
                self.on_badge(decision.text)
            elif isinstance(decision, IgnoredKeys):
                self.on_ignored(decision.text)
            else:
                await self.pass_on(decision.event)


def _make_keystroke(event: Event, late_by: float) -> Keystroke[Event]:
    """Build the keystroke for a key or a click."""
    if not isinstance(event, Key):
        return Keystroke("", event.time, event, is_click=True, late_seconds=late_by)
    return Keystroke(
        _get_typed_text(event), event.time, event, is_harmless=event.key in _HARMLESS_KEYS, late_seconds=late_by
    )


def _get_typed_text(event: Key) -> str:
    """Return what a key adds to a badge: Enter a carriage return, Ctrl+B the control character STX."""
    named = {"enter": "\r", "tab": "\t", "escape": "\x1b"}.get(event.key)
    if named or event.key in _HARMLESS_KEYS:
        return named or ""
    if event.character is None and event.key.startswith("ctrl+") and len(event.key) == 6:
        # Some terminals report Ctrl+letter by name, without the control character.
        return chr(ord(event.key[5]) & 0x1F)
    return event.character or ""
