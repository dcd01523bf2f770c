"""The measured values that the alert rules are applied to."""

import shutil
from dataclasses import dataclass
from math import inf

from data import alert_queries, gates, pause, repairs
from data.alert_queries import RecentDeliveries
from data.clock import FIRST_RELEASE_TIME, Clock
from data.gates import Gate
from data.store import Store
from kiosk.config.load import Settings
from sync.errors import ConfigurationFault, NotAuthorised
from sync.gate import NETWORK_CAUSES, RATE_LIMIT_CAUSES

# Causes of failed attempts that the "errors" rule does not count: nothing was sent, or the CRM's refusal has an alert
# of its own.
_NON_FAILURE_CAUSES = (*NETWORK_CAUSES, *RATE_LIMIT_CAUSES, NotAuthorised.cause, ConfigurationFault.cause)

_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class KioskSnapshot:
    """Measured values at one point in time; None means not measured, or unknown."""

    now: float
    """Seconds since 1970 UTC."""
    gate: Gate
    disk_free_mb: float | None = None
    recent_attempts: RecentDeliveries | None = None
    """Deliveries within the last `error_minutes`."""
    oldest_wait_seconds: float | None = None
    """How long the oldest lead in the queue has waited; 0 if none waits."""
    clock_ahead_seconds: float | None = None
    """By how much this device's clock is ahead; negative if it is behind."""
    worker_up_seconds: float | None = None
    """Seconds since the worker was started."""
    worker_gone_seconds: float | None = None
    """Seconds since the worker was last seen."""
    is_paused: bool = False
    """Whether a person has paused sending."""
    seconds_since_damage: float | None = inf
    """Seconds since a damaged database was set aside; infinite if that never happened."""
    leads_rescued: int = 0
    """How many leads could be read from the damaged database."""


def take_quick_snapshot(db: Store, settings: Settings, clock: Clock) -> KioskSnapshot:
    """Read what is cheap to read: the gate, the pause, the last repair and the free disk space."""
    gate, is_paused = gates.read_gate(db, settings.crm.connector), pause.read_pause(db) is not None
    repair, now = repairs.find_latest_repair(db), clock.wall_time()
    ago, rescued = (inf, 0) if repair is None else (now - repair.at, repair.leads)
    return KioskSnapshot(
        now, gate, measure_free_mb(settings), is_paused=is_paused, seconds_since_damage=ago, leads_rescued=rescued
    )


def measure_free_mb(settings: Settings) -> float | None:
    """Return the free space, in megabytes, on the disk that holds the leads; None if it cannot be read."""
    try:
        return shutil.disk_usage(settings.folder).free / _BYTES_PER_MB
    except OSError:
        return None


def take_full_snapshot(
    db: Store,
    settings: Settings,
    clock: Clock,
    *,
    ahead_seconds: float | None = None,
    worker_up_seconds: float | None = None,
    worker_gone_seconds: float | None = None,
) -> KioskSnapshot:
    """
    Measure everything that the rules need.

    *ahead_seconds* is by how much our clock is ahead of the time that servers reported, where any was asked.
    """
    quick, now = take_quick_snapshot(db, settings, clock), clock.wall_time()
    waiting_since = alert_queries.find_oldest_wait(db)
    sent_since = now - settings.alerts.error_minutes * 60.0
    return KioskSnapshot(
        quick.now,
        quick.gate,
        quick.disk_free_mb,
        recent_attempts=alert_queries.count_recent_deliveries(
            db, settings.crm.connector, sent_since, _NON_FAILURE_CAUSES
        ),
        oldest_wait_seconds=0.0 if waiting_since is None else max(0.0, now - waiting_since),
        clock_ahead_seconds=estimate_clock_ahead(clock, ahead_seconds, alert_queries.find_last_synced_time(db)),
        worker_up_seconds=worker_up_seconds,
        worker_gone_seconds=worker_gone_seconds,
        is_paused=quick.is_paused,
        seconds_since_damage=quick.seconds_since_damage,
        leads_rescued=quick.leads_rescued,
    )


def estimate_clock_ahead(clock: Clock, ahead_seconds: float | None, known_time: float | None) -> float | None:
    """
    Return by how many seconds the clock is ahead (negative: behind), or None if that is unknown.

    It is 0 while a time server sets the clock; otherwise what servers reported counts. Without such a report, a clock
    that is earlier than a *known_time* in the past, or than our first release, is at least that far behind.
    """
    if clock.is_synchronized():
        return 0.0
    earliest = max(known_time or 0.0, FIRST_RELEASE_TIME)
    if ahead_seconds is None and clock.wall_time() < earliest:
        return clock.wall_time() - earliest
    return ahead_seconds
