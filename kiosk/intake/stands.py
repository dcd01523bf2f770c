"""How delivery stands, as the API and the page tell it."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

from data import devices, metrics
from data.clock import Clock
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.config.load import Settings
from kiosk.intake.parts import Parts
from kiosk.status.status import read_standing

REST = 4.0
"""Times what a reading took, between its end and the next: reading must not be all that the server does."""


class Stands:
    """How delivery stands, read once for all who ask at about the same time; nobody is told what was read before."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.turn = asyncio.Lock()
        self.next: asyncio.Task[dict[str, Any]] | None = None
        """The reading that has not begun yet."""
        self.due = 0.0

    async def now(self) -> dict[str, Any]:
        """
        The status, read after this was called.

        Raises:
            Problem: so many read that this would wait too long.
            StoreError: the database cannot be read now.
        """
        if self.next is None:
            self.next = asyncio.create_task(self.read())
        return await asyncio.shield(self.next)

    async def read(self) -> dict[str, Any]:
        """Read it, when it is due."""
        async with self.turn:
            await asyncio.sleep(max(0.0, self.due - time.monotonic()))
            self.next = None
            began = time.monotonic()
            try:
                return await self.parts.read(lambda db: status_of(db, self.parts.settings, self.parts.clock))
            finally:
                ended = time.monotonic()
                self.due = ended + REST * (ended - began)


def status_of(db: Store, settings: Settings, clock: Clock) -> dict[str, Any]:
    """Counts, the gate, the metrics, what is wrong, and the devices with when each was last heard of."""
    standing = read_standing(db, settings, clock)
    found = metrics.read(db, settings.crm.connector, clock)
    return {
        **standing.as_json(),
        **asdict(found),
        "event": settings.event.name,
        "practice": settings.is_practice,
        "now": standing.now,
        "leads_last_hour": metrics.leads_between(db, standing.now - metrics.HOUR, standing.now + 1),
        "leads_by_hour": [{"since": since, "leads": number} for since, number in metrics.leads_by_hour(db, clock)],
        "alerts": [
            {"cause": alert.cause, "sentence": alert.sentence, "advice": alert.advice, "since": alert.since}
            for alert in read_alerts(db, settings, clock)
        ],
        "devices": [
            {"id": device.id, "name": device.name, "role": device.role, "seen_at": device.seen_at}
            for device in devices.every(db)
            if device.revoked_at is None
        ],
    }
