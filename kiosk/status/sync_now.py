"""The result of "sync now", reported truthfully, even if nothing could be sent."""

from data.clock import Clock
from data.language import N_, _, format_number, ngettext
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import format_lead_count
from sync.wake import request_drain

TRYING_SENTENCE = N_("Sync now: sending ...")

# How long to wait for a result. After that the status line says enough.
WATCH_SECONDS = 20.0


def request_sync(db: Store, settings: Settings, clock: Clock) -> str:
    """Have the worker try now, whatever the gate says; return why it cannot, or an empty string."""
    if pause_sentence := read_kiosk_status(db, settings, clock).pause_sentence:
        return " ".join((_("Not tried."), pause_sentence))
    request_drain(settings.queue_file, now=True)
    return ""


def describe_result(before: KioskStatus, now: KioskStatus) -> str:
    """Describe the result of the attempt; empty while it is not known yet."""
    leads = format_lead_count(now.counts.waiting)
    if now.paused:
        return now.pause_sentence
    if not now.is_worker_running:
        not_sent = _("Not sent: sending is not running.")
        return " ".join((not_sent, now.start_advice, _("{leads} safe on this device.").format(leads=leads)))
    # The worker rewrites the gate after each call, so a changed gate is a result.
    if now.gate != before.gate:
        if not now.gate.is_open:
            return _("Not sent: {reason}").format(reason=_(now.gate.sentence))
        if now.counts.waiting:
            return _("The CRM is responding. {leads} still on the way.").format(leads=leads)
        if need := now.counts.needs_you:
            return ngettext(
                "The CRM is responding. Nothing is waiting; {count} lead needs you.",
                "The CRM is responding. Nothing is waiting; {count} leads need you.",
                need,
            ).format(count=format_number(need))
        return _("The CRM is responding. Nothing is waiting.")
    return "" if now.counts.waiting or now.counts.delivered else _describe_empty_outbox()


def describe_timeout(now: KioskStatus) -> str:
    """Describe the situation if the attempt had no result within `WATCH_SECONDS`."""
    if now.counts.waiting:
        return _("Still sending: {leads} on the way.").format(leads=format_lead_count(now.counts.waiting))
    return _describe_empty_outbox()


def _describe_empty_outbox() -> str:
    """Say why the CRM was not contacted."""
    return _("There is nothing to send, so the CRM was not contacted.")
