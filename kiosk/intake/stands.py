"""How delivery stands, as the API and the page tell it."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

from data import devices, metrics
from data.clock import Clock
from data.store import Store
from kiosk.alerts.reading import read_alerts
from kiosk.config import Settings
from kiosk.intake.parts import Parts
from kiosk.standing import read_standing

FRESH_SECONDS, FRESH_TIMES = 0.25, 4.0
"""A reading is told again for so long, or for so many times the time that it took: reading must not be all we do."""


class Stands:
    """How delivery stands, read once for all who ask at about the same time."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.reading: asyncio.Task[dict[str, Any]] | None = None
        self.good_until = 0.0

    async def now(self) -> dict[str, Any]:
        """
        The status, a moment old at the most.

        Raises:
            Problem: so many read that this would wait too long.
            StoreError: the database cannot be read now.
        """
        if self.reading is None or (self.reading.done() and time.monotonic() >= self.good_until):
            self.reading = asyncio.create_task(self.read())
        return await asyncio.shield(self.reading)

    async def read(self) -> dict[str, Any]:
        """Read it."""
        began = time.monotonic()
        found = await self.parts.read(lambda db: status_of(db, self.parts.settings, self.parts.clock))
        ended = time.monotonic()
        self.good_until = ended + max(FRESH_SECONDS, FRESH_TIMES * (ended - began))
        return found


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
