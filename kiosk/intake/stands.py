"""How delivery stands, as the API and the page tell it."""

from dataclasses import asdict
from typing import Any

from data import devices, metrics
from data.clock import Clock
from data.store import Store
from kiosk.alerts.reading import read_alerts
from kiosk.config import Settings
from kiosk.standing import read_standing


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
