"""How delivery stands, as the API and the page tell it."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

from data import devices, metrics
from data.clock import Clock
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.api.context import ApiContext
from kiosk.config.load import Settings
from kiosk.status.status import read_kiosk_status

_PAUSE_FACTOR = 4.0
"""Times what a reading took, between its end and the next: reading must not be all that the server does."""


class StatusReader:
    """How delivery stands, read once for all who ask at about the same time; nobody is told what was read before."""

    def __init__(self, parts: ApiContext) -> None:
        self.context = parts
        self.lock = asyncio.Lock()
        self.upcoming_read: asyncio.Task[dict[str, Any]] | None = None
        """The reading that has not begun yet."""
        self.next_read_at = 0.0

    async def read_fresh(self) -> dict[str, Any]:
        """
        The status, read after this was called.

        Raises:
            Problem: so many read that this would wait too long.
            StoreError: the database cannot be read now.
        """
        if self.upcoming_read is None:
            self.upcoming_read = asyncio.create_task(self._read_when_due())
        return await asyncio.shield(self.upcoming_read)

    async def _read_when_due(self) -> dict[str, Any]:
        """Read it, when it is due."""
        async with self.lock:
            await asyncio.sleep(max(0.0, self.next_read_at - time.monotonic()))
            self.upcoming_read = None
            began = time.monotonic()
            try:
                return await self.context.run_read(
                    lambda db: read_status_json(db, self.context.settings, self.context.clock)
                )
            finally:
                ended = time.monotonic()
                self.next_read_at = ended + _PAUSE_FACTOR * (ended - began)


def read_status_json(db: Store, settings: Settings, clock: Clock) -> dict[str, Any]:
    """Counts, the gate, the metrics, what is wrong, and the devices with when each was last heard of."""
    standing = read_kiosk_status(db, settings, clock)
    found = metrics.read_metrics(db, settings.crm.connector, clock)
    return {
        **standing.as_json(),
        **asdict(found),
        "event": settings.event.name,
        "practice": settings.is_practice,
        "now": standing.now,
        "leads_last_hour": metrics.count_leads_between(db, standing.now - metrics.HOUR_SECONDS, standing.now + 1),
        "leads_by_hour": [
            {"since": since, "leads": number} for since, number in metrics.count_leads_by_hour(db, clock)
        ],
        "alerts": [
            {"cause": alert.cause, "sentence": alert.sentence, "advice": alert.advice, "since": alert.since}
            for alert in read_alerts(db, settings, clock)
        ],
        "devices": [
            {"id": device.id, "name": device.name, "role": device.role, "seen_at": device.seen_at}
            for device in devices.list_devices(db)
            if device.revoked_at is None
        ],
    }
