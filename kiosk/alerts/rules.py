"""
The rules: from how things stand to what is wrong, in words for booth staff, and what to do about it.

Between where an alert is raised and where it is over there is room, so that a value at its limit does not flap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.alerts.snapshot import KioskSnapshot
from kiosk.config.alerts import AlertSettings
from kiosk.status.wording import HOW_TO_RESUME, format_duration, format_lead_count
from sync.errors import ConfigurationFault, NotAuthorised
from sync.gate import NETWORK_CAUSES

_CLEAR_BELOW_RATIO = 0.8
"""What was too much is over at this share of the limit."""

_CLEAR_ABOVE_RATIO = 1.25
"""What was too little is over at so much of the limit."""

STEADY_SECONDS = 45.0
"""A worker that has run so long is well: longer than the longest pause before one that fails is started again."""


@dataclass(frozen=True, slots=True)
class _RuleResult:
    """What a rule says."""

    is_raised: bool | None
    """None: as it was before."""
    sentence: str = ""
    advice: str = ""


_CLEAR, _UNCHANGED = _RuleResult(False), _RuleResult(None)


def _compare_to_limit(value: float, limit: float) -> bool | None:
    """Whether *value* has come to *limit*; None where it is between that and well."""
    return True if value >= limit else False if value <= limit * _CLEAR_BELOW_RATIO else None


def check_errors(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """Too many of the leads that were sent lately were not taken."""
    if seen.recent_attempts is None:
        return _UNCHANGED
    leads, failed = seen.recent_attempts.leads, seen.recent_attempts.failed
    is_wrong = _compare_to_limit(100 * failed / leads, settings.error_percent) if leads else False
    if is_wrong and leads < settings.error_leads:
        is_wrong = None
    return _RuleResult(
        is_wrong,
        f"The CRM did not take {failed} of the {format_lead_count(leads)} sent within {settings.error_minutes} min.",
        "Look at the pending list (F2): it says why, lead by lead.",
    )


def check_queue(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """Leads wait for too long; why is told as it is now, also where it was not looked for how long."""
    cause, advice = seen.gate.cause, "The status line says why. F5 tries at once."
    if seen.is_paused:
        cause, advice = "sending is paused", HOW_TO_RESUME
    elif cause in NETWORK_CAUSES:
        advice = "Bring this device into a network with internet; all goes by itself then."
    why = f" ({cause})" if cause else ""
    return _RuleResult(
        None
        if seen.oldest_wait_seconds is None
        else _compare_to_limit(seen.oldest_wait_seconds, settings.queue_minutes * 60.0),
        f"Leads have waited for more than {format_duration(settings.queue_minutes * 60.0)} to be sent{why}.",
        advice,
    )


def check_worker(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """There is no worker; one that was just started must prove itself."""
    if seen.worker_gone_seconds is None:
        return _CLEAR if seen.worker_up_seconds is not None and seen.worker_up_seconds >= STEADY_SECONDS else _UNCHANGED
    return _RuleResult(
        True if seen.worker_gone_seconds >= settings.sender_seconds else None,
        f"The sender has not run for {format_duration(settings.sender_seconds)}: leads are saved, and not sent.",
        "Start the kiosk again (F10 ends it), or `kiosk worker`; its log says why it stopped.",
    )


def check_disk(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """There is little room left."""
    if seen.disk_free_mb is None:
        return _UNCHANGED
    free, limit = seen.disk_free_mb, settings.disk_free_mb
    return _RuleResult(
        True if free < limit else False if free >= limit * _CLEAR_ABOVE_RATIO else None,
        f"The disk is almost full: {free:.0f} MB are left.",
        "Free some space: on a full disk no lead can be saved.",
    )


def check_damage(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """A damaged database was set aside not long ago."""
    if seen.seconds_since_damage is None:
        return _UNCHANGED
    return _RuleResult(
        seen.seconds_since_damage < settings.damage_hours * 3600.0,
        f"The database was damaged: {format_lead_count(seen.leads_rescued)} could be read from it.",
        "`kiosk status` says where the damaged file is: keep it.",
    )


def check_clock(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """The clock is off."""
    if seen.clock_ahead_seconds is None:
        return _UNCHANGED
    off = abs(seen.clock_ahead_seconds)
    return _RuleResult(
        _compare_to_limit(off, settings.clock_seconds),
        f"The clock of this device is {format_duration(off)} {'ahead' if seen.clock_ahead_seconds > 0 else 'behind'}.",
        "Set it, or let a time server set it: the times of scans are told by it.",
    )


def check_sign_in(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """The CRM refuses the key; only a call that it takes proves that this is over."""
    return check_gate_cause(
        seen,
        NotAuthorised.cause,
        "The CRM refuses the sign-in: leads are saved, and not sent.",
        "Renew the key that [crm] in kiosk.toml names; then all goes by itself.",
    )


def _check_configuration(seen: KioskSnapshot, settings: AlertSettings) -> _RuleResult:
    """The CRM refuses how the kiosk is set up."""
    return check_gate_cause(
        seen,
        ConfigurationFault.cause,
        "The CRM refuses leads as the kiosk is set up: they are saved, and not sent.",
        "Run `kiosk check crm`: it says what to correct.",
    )


def check_gate_cause(seen: KioskSnapshot, cause: str, sentence: str, advice: str) -> _RuleResult:
    """The gate is closed for *cause*; one that is closed for another now tells nothing."""
    if seen.gate.is_open:
        return _CLEAR
    return _RuleResult(True if seen.gate.cause == cause else None, sentence, advice)


_AlertRule = Callable[[KioskSnapshot, AlertSettings], _RuleResult]

RULES: Mapping[str, tuple[_AlertRule, str]] = {
    "sign-in": (check_sign_in, "sign_in"),
    "set-up": (_check_configuration, "sign_in"),
    "damage": (check_damage, "damage_hours"),
    "disk": (check_disk, "disk_free_mb"),
    "sender": (check_worker, "sender_seconds"),
    "queue": (check_queue, "queue_minutes"),
    "errors": (check_errors, "error_percent"),
    "clock": (check_clock, "clock_seconds"),
}
"""By the cause: the rule, and the key of kiosk.toml that switches it off. What matters most comes first."""
