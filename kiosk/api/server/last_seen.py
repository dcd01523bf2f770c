"""Records when each device last called, even if devices only read, so that no other write would record it."""

import asyncio
from contextlib import suppress

from data.errors import StoreError
from kiosk.api.context import ApiContext
from kiosk.api.server.authentication import Authenticator
from kiosk.api.wire.problems import WriteQueueFull

# How long to wait for another transaction to record it along, because each write wears out the memory card.
SAVE_DELAY_SECONDS = 20.0


class LastSeenRecorder:
    """Schedules a write after a device has called."""

    def __init__(self, context: ApiContext, authenticator: Authenticator) -> None:
        self.context = context
        self.authenticator = authenticator
        self.task: asyncio.Task[None] | None = None

    def record_seen(self, device_id: str) -> None:
        """Remember that this device just called, and schedule the write."""
        self.authenticator.seen_device_ids.add(device_id)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._save_later())

    async def _save_later(self) -> None:
        """Write after the delay, unless another transaction did. If that fails, the next call tries again."""
        await asyncio.sleep(SAVE_DELAY_SECONDS)
        if self.authenticator.seen_device_ids:
            with suppress(StoreError, WriteQueueFull):
                # Nothing to write: each transaction records the devices that called.
                await self.context.group_commit.submit_work(lambda db: None)
