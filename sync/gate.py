"""The gate: a circuit breaker for one destination. The kind of fault decides how soon it is tried again."""

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

# The wait after a network fault. Short, because leads must move within ten seconds of the WiFi's return, and a probe
# costs the CRM nothing.
_PROBE_SECONDS = 4.0

# The waits after *CRM down*: the first, and the longest. They double in between, with full jitter.
_DOWN_BASE_SECONDS, _DOWN_MAX_SECONDS = 2.0, 300.0

# The waits after *throttled* if the CRM names no time: the first, and the longest. They double in between.
_THROTTLED_BASE_SECONDS, _THROTTLED_MAX_SECONDS = 10.0, 300.0

# The longest wait after *throttled*, whatever time the CRM names. Then one lead is tried.
_MAX_RETRY_AFTER_SECONDS = 900.0

# The wait after *quota*. Few CRMs say when their day ends, so it is tried hourly.
_QUOTA_SECONDS = 3600.0

# The wait after *not authorised* and *set-up*, which only a person can fix. A probe now and then notices the fix.
_PERSON_RECHECK_SECONDS = 600.0

NETWORK_CAUSES = (Offline.cause, NoInternet.cause, Unreachable.cause, LoginPage.cause)
"""Causes that lie in the network."""

NETWORK_CHANGE_CAUSES = (*NETWORK_CAUSES, CrmDown.cause)
"""Causes that may end when the network changes; answers that never arrive may be its fault too."""

RATE_LIMIT_CAUSES = (Throttled.cause, QuotaExceeded.cause)
"""Causes for which the CRM itself named a time or a limit."""


def close_gate(gate: Gate, fault: DestinationFault, clock: Clock, credential: str = "") -> Gate:
    """Return *gate* closed because of *fault*; *credential* is the fingerprint of one that was rejected."""
    is_same_cause = not gate.is_open and gate.cause == fault.cause
    failures = gate.failures + 1 if is_same_cause else 1  # failures of another cause say nothing about this one
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
    """Return *error* as a destination fault: an unknown outcome counts as *CRM down*, a lack of proof as *set-up*."""
    if isinstance(error, DestinationFault):
        return error
    if isinstance(error, OutcomeUnknown) and error.lacks_proof:
        return ConfigurationFault(_("CRM setup: {problem}").format(problem=error))
    return CrmDown(str(error))
