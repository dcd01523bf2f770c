"""
When the worker tries a closed gate before its time, and when it wakes by itself: the tables of docs/worker.md.

A person's *sync now* is outside these rules: it tries whatever the gate says.
"""

from dataclasses import dataclass
from math import inf

from sync.errors import NotAuthorised
from sync.gate import NETWORK_CHANGE_CAUSES, RATE_LIMIT_CAUSES

# How often a rejected credential is checked for a change.
CREDENTIAL_POLL_SECONDS = 5.0

# The shortest time between two drains that nobody asked for.
MIN_DRAIN_INTERVAL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What the worker knows when it is woken."""

    gate_cause: str
    """Why the gate is closed; empty while it is open."""
    is_first_drain: bool = False
    """Whether the worker has just been started."""
    is_probe_pending: bool = False
    """Whether a probe was due when another process was draining, or while sending was paused."""
    has_credential_changed: bool = False
    """Whether the credential is another one than the gate was closed for."""
    has_network_changed: bool = False
    """Whether an address or a route of this device changed since the last drain."""


def should_probe(facts: WorkerFacts) -> bool:
    """Return whether to try a closed gate now; the rules are numbered as in docs/worker.md."""
    if facts.is_probe_pending:
        return True  # rule 1
    if facts.is_first_drain and facts.gate_cause not in RATE_LIMIT_CAUSES:
        return True  # rule 2: somebody has probably just acted; only what the CRM itself asked for is kept
    if facts.gate_cause == NotAuthorised.cause:
        return facts.has_credential_changed  # rule 3
    return facts.has_network_changed and facts.gate_cause in NETWORK_CHANGE_CAUSES  # rules 4 and 5


def seconds_until_drain(facts: WorkerFacts, seconds_until_due: float | None, seconds_until_retry: float) -> float:
    """
    Return when the worker wakes by itself after a drain; `inf` if only a wake-up or the tick wakes it.

    *seconds_until_due* is for the next lead (None if no lead waits), *seconds_until_retry* for the gate's next try
    (0 while it is open).
    """
    if facts.has_network_changed:
        return inf  # rule 6: the thread that noticed the change has already woken the worker
    if seconds_until_due is None and not facts.gate_cause:
        return inf  # rule 7
    seconds = max(seconds_until_due or 0.0, seconds_until_retry, MIN_DRAIN_INTERVAL_SECONDS)
    if facts.gate_cause == NotAuthorised.cause:
        seconds = min(seconds, CREDENTIAL_POLL_SECONDS)  # rule 8
    return seconds  # rule 9
