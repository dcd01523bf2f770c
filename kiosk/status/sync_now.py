"""What comes of "sync now": said as it is, also where nothing can come of it."""

from data.clock import Clock
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import format_lead_count
from sync.wake import request_drain

TRYING_SENTENCE = "Sync now: the sender tries at once."

WATCH_SECONDS = 20.0
"""How long it is watched what comes of it; the status line says the rest."""


def request_sync(db: Store, settings: Settings, clock: Clock) -> str:
    """Have the worker try whatever the gate says; why nothing can come of that, or empty."""
    if found := read_kiosk_status(db, settings, clock).pause_sentence:
        return f"Not tried. {found}"
    request_drain(settings.queue_file, now=True)
    return ""


def describe_result(before: KioskStatus, now: KioskStatus) -> str:
    """What came of it by *now*, in one sentence; empty while that is not known."""
    waiting = format_lead_count(now.counts.waiting)
    if now.paused:
        return now.pause_sentence
    if not now.is_worker_running:
        return f"Nothing is sent: the sender is not running. {waiting} safe on this device."
    if now.gate != before.gate:
        if not now.gate.is_open:
            return f"Not sent: {now.gate.sentence}"
        return "The CRM answers, and " + (f"{waiting} still on the way." if now.counts.waiting else "nothing waits.")
    if not now.counts.waiting and not now.counts.delivered:
        return "There is nothing to send, so the CRM was not asked."
    return ""


def describe_timeout(now: KioskStatus) -> str:
    """What is said when nothing came of it for a long time."""
    if now.counts.waiting:
        return f"The sender has not ended yet: {format_lead_count(now.counts.waiting)} still on the way."
    return "There is nothing to send, so the CRM was not asked."
