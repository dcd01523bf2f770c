"""
The alert rules: functions from the measured values to an alert, with advice, in words for booth staff.

A rule raises its alert at one limit and ends it at another, so that a value at the limit does not make it flap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from data.language import _, format_number, ngettext
from kiosk.alerts.snapshot import KioskSnapshot
from kiosk.config.alerts import AlertSettings
from kiosk.status.wording import HOW_TO_RESUME, describe_cause, format_duration
from sync.errors import ConfigurationFault, NotAuthorised
from sync.gate import NETWORK_CAUSES

_CLEAR_BELOW_RATIO = 0.8
"""An alert about a value that is too high ends at this fraction of the limit."""

_CLEAR_ABOVE_RATIO = 1.25
"""An alert about a value that is too low ends at this multiple of the limit."""

# A worker that has run for this long counts as healthy. Longer than the longest pause before a crashing worker is
# started again.
STEADY_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule found."""

    is_raised: bool | None
    """None: an alert that is open stays open, and none is raised."""
    sentence: str = ""
    advice: str = ""


_CLEAR, _UNCHANGED = RuleResult(False), RuleResult(None)


def _compare_to_limit(value: float, limit: float) -> bool | None:
    """Return True at or over *limit*, False well below it, and None in between."""
    return True if value >= limit else False if value <= limit * _CLEAR_BELOW_RATIO else None


def _check_errors(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """Too many of the leads that were sent lately were not accepted."""
    if snapshot.recent_attempts is None:
        return _UNCHANGED
    leads, failed = snapshot.recent_attempts.leads, snapshot.recent_attempts.failed
    is_raised = _compare_to_limit(100 * failed / leads, settings.error_percent) if leads else False
    # Two failures out of three prove nothing.
    if is_raised and leads < settings.error_leads:
        is_raised = None
    sentence = ngettext(
        "The CRM did not accept {failed} of {count} lead sent within {minutes} min.",
        "The CRM did not accept {failed} of {count} leads sent within {minutes} min.",
        leads,
    )
    return RuleResult(
        is_raised,
        sentence.format(
            failed=format_number(failed), count=format_number(leads), minutes=format_number(settings.error_minutes)
        ),
        _("The pending list (F2) shows the reason for each lead."),
    )


def _check_queue(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """Leads have waited for too long; the reason shown is the current one, even while the wait is not measured."""
    cause, advice = snapshot.gate.cause, _("The status line says why. F5 tries now.")
    if snapshot.is_paused:
        cause, advice = _("sending is paused"), _(HOW_TO_RESUME)
    elif cause in NETWORK_CAUSES:
        advice = _("Connect this device to a network with internet access; sending resumes automatically.")
    limit_seconds = settings.queue_minutes * 60.0
    if cause:
        sentence = _("Leads have been waiting to be sent for more than {time} ({cause}).")
    else:
        sentence = _("Leads have been waiting to be sent for more than {time}.")
    waited = snapshot.oldest_wait_seconds
    return RuleResult(
        None if waited is None else _compare_to_limit(waited, limit_seconds),
        sentence.format(time=format_duration(limit_seconds), cause=describe_cause(cause)),
        advice,
    )


def _check_worker(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """No worker is running; one that has just been started does not end the alert yet."""
    if snapshot.worker_gone_seconds is None:
        is_steady = snapshot.worker_up_seconds is not None and snapshot.worker_up_seconds >= STEADY_SECONDS
        return _CLEAR if is_steady else _UNCHANGED
    return RuleResult(
        True if snapshot.worker_gone_seconds >= settings.sender_seconds else None,
        _("Sending has not been running for {time}: leads are saved, but not sent.").format(
            time=format_duration(settings.sender_seconds)
        ),
        _("Restart the kiosk (F10 closes it); worker.log says why it stopped."),
    )


def _check_disk(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """The disk is nearly full."""
    if snapshot.disk_free_mb is None:
        return _UNCHANGED
    free, limit = snapshot.disk_free_mb, settings.disk_free_mb
    return RuleResult(
        True if free < limit else False if free >= limit * _CLEAR_ABOVE_RATIO else None,
        _("The disk is almost full: {free} MB left.").format(free=format_number(free)),
        _("Free some space: on a full disk no leads can be saved."),
    )


def _check_damage(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """A damaged database was set aside recently."""
    if snapshot.seconds_since_damage is None:
        return _UNCHANGED
    sentence = ngettext(
        "The database was damaged: {count} lead could be recovered from it.",
        "The database was damaged: {count} leads could be recovered from it.",
        snapshot.leads_rescued,
    )
    return RuleResult(
        snapshot.seconds_since_damage < settings.damage_hours * 3600.0,
        sentence.format(count=format_number(snapshot.leads_rescued)),
        _("`kiosk status` says where the damaged file is: keep it."),
    )


def _check_clock(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """The clock is wrong."""
    if snapshot.clock_ahead_seconds is None:
        return _UNCHANGED
    off = abs(snapshot.clock_ahead_seconds)
    if snapshot.clock_ahead_seconds > 0:
        sentence = _("This device's clock is {time} ahead.")
    else:
        sentence = _("This device's clock is {time} behind.")
    return RuleResult(
        _compare_to_limit(off, settings.clock_seconds),
        sentence.format(time=format_duration(off)),
        _("Set it, or let a time server set it: scans are stamped with its time."),
    )


def _check_sign_in(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """The CRM rejects the key; only a call that it accepts ends the alert."""
    return _check_gate_cause(
        snapshot,
        NotAuthorised.cause,
        _("The CRM rejects the sign-in: leads are saved, but not sent."),
        _("Replace the key that [crm] in kiosk.toml names; sending then resumes automatically."),
    )


def _check_configuration(snapshot: KioskSnapshot, settings: AlertSettings) -> RuleResult:
    """The CRM rejects leads because of the kiosk's configuration."""
    return _check_gate_cause(
        snapshot,
        ConfigurationFault.cause,
        _("The CRM rejects leads because of the kiosk's configuration: they are saved, but not sent."),
        _("`kiosk check crm --send` says what to correct."),
    )


def _check_gate_cause(snapshot: KioskSnapshot, cause: str, sentence: str, advice: str) -> RuleResult:
    """Raise an alert while the gate is closed for *cause*; a gate closed for another cause changes nothing."""
    if snapshot.gate.is_open:
        return _CLEAR
    return RuleResult(True if snapshot.gate.cause == cause else None, sentence, advice)


_AlertRule = Callable[[KioskSnapshot, AlertSettings], RuleResult]

RULES: Mapping[str, tuple[_AlertRule, str]] = {
    "sign-in": (_check_sign_in, "sign_in"),
    "set-up": (_check_configuration, "sign_in"),
    "damage": (_check_damage, "damage_hours"),
    "disk": (_check_disk, "disk_free_mb"),
    "sender": (_check_worker, "sender_seconds"),
    "queue": (_check_queue, "queue_minutes"),
    "errors": (_check_errors, "error_percent"),
    "clock": (_check_clock, "clock_seconds"),
}
"""For each cause: its rule, and the key in [alerts] that switches it off. The most important comes first."""
