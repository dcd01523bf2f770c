"""The status of delivery as JSON: for the API, the dashboard and Prometheus."""

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
from kiosk.status.status import KioskStatus, read_kiosk_status

# Minimum pause between status reads, as a multiple of the last read's duration, so that polling cannot starve writes.
_PAUSE_FACTOR = 4.0


class StatusReader:
    """Reads the status once for all requests at about the same time; no caller gets a result older than its request."""

    def __init__(self, context: ApiContext) -> None:
        self.context = context
        self.lock = asyncio.Lock()
        self.upcoming_read: asyncio.Task[dict[str, Any]] | None = None
        """A read that has not begun yet, and that further callers may therefore share."""
        self.next_read_at = 0.0

    async def read_fresh(self) -> dict[str, Any]:
        """
        Return a status that was read after this call.

        Raises:
            ApiProblem: too many reads are waiting.
            StoreError: the database cannot be read now.
        """
        # A read that has begun may be older than what this caller has just saved, so it is not shared.
        if self.upcoming_read is None:
            self.upcoming_read = asyncio.create_task(self._read_when_due())
        # Shielded, because a caller that disconnects must not cancel the read of the others.
        return await asyncio.shield(self.upcoming_read)

    async def _read_when_due(self) -> dict[str, Any]:
        """Read the status after the pause since the last read."""
        async with self.lock:
            await asyncio.sleep(max(0.0, self.next_read_at - time.monotonic()))
            self.upcoming_read = None
            began = time.monotonic()
            try:
                return await self.context.run_read(self._read_status)
            finally:
                ended = time.monotonic()
                self.next_read_at = ended + _PAUSE_FACTOR * (ended - began)

    def _read_status(self, db: Store) -> dict[str, Any]:
        """Read the status as JSON. Runs in the database thread."""
        settings, clock = self.context.settings, self.context.clock
        return read_status_json(db, read_kiosk_status(db, settings, clock), settings, clock)


def read_status_json(db: Store, status: KioskStatus, settings: Settings, clock: Clock) -> dict[str, Any]:
    """Read metrics, alerts, and the devices with the time each was last seen; return them and *status* as JSON."""
    return {
        **status.as_json(),
        **asdict(metrics.read_metrics(db, settings.crm.connector, clock)),
        "event": settings.event.name,
        "practice": settings.is_practice,
        "now": status.now,
        "leads_last_hour": metrics.count_leads_between(db, status.now - metrics.HOUR_SECONDS, status.now + 1),
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
