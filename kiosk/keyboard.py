"""Keys on their way to a screen: those of a USB scanner never arrive there, for they are a badge."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Key
from textual.timer import Timer

from kiosk.typed import Decided, Scanned, Stroke, Typing

TYPES_NOTHING = ("escape", "backspace", "delete")
"""Keys that terminals tell as a character, which is on no badge."""


class Keyboard:
    """Holds keys back until it is known whose they are."""

    def __init__(
        self, app: App[Any], pass_on: Callable[[Key], Awaitable[None]], scanned: Callable[[str], None]
    ) -> None:
        """*pass_on* gets what a person typed, *scanned* each badge."""
        self.app = app
        self.pass_on = pass_on
        self.scanned = scanned
        self.typing: Typing[Key] = Typing()
        self.silence: Timer | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether keys are held back at this moment."""
        return bool(self.typing.held)

    async def strike(self, event: Key) -> None:
        """Take one key."""
        await self.tell(self.typing.strike(Stroke(typed_by(event), event.time, event)))
        if self.typing.held:
            self.silence = self.app.set_timer(self.typing.patience, self.rest)

    async def rest(self) -> None:
        """Nothing more came, or something else did: the held keys are told apart now."""
        await self.tell(self.typing.rest())

    async def tell(self, decided: Decided[Key]) -> None:
        """Pass on what is known."""
        if self.silence is not None:
            self.silence.stop()
            self.silence = None
        for one in decided:
            if isinstance(one, Scanned):
                self.scanned(one.text)
            else:
                await self.pass_on(one.event)


def typed_by(event: Key) -> str:
    """What a key types, as a badge would have it."""
    named = {"enter": "\n", "tab": "\t"}.get(event.key)
    return named or ("" if event.key in TYPES_NOTHING or not event.character else event.character)
