"""Keys on their way to a screen: those of a USB scanner never arrive there, for they are a badge."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event, Key
from textual.timer import Timer

from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import Decisions, IgnoredKeys, KeyContext, KeystrokeClassifier, TypedBadge
from kiosk.tui.booth_driver import BoothDriver

_HARMLESS_KEYS = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete"}
    | {"shift+up", "shift+down", "shift+left", "shift+right", "shift+home", "shift+end", "ctrl+left", "ctrl+right"}
)
"""Keys that only move about or take back what was typed."""


class KeyboardFilter:
    """Holds keys and clicks back until it is known whose they are."""

    def __init__(
        self,
        app: App[Any],
        key_gap_seconds: float,
        get_context: Callable[[], KeyContext],
        pass_on: Callable[[Event], Awaitable[None]],
        on_badge: Callable[[str], None],
        on_ignored: Callable[[str], None],
    ) -> None:
        """*pass_on* gets what a person typed, *scanned* each badge, *on_ignored* keys that are neither for sure."""
        self.app = app
        self.get_context = get_context
        self.pass_on = pass_on
        self.on_badge = on_badge
        self.on_ignored = on_ignored
        self.classifier: KeystrokeClassifier[Event] = KeystrokeClassifier(key_gap_seconds)
        self.silence_timer: Timer | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether keys are held back at this moment."""
        return self.classifier.is_undecided

    async def handle_input(self, event: Event) -> None:
        """Take one key or click."""
        self.classifier.context = self.get_context()
        driver = self.app._driver
        late_by = driver.get_lateness(event.time) if isinstance(driver, BoothDriver) else 0.0
        await self._deliver_decisions(self.classifier.add_keystroke(_make_keystroke(event, late_by)))

    async def decide_now(self) -> None:
        """Decide about the keys that are held: nothing more came."""
        self.classifier.context = self.get_context()
        await self._deliver_decisions(self.classifier.decide_after_silence())

    async def _handle_silence(self) -> None:
        """Nothing came for as long as a scanner may take, unless the terminal has something that was not read yet."""
        driver = self.app._driver
        if isinstance(driver, BoothDriver) and driver.has_unread_input:
            self._restart_silence_timer()
        else:
            await self.decide_now()

    def _restart_silence_timer(self) -> None:
        """Decide after a silence."""
        if self.silence_timer is not None:
            self.silence_timer.stop()
        patience = self.classifier.wait_seconds
        self.silence_timer = self.app.set_timer(patience, self._handle_silence) if patience else None

    async def _deliver_decisions(self, decided: Decisions[Event]) -> None:
        """Pass on what is known."""
        self._restart_silence_timer()
        for one in decided:
            if isinstance(one, TypedBadge):
                self.on_badge(one.text)
            elif isinstance(one, IgnoredKeys):
                self.on_ignored(one.text)
            else:
                await self.pass_on(one.event)


def _make_keystroke(event: Event, late_by: float) -> Keystroke[Event]:
    """The keystroke or click that *event* tells of."""
    if not isinstance(event, Key):
        return Keystroke("", event.time, event, is_click=True, late_seconds=late_by)
    return Keystroke(
        _get_typed_text(event), event.time, event, is_harmless=event.key in _HARMLESS_KEYS, late_seconds=late_by
    )


def _get_typed_text(event: Key) -> str:
    """What a key types, as a badge would have it: Enter is a carriage return, Ctrl+B the control character STX."""
    named = {"enter": "\r", "tab": "\t", "escape": "\x1b"}.get(event.key)
    if named or event.key in _HARMLESS_KEYS:
        return named or ""
    if event.character is None and event.key.startswith("ctrl+") and len(event.key) == 6:
        return chr(ord(event.key[5]) & 0x1F)  # keyboards that tell keys by name
    return event.character or ""
