"""
The rules: from how things stand to what is wrong, in words for booth staff, and what to do about it.

Between where an alert is raised and where it is over there is room, so that a value at its limit does not flap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.alerts.snapshot import Snapshot
from kiosk.config.alerts import AlertSettings
from kiosk.status.wording import GO_ON, leads_count, span
from sync.errors import NotAuthorised, SetUpFault
from sync.gate import NETWORK

BACK = 0.8
"""What was too much is over at this share of the limit."""

ROOM_AGAIN = 1.25
"""What was too little is over at so much of the limit."""

STEADY_SECONDS = 45.0
"""A worker that has run so long is well: longer than the longest pause before one that fails is started again."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says."""

    is_wrong: bool | None
    """None: as it was before."""
    sentence: str = ""
    advice: str = ""


WELL, AS_BEFORE = Finding(False), Finding(None)


def too_much(value: float, limit: float) -> bool | None:
    """Whether *value* has come to *limit*; None where it is between that and well."""
    return True if value >= limit else False if value <= limit * BACK else None


def errors(seen: Snapshot, settings: AlertSettings) -> Finding:
    """Too many of the leads that were sent lately were not taken."""
    if seen.sent is None:
        return AS_BEFORE
    leads, failed = seen.sent.leads, seen.sent.failed
    is_wrong = too_much(100 * failed / leads, settings.error_percent) if leads else False
    if is_wrong and leads < settings.error_leads:
        is_wrong = None
    return Finding(
        is_wrong,
        f"The CRM did not take {failed} of the {leads_count(leads)} sent within {settings.error_minutes} min.",
        "Look at the pending list (F2): it says why, lead by lead.",
    )


def queue(seen: Snapshot, settings: AlertSettings) -> Finding:
    """Leads wait for too long; why is told as it is now, also where it was not looked for how long."""
    cause, advice = seen.gate.cause, "The status line says why. F5 tries at once."
    if seen.is_paused:
        cause, advice = "sending is paused", GO_ON
    elif cause in NETWORK:
        advice = "Bring this device into a network with internet; all goes by itself then."
    why = f" ({cause})" if cause else ""
    return Finding(
        None if seen.waited is None else too_much(seen.waited, settings.queue_minutes * 60.0),
        f"Leads have waited for more than {span(settings.queue_minutes * 60.0)} to be sent{why}.",
        advice,
    )


def sender(seen: Snapshot, settings: AlertSettings) -> Finding:
    """There is no worker; one that was just started must prove itself."""
    if seen.sender_gone is None:
        return WELL if seen.sender_up is not None and seen.sender_up >= STEADY_SECONDS else AS_BEFORE
    return Finding(
        True if seen.sender_gone >= settings.sender_seconds else None,
        f"The sender has not run for {span(settings.sender_seconds)}: leads are saved, and not sent.",
        "Start the kiosk again (F10 ends it), or `kiosk worker`; its log says why it stopped.",
    )


def disk(seen: Snapshot, settings: AlertSettings) -> Finding:
    """There is little room left."""
    if seen.disk_free_mb is None:
        return AS_BEFORE
    free, limit = seen.disk_free_mb, settings.disk_free_mb
    return Finding(
        True if free < limit else False if free >= limit * ROOM_AGAIN else None,
        f"The disk is almost full: {free:.0f} MB are left.",
        "Free some space: on a full disk no lead can be saved.",
    )


def damage(seen: Snapshot, settings: AlertSettings) -> Finding:
    """A damaged database was set aside not long ago."""
    if seen.damaged_ago is None:
        return AS_BEFORE
    return Finding(
        seen.damaged_ago < settings.damage_hours * 3600.0,
        f"The database was damaged: {leads_count(seen.leads_read)} could be read from it.",
        "`kiosk status` says where the damaged file is: keep it.",
    )


def clock(seen: Snapshot, settings: AlertSettings) -> Finding:
    """The clock is off."""
    if seen.clock_ahead is None:
        return AS_BEFORE
    off = abs(seen.clock_ahead)
    return Finding(
        too_much(off, settings.clock_seconds),
        f"The clock of this device is {span(off)} {'ahead' if seen.clock_ahead > 0 else 'behind'}.",
        "Set it, or let a time server set it: the times of scans are told by it.",
    )


def sign_in(seen: Snapshot, settings: AlertSettings) -> Finding:
    """The CRM refuses the key; only a call that it takes proves that this is over."""
    return refused(
        seen,
        NotAuthorised.cause,
        "The CRM refuses the sign-in: leads are saved, and not sent.",
        "Renew the key that [crm] in kiosk.toml names; then all goes by itself.",
    )


def set_up(seen: Snapshot, settings: AlertSettings) -> Finding:
    """The CRM refuses how the kiosk is set up."""
    return refused(
        seen,
        SetUpFault.cause,
        "The CRM refuses leads as the kiosk is set up: they are saved, and not sent.",
        "Run `kiosk check crm`: it says what to correct.",
    )


def refused(seen: Snapshot, cause: str, sentence: str, advice: str) -> Finding:
    """The gate is closed for *cause*; one that is closed for another now tells nothing."""
    if seen.gate.is_open:
        return WELL
    return Finding(True if seen.gate.cause == cause else None, sentence, advice)


Rule = Callable[[Snapshot, AlertSettings], Finding]

RULES: Mapping[str, tuple[Rule, str]] = {
    "sign-in": (sign_in, "sign_in"),
    "set-up": (set_up, "sign_in"),
    "damage": (damage, "damage_hours"),
    "disk": (disk, "disk_free_mb"),
    "sender": (sender, "sender_seconds"),
    "queue": (queue, "queue_minutes"),
    "errors": (errors, "error_percent"),
    "clock": (clock, "clock_seconds"),
}
"""By the cause: the rule, and the key of kiosk.toml that switches it off. What matters most comes first."""
