"""Closing and opening the gate: whose fault it is decides how soon the destination is tried again."""

from dataclasses import replace

from data.clock import Clock
from data.gates import Gate
from sync.backoff import around, full_jitter
from sync.errors import (
    CrmDown,
    DestinationFault,
    LoginPage,
    NoInternet,
    Offline,
    Quota,
    SetUpFault,
    SyncError,
    Throttled,
    Unreachable,
    Unsure,
)

PROBE_SECONDS = 4.0
"""After *offline* and its kin, and *login page*: a probe costs the CRM nothing, and leads move within ten seconds."""

DOWN_BASE, DOWN_CAP = 2.0, 300.0
"""After *CRM down*: doubled from the first to the second, with full jitter."""

THROTTLED_BASE, THROTTLED_CAP = 10.0, 300.0
"""After *throttled*, where the CRM names no time: doubled from the first to the second."""

THROTTLED_LONGEST = 900.0
"""After *throttled*, whatever time the CRM names: then one lead asks again."""

QUOTA_SECONDS = 3600.0
"""After *quota*: hourly, for nobody says when the CRM's day ends."""

PERSON_SECONDS = 600.0
"""After *not authorised* and *set-up*, which wait for a person; a look now and then notices that somebody acted."""

NETWORK = (Offline.cause, NoInternet.cause, Unreachable.cause, LoginPage.cause)
"""The causes that lie in the network."""

WORTH_A_TRY = (*NETWORK, CrmDown.cause)
"""The causes that a change of the network may end; answers that never come may be its fault, too."""

ASKED_TO_WAIT = (Throttled.cause, Quota.cause)
"""The causes for which the CRM itself named a time, or a limit."""


def closed(gate: Gate, fault: DestinationFault, clock: Clock, credential: str = "") -> Gate:
    """*gate*, closed because of *fault*, with the moment of its next try; *credential* is the one that was refused."""
    same = not gate.is_open and gate.cause == fault.cause
    failures = gate.failures + 1 if same else 1  # how long another cause lasted says nothing of this one
    return replace(
        gate,
        is_open=False,
        cause=fault.cause,
        sentence=str(fault),
        since=gate.since if same else clock.wall(),
        next_try=clock.mono() + wait_after(fault, failures),
        next_try_boot=clock.boot,
        failures=failures,
        credential=credential,
    )


def wait_after(fault: DestinationFault, failures: int) -> float:
    """Seconds until the destination is tried again."""
    match fault:
        case Offline() | LoginPage():
            return around(PROBE_SECONDS)
        case Throttled(retry_after=None):
            return min(THROTTLED_CAP, THROTTLED_BASE * 2.0 ** min(failures - 1, 30))
        case Throttled(retry_after=float(seconds)):
            return min(seconds, THROTTLED_LONGEST)
        case Quota(retry_after=seconds):
            return min(seconds or QUOTA_SECONDS, QUOTA_SECONDS)
        case CrmDown():
            return full_jitter(failures, DOWN_BASE, DOWN_CAP)
    return PERSON_SECONDS


def opened(gate: Gate, clock: Clock) -> Gate:
    """*gate*, open because the destination just proved to work."""
    now = clock.wall()
    if gate.is_open:
        return replace(gate, since=gate.since or now, last_success=now, failures=0)
    return Gate(gate.destination, since=now, last_success=now)


def as_fault(error: SyncError) -> DestinationFault:
    """*error* as a fault of the destination: an unsure end counts as its trouble, one without proof as the set-up's."""
    if isinstance(error, DestinationFault):
        return error
    return (
        SetUpFault(f"CRM set-up: {error}") if isinstance(error, Unsure) and error.lacks_proof else CrmDown(str(error))
    )
