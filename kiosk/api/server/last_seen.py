"""Writing down which devices were heard of, also where all of them only read: a write of its own, now and then."""

import asyncio
from contextlib import suppress

from data.errors import StoreError
from kiosk.api.context import ApiContext
from kiosk.api.server.authentication import Authenticator
from kiosk.api.wire.problems import WriteQueueFull

SAVE_DELAY_SECONDS = 20.0
"""Between a call and its note, where no lead is written that takes the note along."""


class LastSeenRecorder:
    """Has devices written down that were heard of, soon enough and seldom enough for a memory card."""

    def __init__(self, parts: ApiContext, door: Authenticator) -> None:
        self.context = parts
        self.authenticator = door
        self.task: asyncio.Task[None] | None = None

    def record_seen(self, device_id: str) -> None:
        """That device was just heard of."""
        self.authenticator.seen_device_ids.add(device_id)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._save_later())

    async def _save_later(self) -> None:
        """Write, unless it was written by then; where that fails the next call has it tried again."""
        await asyncio.sleep(SAVE_DELAY_SECONDS)
        if self.authenticator.seen_device_ids:
            with suppress(StoreError, WriteQueueFull):
                await self.context.writer.submit_work(lambda db: None)
