"""The gate, our circuit breaker for one destination: the kind of fault decides how soon it is tried again."""

from dataclasses import replace

from data.clock import Clock
from data.gates import Gate
from data.language import _
from sync.backoff import add_jitter, full_jitter
from sync.errors import (
    ConfigurationFault,
    CrmDown,
    DestinationFault,
    LoginPage,
    NoInternet,
    Offline,
    OutcomeUnknown,
    QuotaExceeded,
    SyncError,
    Throttled,
    Unreachable,
)

# After network faults: a probe costs the CRM nothing, and leads must move within ten seconds of the WiFi's return.
_PROBE_SECONDS = 4.0

# After *CRM down*: doubled from the first to the second, with full jitter.
_DOWN_BASE_SECONDS, _DOWN_MAX_SECONDS = 2.0, 300.0

# After *throttled*, where the CRM names no time: doubled from the first to the second.
_THROTTLED_BASE_SECONDS, _THROTTLED_MAX_SECONDS = 10.0, 300.0

# After *throttled*, however long a time the CRM names: then one lead is tried.
_MAX_RETRY_AFTER_SECONDS = 900.0

# After *quota*: hourly, because nothing says when the CRM's day ends.
_QUOTA_SECONDS = 3600.0

# After *not authorised* and *set-up*, which wait for a person: a probe now and then notices that somebody acted.
_PERSON_RECHECK_SECONDS = 600.0

NETWORK_CAUSES = (Offline.cause, NoInternet.cause, Unreachable.cause, LoginPage.cause)
"""Causes in the network."""

NETWORK_CHANGE_CAUSES = (*NETWORK_CAUSES, CrmDown.cause)
"""Causes that a change of the network may end; answers that never arrive may be its fault, too."""

RATE_LIMIT_CAUSES = (Throttled.cause, QuotaExceeded.cause)
"""Causes for which the CRM itself named a time or a limit."""


def close_gate(gate: Gate, fault: DestinationFault, clock: Clock, credential: str = "") -> Gate:
    """Return *gate* closed because of *fault*; *credential* is the fingerprint of one that was rejected."""
    is_same_cause = not gate.is_open and gate.cause == fault.cause
    failures = gate.failures + 1 if is_same_cause else 1  # how long another cause lasted says nothing about this one
    return replace(
        gate,
        is_open=False,
        cause=fault.cause,
        sentence=str(fault),
        since=gate.since if is_same_cause else clock.wall_time(),
        next_try=clock.seconds_since_boot() + _compute_wait_seconds(fault, failures),
        next_try_boot=clock.boot_id,
        failures=failures,
        credential=credential,
    )


def _compute_wait_seconds(fault: DestinationFault, failures: int) -> float:
    """Return the seconds until the destination is tried again."""
    match fault:
        case Offline() | LoginPage():
            return add_jitter(_PROBE_SECONDS)
        case Throttled(retry_after=None):
            return min(_THROTTLED_MAX_SECONDS, _THROTTLED_BASE_SECONDS * 2.0 ** min(failures - 1, 30))
        case Throttled(retry_after=float(seconds)):
            return min(seconds, _MAX_RETRY_AFTER_SECONDS)
        case QuotaExceeded(retry_after=seconds):
            return min(seconds or _QUOTA_SECONDS, _QUOTA_SECONDS)
        case CrmDown():
            return full_jitter(failures, _DOWN_BASE_SECONDS, _DOWN_MAX_SECONDS)
    return _PERSON_RECHECK_SECONDS


def open_gate(gate: Gate, clock: Clock) -> Gate:
    """Return *gate* open, because the destination just proved to work."""
    now = clock.wall_time()
    if gate.is_open:
        return replace(gate, since=gate.since or now, last_success=now, failures=0)
    return Gate(gate.destination, since=now, last_success=now)


def to_destination_fault(error: SyncError) -> DestinationFault:
    """Return *error* as a destination fault: an unknown outcome counts as *CRM down*, one without proof as *set-up*."""
    if isinstance(error, DestinationFault):
        return error
    if isinstance(error, OutcomeUnknown) and error.lacks_proof:
        return ConfigurationFault(_("CRM set-up: {problem}").format(problem=error))
    return CrmDown(str(error))
