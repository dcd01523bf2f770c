"""How things stand at one moment, as the rules of the alerts need it."""

import shutil
from dataclasses import dataclass
from math import inf

from data import gates, measures, pause, repairs
from data.clock import RELEASED_AT, Clock
from data.gates import Gate
from data.measures import Tried
from data.store import Store
from kiosk.config.load import Settings
from sync.errors import NotAuthorised, SetUpFault
from sync.gate import ASKED_TO_WAIT, NETWORK

NOT_FAILURES = (*NETWORK, *ASKED_TO_WAIT, NotAuthorised.cause, SetUpFault.cause)
"""Ends of an attempt that say nothing of the leads: nothing was sent, or the CRM's refusal has an alert of its own."""

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How things stand; None is what was not looked at, or cannot be known."""

    now: float
    """Seconds since 1970 UTC."""
    gate: Gate
    disk_free_mb: float | None = None
    sent: Tried | None = None
    """How sending went within the time that the rule has."""
    waited: float | None = None
    """Seconds that the first in the queue has waited; 0 where none waits."""
    clock_ahead: float | None = None
    """Seconds by which this device's clock is ahead of the time; negative where it is behind."""
    sender_up: float | None = None
    """Seconds since the worker was started."""
    sender_gone: float | None = None
    """Seconds since it was last seen."""
    is_paused: bool = False
    """Whether a person has paused sending."""
    damaged_ago: float | None = inf
    """Seconds since a damaged database was set aside; infinite where none was."""
    leads_read: int = 0
    """How many leads were read from that one."""


def glance(db: Store, settings: Settings, clock: Clock) -> Snapshot:
    """What costs nothing to know: the gate, whether sending is paused, and the room on the disk."""
    gate, is_paused = gates.read(db, settings.crm.connector), pause.paused(db) is not None
    repair, now = repairs.newest(db), clock.wall()
    ago, found = (inf, 0) if repair is None else (now - repair.at, repair.leads)
    return Snapshot(now, gate, free_mb(settings), is_paused=is_paused, damaged_ago=ago, leads_read=found)


def free_mb(settings: Settings) -> float | None:
    """The room that is left where the leads are; None where that cannot be told."""
    try:
        return shutil.disk_usage(settings.folder).free / MB
    except OSError:
        return None


def thorough(
    db: Store,
    settings: Settings,
    clock: Clock,
    *,
    ahead: float | None = None,
    sender_up: float | None = None,
    sender_gone: float | None = None,
) -> Snapshot:
    """All that there is to know; *ahead* is how far others say that the clock is ahead, where they were asked."""
    seen, now = glance(db, settings, clock), clock.wall()
    since = measures.waits_since(db)
    sent_since = now - settings.alerts.error_minutes * 60.0
    return Snapshot(
        seen.now,
        seen.gate,
        seen.disk_free_mb,
        sent=measures.tried(db, settings.crm.connector, sent_since, NOT_FAILURES),
        waited=0.0 if since is None else max(0.0, now - since),
        clock_ahead=clock_ahead(clock, ahead, measures.known_time(db)),
        sender_up=sender_up,
        sender_gone=sender_gone,
        is_paused=seen.is_paused,
        damaged_ago=seen.damaged_ago,
        leads_read=seen.leads_read,
    )


def clock_ahead(clock: Clock, ahead: float | None, known: float | None) -> float | None:
    """
    How far the clock is ahead: not at all where a time server sets it, else as others say.

    Where nobody can be asked, a clock that is before a time *known* to be past is at least so far behind; one before
    our own release is so for sure.
    """
    if clock.synced():
        return 0.0
    past = max(known or 0.0, RELEASED_AT)
    if ahead is None and clock.wall() < past:
        return clock.wall() - past
    return ahead
