"""How the kiosk says where a lead is and why, in a salesperson's words; the screens and the command line share it."""

import time
import unicodedata

from data.gates import Gate
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, WAITING
from data.pause import SendingPause
from data.pending import CrmPresence, PendingEntry, PendingGroup

HOW_TO_RESUME = "To go on: p in the pending list (F2), or `kiosk resume`."

MAX_NAME_CHARACTERS = 30
"""Characters of a name that are said: what to do stands behind it, and must not be pushed off the screen."""


def sanitize_text(text: str) -> str:
    """*text* from outside, safe to write to a terminal: no control character, no hidden one, on one line."""
    return "".join(" " if character in "\n\r\t" else character for character in text if _is_safe_character(character))


def show_controls(text: str) -> str:
    """*text* from outside, with a sign for each control and hidden character in place of leaving them out."""
    return "".join(
        character if _is_safe_character(character) and character not in "\n\r\t" else _get_control_sign(character)
        for character in text
    )


def _get_control_sign(character: str) -> str:
    """What is shown for a character that must not reach a terminal: Unicode's picture of it, or its number."""
    code = ord(character)
    return chr(0x2400 + code) if code < 32 else "␡" if code == 127 else f"<{code:04X}>"


def _is_safe_character(character: str) -> bool:
    """Whether a character may reach a terminal: controls, bidi overrides and other format marks may not."""
    return character in "\n\r\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def format_duration(seconds: float) -> str:
    """A length of time as people say it: `12 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 36 * 3600:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86400)} days"


def format_time(at: float, now: float) -> str:
    """When something was, by the clock on the wall: `14:05`; on another day `12 May 14:05`."""
    then = time.localtime(at)
    return time.strftime("%H:%M" if then[:3] == time.localtime(now)[:3] else "%d %b %H:%M", then)


def describe_pause(paused: SendingPause, now: float) -> str:
    """That sending is paused, since when and by whom; the end of the sentence is for others to write."""
    by = f" by {sanitize_text(paused.operator)[:MAX_NAME_CHARACTERS]}" if paused.operator else ""
    return f"Sending has been paused since {format_time(paused.since, now)}{by}"


def format_part_count(number: int) -> str:
    """`1 part`, `2 parts`."""
    return f"{number} part" if number == 1 else f"{number} parts"


def format_lead_count(number: int) -> str:
    """`1 lead`, `2 leads`."""
    return f"{number} lead" if number == 1 else f"{number} leads"


def format_badge_count(number: int) -> str:
    """`1 badge`, `2 badges`."""
    return f"{number} badge" if number == 1 else f"{number} badges"


def get_group_reason(group: PendingGroup) -> str:
    """Why the leads of a group are where they are, by their own account."""
    return group.reason or group.state


_NOT_ON_ATTENDEE_LIST = "Not on the attendee list, and no name or e-mail yet. Add one."
"""Why a lead needs a person whose badge has an id, and whose event has a list."""


def _is_missing_from_list(entry: PendingEntry | PendingGroup, has_attendee_list: bool) -> bool:
    """Whether all that is known of a lead is an id that the imported attendee list does not have."""
    return (
        has_attendee_list and isinstance(entry, PendingEntry) and bool(entry.lead.badge_id) and entry.lead.needs_details
    )


def explain_state(
    entry: PendingEntry | PendingGroup,
    gate: Gate,
    is_worker_running: bool,
    is_paused: bool,
    has_attendee_list: bool = False,
) -> str:
    """Why this lead, or each lead of a group, is where it is, and what happens next."""
    if entry.state == DELIVERED:
        return "In the CRM."
    if entry.state == DISCARDED:
        return f"Discarded: {entry.reason}" if entry.reason else "Discarded."
    if entry.state == NEEDS_YOU:
        return _NOT_ON_ATTENDEE_LIST if _is_missing_from_list(entry, has_attendee_list) else entry.reason
    if is_paused:
        return "Sending is paused; the lead is safe on this device."
    if not is_worker_running:
        return "The sender is not running; the lead is safe on this device."
    if not gate.is_open:
        return gate.sentence
    return entry.reason or "Goes out next."


def describe_next_try(entry: PendingEntry, gate: Gate, gate_retry_seconds: float, is_paused: bool) -> str:
    """When this lead is tried next; empty where that is for a person to say."""
    if entry.state != WAITING:
        return ""
    if is_paused:
        return "paused"
    seconds = max(entry.seconds_left, 0.0 if gate.is_open else gate_retry_seconds)
    return f"in {format_duration(seconds)}" if seconds >= 1 else "now"


def describe_crm_leftovers(reached: CrmPresence) -> str:
    """What is left to do in the CRM after a discard; empty where nothing is."""
    known = reached.remote_ids
    if len(known) == 1:
        return f"The CRM has it already ({known[0]}): delete it there."
    if known:
        return f"The CRM has {format_lead_count(len(known))} of them already: delete those there."
    if reached.in_flight:
        return "It was on its way at this moment: look whether the CRM has it."
    return ""
