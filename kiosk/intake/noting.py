"""Writing down which devices were heard of, also where all of them only read: a write of its own, now and then."""

import asyncio
from contextlib import suppress

from data.errors import StoreError
from kiosk.intake.door import Door
from kiosk.intake.parts import Parts
from kiosk.intake.writer import Full

NOTE_SECONDS = 20.0
"""Between a call and its note, where no lead is written that takes the note along."""


class Noting:
    """Has devices written down that were heard of, soon enough and seldom enough for a memory card."""

    def __init__(self, parts: Parts, door: Door) -> None:
        self.parts = parts
        self.door = door
        self.task: asyncio.Task[None] | None = None

    def heard(self, device_id: str) -> None:
        """That device was just heard of."""
        self.door.heard.add(device_id)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.note())

    async def note(self) -> None:
        """Write, unless it was written by then; where that fails the next call has it tried again."""
        await asyncio.sleep(NOTE_SECONDS)
        if self.door.heard:
            with suppress(StoreError, Full):
                await self.parts.writer.do(lambda db: None)
