"""The wording that screens and the command line share: counts, times, and where a lead is and why."""

import time
import unicodedata

from data.gates import Gate
from data.language import N_, _, format_day_and_time, format_number, format_time_of_day, ngettext
from data.outbox import DELIVERED, DISCARDED, NEEDS_DETAILS, NEEDS_YOU, WAITING
from data.pause import SendingPause
from data.pending import CrmPresence, PendingEntry, PendingGroup
from sync.errors import ConfigurationFault, NotAuthorised, QuotaExceeded, Throttled

HOW_TO_RESUME = N_("To resume: press p in the pending list (F2), or run `kiosk resume`.")

# The longest name in a sentence; a longer one is cut, or it would push the advice behind it off the screen.
_MAX_NAME_CHARACTERS = 30

_NOT_ON_ATTENDEE_LIST = N_("Not on the attendee list. Add a name or e-mail.")

# What staff read for the stored causes of a closed gate that have no word of their own, and for stored outcomes.
_CAUSE_WORDS = {
    Throttled.cause: N_("CRM asked to wait"),
    QuotaExceeded.cause: N_("daily limit reached"),
    NotAuthorised.cause: N_("key rejected"),
    ConfigurationFault.cause: N_("wrong setup"),
    "rejected": N_("rejected"),
    "retry": N_("retry"),
    "refused": N_("refused"),
    "unsure": N_("unsure"),
    "not sent": N_("not sent"),  # not shown: the key, which is a stored value
}

_UNSAFE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def sanitize_text(text: str) -> str:
    """Make text from outside safe for a terminal: one line, without control and invisible characters."""
    return "".join(" " if character in "\n\r\t" else character for character in text if _is_safe_character(character))


def show_controls(text: str) -> str:
    """Make text from outside safe for a terminal, with a visible sign in place of each control character."""
    return "".join(
        character if _is_safe_character(character) and character not in "\n\r\t" else _get_control_sign(character)
        for character in text
    )


def _get_control_sign(character: str) -> str:
    """Return what stands for an unsafe character: Unicode's picture of it, or its number."""
    code = ord(character)
    return chr(0x2400 + code) if code < 32 else "␡" if code == 127 else f"<{code:04X}>"


def _is_safe_character(character: str) -> bool:
    """Return whether a character may reach a terminal; controls, bidi overrides and other format marks may not."""
    return character in "\n\r\t" or unicodedata.category(character) not in _UNSAFE_CATEGORIES


