"""Keys on their way to a screen: those of a USB scanner never arrive there, for they are a badge."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Event, Key
from textual.timer import Timer

from kiosk.scanning.bursts import Stroke
from kiosk.scanning.keystrokes import Context, Decided, Ignored, Keystrokes, Scanned
from kiosk.tui.booth_driver import BoothDriver

HARMLESS = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete"}
    | {"shift+up", "shift+down", "shift+left", "shift+right", "shift+home", "shift+end", "ctrl+left", "ctrl+right"}
)
"""Keys that only move about or take back what was typed."""


class Keyboard:
    """Holds keys and clicks back until it is known whose they are."""

    def __init__(
        self,
        app: App[Any],
        key_gap: float,
        context: Callable[[], Context],
        pass_on: Callable[[Event], Awaitable[None]],
        scanned: Callable[[str], None],
        ignored: Callable[[str], None],
    ) -> None:
        """*pass_on* gets what a person typed, *scanned* each badge, *ignored* keys that are neither for sure."""
        self.app = app
        self.context = context
        self.pass_on = pass_on
        self.scanned = scanned
        self.ignored = ignored
        self.keystrokes: Keystrokes[Event] = Keystrokes(key_gap)
        self.silence: Timer | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether keys are held back at this moment."""
        return self.keystrokes.is_undecided

    async def strike(self, event: Event) -> None:
        """Take one key or click."""
        self.keystrokes.context = self.context()
        driver = self.app._driver
        late_by = driver.late_by(event.time) if isinstance(driver, BoothDriver) else 0.0
        await self._tell(self.keystrokes.strike(_stroke_of(event, late_by)))

    async def rest(self) -> None:
        """Decide about the keys that are held: nothing more came."""
        self.keystrokes.context = self.context()
        await self._tell(self.keystrokes.rest())

    async def _silence(self) -> None:
        """Nothing came for as long as a scanner may take, unless the terminal has something that was not read yet."""
        driver = self.app._driver
        if isinstance(driver, BoothDriver) and driver.has_unread:
            self._wait()
        else:
            await self.rest()

    def _wait(self) -> None:
        """Decide after a silence."""
        if self.silence is not None:
            self.silence.stop()
        patience = self.keystrokes.patience
        self.silence = self.app.set_timer(patience, self._silence) if patience else None

    async def _tell(self, decided: Decided[Event]) -> None:
        """Pass on what is known."""
        self._wait()
        for one in decided:
            if isinstance(one, Scanned):
                self.scanned(one.text)
            elif isinstance(one, Ignored):
                self.ignored(one.text)
            else:
                await self.pass_on(one.event)


def _stroke_of(event: Event, late_by: float) -> Stroke[Event]:
    """The keystroke or click that *event* tells of."""
    if not isinstance(event, Key):
        return Stroke("", event.time, event, is_click=True, late_by=late_by)
    return Stroke(_typed_by(event), event.time, event, is_harmless=event.key in HARMLESS, late_by=late_by)


def _typed_by(event: Key) -> str:
    """What a key types, as a badge would have it: Enter is a carriage return, Ctrl+B the control character STX."""
    named = {"enter": "\r", "tab": "\t", "escape": "\x1b"}.get(event.key)
    if named or event.key in HARMLESS:
        return named or ""
    if event.character is None and event.key.startswith("ctrl+") and len(event.key) == 6:
        return chr(ord(event.key[5]) & 0x1F)  # keyboards that tell keys by name
    return event.character or ""
