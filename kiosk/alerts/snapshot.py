"""How things stand at one moment, as the rules of the alerts need it."""

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

_NON_FAILURE_CAUSES = (*NETWORK_CAUSES, *RATE_LIMIT_CAUSES, NotAuthorised.cause, ConfigurationFault.cause)
"""Ends of an attempt that say nothing of the leads: nothing was sent, or the CRM's refusal has an alert of its own."""

_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class KioskSnapshot:
    """How things stand; None is what was not looked at, or cannot be known."""

    now: float
    """Seconds since 1970 UTC."""
    gate: Gate
    disk_free_mb: float | None = None
    recent_attempts: RecentDeliveries | None = None
    """How sending went within the time that the rule has."""
    oldest_wait_seconds: float | None = None
    """Seconds that the first in the queue has waited; 0 where none waits."""
    clock_ahead_seconds: float | None = None
    """Seconds by which this device's clock is ahead of the time; negative where it is behind."""
    worker_up_seconds: float | None = None
    """Seconds since the worker was started."""
    worker_gone_seconds: float | None = None
    """Seconds since it was last seen."""
    is_paused: bool = False
    """Whether a person has paused sending."""
    seconds_since_damage: float | None = inf
    """Seconds since a damaged database was set aside; infinite where none was."""
    leads_rescued: int = 0
    """How many leads were read from that one."""


def take_quick_snapshot(db: Store, settings: Settings, clock: Clock) -> KioskSnapshot:
    """What costs nothing to know: the gate, whether sending is paused, and the room on the disk."""
    gate, is_paused = gates.read_gate(db, settings.crm.connector), pause.read_pause(db) is not None
    repair, now = repairs.find_latest_repair(db), clock.wall_time()
    ago, found = (inf, 0) if repair is None else (now - repair.at, repair.leads)
    return KioskSnapshot(
        now, gate, measure_free_mb(settings), is_paused=is_paused, seconds_since_damage=ago, leads_rescued=found
    )


def measure_free_mb(settings: Settings) -> float | None:
    """The room that is left where the leads are; None where that cannot be told."""
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
    """All that there is to know; *ahead_seconds* is how far others say that the clock is ahead, where they were asked."""
    seen, now = take_quick_snapshot(db, settings, clock), clock.wall_time()
    since = alert_queries.find_oldest_wait(db)
    sent_since = now - settings.alerts.error_minutes * 60.0
    return KioskSnapshot(
        seen.now,
        seen.gate,
        seen.disk_free_mb,
        recent_attempts=alert_queries.count_recent_deliveries(
            db, settings.crm.connector, sent_since, _NON_FAILURE_CAUSES
        ),
        oldest_wait_seconds=0.0 if since is None else max(0.0, now - since),
        clock_ahead_seconds=estimate_clock_ahead(clock, ahead_seconds, alert_queries.find_last_synced_time(db)),
        worker_up_seconds=worker_up_seconds,
        worker_gone_seconds=worker_gone_seconds,
        is_paused=seen.is_paused,
        seconds_since_damage=seen.seconds_since_damage,
        leads_rescued=seen.leads_rescued,
    )


def estimate_clock_ahead(clock: Clock, ahead: float | None, known: float | None) -> float | None:
    """
    How far the clock is ahead: not at all where a time server sets it, else as others say.

    Where nobody can be asked, a clock that is before a time *known* to be past is at least so far behind; one before
    our own release is so for sure.
    """
    if clock.is_synchronized():
        return 0.0
    past = max(known or 0.0, FIRST_RELEASE_TIME)
    if ahead is None and clock.wall_time() < past:
        return clock.wall_time() - past
    return ahead
