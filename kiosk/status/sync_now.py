"""What comes of "sync now": said as it is, also where nothing can come of it."""

from data.clock import Clock
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status.status import Standing, read_standing
from kiosk.status.wording import leads_count
from sync.nudge import ask_for_drain

TRIES = "Sync now: the sender tries at once."

WATCHED_SECONDS = 20.0
"""How long it is watched what comes of it; the status line says the rest."""


def begin(db: Store, settings: Settings, clock: Clock) -> str:
    """Have the worker try whatever the gate says; why nothing can come of that, or empty."""
    if found := read_standing(db, settings, clock).paused_sentence:
        return f"Not tried. {found}"
    ask_for_drain(settings.queue, now=True)
    return ""


def came_of(before: Standing, now: Standing) -> str:
    """What came of it by *now*, in one sentence; empty while that is not known."""
    waiting = leads_count(now.counts.waiting)
    if now.paused:
        return now.paused_sentence
    if not now.sender_runs:
        return f"Nothing is sent: the sender is not running. {waiting} safe on this device."
    if now.gate != before.gate:
        if not now.gate.is_open:
            return f"Not sent: {now.gate.sentence}"
        return "The CRM answers, and " + (f"{waiting} still on the way." if now.counts.waiting else "nothing waits.")
    if not now.counts.waiting and not now.counts.delivered:
        return "There is nothing to send, so the CRM was not asked."
    return ""


def at_last(now: Standing) -> str:
    """What is said when nothing came of it for a long time."""
    if now.counts.waiting:
        return f"The sender has not ended yet: {leads_count(now.counts.waiting)} still on the way."
    return "There is nothing to send, so the CRM was not asked."