def format_duration(seconds: float) -> str:
    """Format a length of time the way people say it: `12 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 90:
        return _("{count} s").format(count=format_number(max(0, round(seconds))))
    if seconds < 90 * 60:
        return _("{count} min").format(count=format_number(round(seconds / 60)))
    if seconds < 36 * 3600:
        return _("{count} h").format(count=format_number(round(seconds / 3600)))
    days = round(seconds / 86400)
    return ngettext("{count} day", "{count} days", days).format(count=format_number(days))


def format_time(at: float, now: float) -> str:
    """Format a local time: `14:05` today, `12 May 14:05` on any other day."""
    local = time.localtime(at)
    return format_time_of_day(local) if local[:3] == time.localtime(now)[:3] else format_day_and_time(local)


def describe_cause(cause: str) -> str:
    """Return the words that staff read for a stored *cause*, such as that of a closed gate or of an attempt."""
    return _(_CAUSE_WORDS.get(cause, cause))


def describe_pause(paused: SendingPause, now: float) -> str:
    """Say since when and by whom sending is paused, in one sentence."""
    values = {"time": format_time(paused.since, now), "name": sanitize_text(paused.operator)[:_MAX_NAME_CHARACTERS]}
    if paused.operator:
        return _("Sending has been paused since {time} by {name}.").format(**values)
    return _("Sending has been paused since {time}.").format(**values)


def describe_pause_in_list(paused: SendingPause, now: float) -> str:
    """Say the same in the pending list, where `p` resumes: short enough for the narrowest screen."""
    values = {"time": format_time(paused.since, now), "name": sanitize_text(paused.operator)[:_MAX_NAME_CHARACTERS]}
    if paused.operator:
        return _("Paused since {time} by {name}. Press p to resume.").format(**values)
    return _("Paused since {time}. Press p to resume.").format(**values)


def format_lead_count(number: int) -> str:
    """Format a number of leads: `1 lead`, `1,997 leads`."""
    return ngettext("{count} lead", "{count} leads", number).format(count=format_number(number))


def format_waiting_count(number: int) -> str:
    """Format the number of leads in the state *waiting*."""
    return ngettext("{count} waiting", "{count} waiting", number).format(count=format_number(number))


def format_needs_you_count(number: int) -> str:
    """Format the number of leads in the state *needs you*: `1 needs you`, `2 need you`."""
    return ngettext("{count} needs you", "{count} need you", number).format(count=format_number(number))


def format_delivered_count(number: int) -> str:
    """Format the number of leads in the state *delivered*."""
    return ngettext("{count} delivered", "{count} delivered", number).format(count=format_number(number))


def format_discarded_count(number: int) -> str:
    """Format the number of leads in the state *discarded*."""
    return ngettext("{count} discarded", "{count} discarded", number).format(count=format_number(number))


def get_group_reason(group: PendingGroup, has_attendee_list: bool = False) -> str:
    """Return the reason that the leads of a group share, or their state if no reason was recorded."""
    return _(_NOT_ON_ATTENDEE_LIST if _is_missing_from_list(group, has_attendee_list) else group.reason or group.state)


def _is_missing_from_list(entry: PendingEntry | PendingGroup, has_attendee_list: bool) -> bool:
    """Return whether nothing is known of a lead, or of a group's leads, that is on the imported attendee list."""
    if isinstance(entry, PendingGroup):
        return has_attendee_list and entry.cause == NEEDS_DETAILS
    return has_attendee_list and bool(entry.lead.badge_id) and entry.lead.needs_details


def explain_state(
    entry: PendingEntry | PendingGroup,
    gate: Gate,
    is_worker_running: bool,
    is_paused: bool,
    has_attendee_list: bool = False,
) -> str:
    """Say why this lead, or each lead of a group, is where it is, and what happens next."""
    if entry.state == DELIVERED:
        return _("In the CRM.")
    if entry.state == DISCARDED:
        return _("Discarded: {reason}").format(reason=entry.reason) if entry.reason else _("Discarded.")
    if entry.state == NEEDS_YOU:
        return _(_NOT_ON_ATTENDEE_LIST if _is_missing_from_list(entry, has_attendee_list) else entry.reason)
    # What holds up every lead comes before what holds up this one.
    if is_paused:
        return _("Sending is paused; the lead is safe on this device.")
    if not is_worker_running:
        return _("Sending is not running; the lead is safe on this device.")
    if not gate.is_open:
        return _(gate.sentence)
    return _(entry.reason) or _("It is sent next.")


def describe_next_try(
    entry: PendingEntry, gate: Gate, gate_retry_seconds: float, is_worker_running: bool, is_paused: bool
) -> str:
    """Say when this lead is tried next; empty if that is up to a person."""
    if entry.state != WAITING:
        return ""
    if is_paused:
        return _("paused")
    if not is_worker_running:
        return _("when sending runs")
    seconds = max(entry.seconds_left, 0.0 if gate.is_open else gate_retry_seconds)
    return _("in {duration}").format(duration=format_duration(seconds)) if seconds >= 1 else _("now")


def describe_crm_leftovers(presence: CrmPresence) -> str:
    """Say what is left to do in the CRM after a discard; empty if there is nothing."""
    known = len(presence.remote_ids)
    if known == 1:
        return _("The CRM already has it ({id}). Delete it there.").format(id=presence.remote_ids[0])
    if known:
        return ngettext(
            "The CRM already has {count} of them. Delete it there.",
            "The CRM already has {count} of them. Delete those there.",
            known,
        ).format(count=format_number(known))
    if presence.in_flight:
        return _("It was being sent at that moment: check whether the CRM has it.")
    return ""
