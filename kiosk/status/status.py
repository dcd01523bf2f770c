"""The kiosk status: where all leads are, and why nothing is moving if nothing is."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from data import attendees, gates, outbox, pause, scans
from data.clock import Clock
from data.gates import Gate
from data.language import _, format_number, ngettext
from data.outbox import DELIVERED, DISCARDED, OutboxCounts
from data.pause import SendingPause
from data.pending import PendingEntry, PendingGroup
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status import wording
from kiosk.status.wording import HOW_TO_RESUME, describe_cause, describe_pause, format_duration, format_lead_count
from sync.file_lock import is_lock_held
from sync.heartbeat import find_hung_holder

# How long a response of the CRM says something about whether it works now.
_FRESH_RESPONSE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class KioskStatus:
    """
    The state of all leads and of sending at one moment.

    It is read from the database and from kernel locks alone: no network call, and no other process is asked.
    """

    counts: OutboxCounts
    gate: Gate
    gate_retry_seconds: float
    """Seconds until a closed gate is tried again."""
    is_worker_running: bool
    scanned_today: int
    now: float
    """Seconds since 1970 UTC."""
    paused: SendingPause | None = None
    """Who paused sending and when; None while it is not paused."""
    is_worker_hanging: bool = False
    """Whether a worker holds its lock but has stopped responding."""
    has_attendee_list: bool = False
    """Whether this event's attendee list was imported."""
    is_kiosk_running: bool = False
    """Whether a `kiosk run` is running, with a screen or without; its worker may not be."""

    @property
    def is_sending(self) -> bool:
        """Whether waiting leads are on their way, as far as this device knows."""
        return self.is_worker_running and self.gate.is_open and self.paused is None

    @property
    def has_nothing_waiting(self) -> bool:
        """Whether nothing is left to send: every lead is delivered, needs you, or is discarded."""
        return self.counts.waiting == 0

    @property
    def crm_summary(self) -> str:
        """What is known of the CRM and the network, in a few words."""
        problems = [] if self.paused is None else [_("sending paused")]
        if not self.is_worker_running:
            problems.append(_("sending stuck") if self.is_worker_hanging else _("sending is not running"))
        elif not self.gate.is_open:
            problems.append(describe_cause(self.gate.cause))
        if problems:
            return ", ".join(problems)
        if self.gate.last_success is None:
            return _("CRM not contacted yet")
        # An open gate only says that nothing has failed since the last response, so the age of that response is shown.
        age = self.now - self.gate.last_success
        duration = format_duration(age)
        if self.is_response_fresh:
            return _("CRM responded {duration} ago").format(duration=duration)
        return _("CRM not contacted for {duration}").format(duration=duration)

    @property
    def is_response_fresh(self) -> bool:
        """Whether the CRM's last response says something about whether it works now."""
        return self.gate.last_success is not None and self.now - self.gate.last_success < _FRESH_RESPONSE_SECONDS

    @property
    def crm_brief(self) -> str:
        """The same while leads are on their way, in fewer words: `CRM 4 s ago`."""
        if self.gate.last_success is None:
            return _("CRM not contacted yet")
        return _("CRM {duration} ago").format(duration=format_duration(self.now - self.gate.last_success))

    @property
    def last_success_text(self) -> str:
        """When the CRM last worked; empty if `crm_summary` says that already."""
        if self.is_sending:
            return ""
        if self.gate.last_success is None:
            return _("nothing sent yet")
        return _("CRM last worked {duration} ago").format(duration=format_duration(self.now - self.gate.last_success))

    def as_json(self) -> dict[str, Any]:
        """Return the status for scripts: `kiosk status --json` and the API."""
        return {
            **asdict(self.counts),
            "scanned_today": self.scanned_today,
            "sender_runs": self.is_worker_running,
            "crm": self.crm_summary,
            "paused": asdict(self.paused) if self.paused else None,
            "cause": self.gate.cause,
            "sentence": self.sentence,
            "last_success": self.gate.last_success,
            "next_try_seconds": round(self.gate_retry_seconds, 1),
            "safe_to_pack_up": self.has_nothing_waiting,
        }

    @property
    def sentence(self) -> str:
        """One sentence on why nothing is moving, or that all is well."""
        if self.paused:
            return self.pause_sentence
        # With a closed gate, staff should know of the problem even before there is something to send.
        if self.has_nothing_waiting and (self.gate.is_open or not self.is_worker_running):
            return self.nothing_waiting_sentence
        leads = format_lead_count(self.counts.waiting)
        if self.is_worker_hanging:
            stuck = _("Sending is stuck: {leads} safe on this device.").format(leads=leads)
            return f"{stuck} {_('Close the kiosk and start it again.')}"
        if not self.is_worker_running:
            stopped = _("Sending is not running: {leads} safe on this device.").format(leads=leads)
            return f"{stopped} {self.start_advice}"
        if not self.gate.is_open:
            return self._closed_gate_sentence
        return _("{leads} on the way to the CRM.").format(leads=leads)

    @property
    def _closed_gate_sentence(self) -> str:
        """Why the gate is closed, what is safe, and when it is tried again."""
        if not self.counts.waiting:
            return " ".join((_(self.gate.sentence), _("Nothing is waiting.")))
        duration = format_duration(self.gate_retry_seconds)
        return " ".join(
            (
                _(self.gate.sentence),
                _("{leads} waiting, safe on this device.").format(leads=format_lead_count(self.counts.waiting)),
                _("Next try in {duration}.").format(duration=duration)
                if self.gate_retry_seconds >= 1
                else _("Trying now."),
            )
        )

    @property
    def pause_sentence(self) -> str:
        """That sending is paused, since when, by whom, and how to resume; empty if it is not paused."""
        return self.describe_paused_leads(describe_pause(self.paused, self.now)) if self.paused else ""

    def describe_paused_leads(self, pause_sentence: str) -> str:
        """Say, after *pause_sentence*, what is waiting while sending is paused, and how to resume."""
        if self.counts.waiting:
            leads = format_lead_count(self.counts.waiting)
            sentences = [pause_sentence, _("{leads} waiting, safe on this device.").format(leads=leads)]
        else:
            sentences = [pause_sentence, self.nothing_waiting_sentence]
        sentences.append(_(HOW_TO_RESUME))
        if not self.is_worker_running:
            if self.is_kiosk_running:
                sentences.append(_("Resuming alone sends nothing: sending is not running."))
            else:
                sentences.append(_("Resuming alone sends nothing: no kiosk is running."))
            sentences.append(self.start_advice)
        return " ".join(sentences)

    @property
    def start_advice(self) -> str:
        """How to start sending while it is not running."""
        return _("Close the kiosk and start it again.") if self.is_kiosk_running else _("Start it with `kiosk run`.")

    def explain_state(self, line: PendingEntry | PendingGroup) -> str:
        """Say why a lead, or each lead of a group, is where it is, and what happens next."""
        return wording.explain_state(
            line, self.gate, self.is_worker_running, self.paused is not None, self.has_attendee_list
        )

    def describe_state(self, entry: PendingEntry) -> str:
        """Say in which state a lead is, why, and what happens next."""
        if entry.state == DELIVERED:
            return _("delivered.")
        if entry.state == DISCARDED:
            return _("discarded, {reason}").format(reason=entry.reason) if entry.reason else _("discarded.")
        return f"{_(entry.state)}. {self.explain_state(entry)}"

    def describe_next_try(self, entry: PendingEntry) -> str:
        """Say when a lead is tried next; empty if that is up to a person."""
        return wording.describe_next_try(
            entry, self.gate, self.gate_retry_seconds, self.is_worker_running, self.paused is not None
        )

    @property
    def nothing_waiting_sentence(self) -> str:
        """What is left to do if nothing is waiting."""
        if self.counts.needs_you:
            return ngettext(
                "{count} lead needs you; nothing else is left to send.",
                "{count} leads need you; nothing else is left to send.",
                self.counts.needs_you,
            ).format(count=format_number(self.counts.needs_you))
        return _("Everything is in the CRM.") if self.counts.delivered else _("Nothing to send.")


def find_midnight(now: float) -> float:
    """Return when the local day of *now* began. Both are in seconds since 1970 UTC."""
    return time.mktime((*time.localtime(now)[:3], 0, 0, 0, 0, 0, -1))


def read_kiosk_status(db: Store, settings: Settings, clock: Clock) -> KioskStatus:
    """Read the kiosk status as it is now."""
    gate = gates.read_gate(db, settings.crm.connector)
    now, hangs = clock.wall_time(), find_hung_holder(settings.worker_lock) is not None
    return KioskStatus(
        counts=outbox.count_leads(db),
        gate=gate,
        gate_retry_seconds=gate.seconds_left(clock),
        is_worker_running=is_lock_held(settings.worker_lock) and not hangs,
        scanned_today=scans.count_scans(db, settings.event.name, find_midnight(now)),
        now=now,
        paused=pause.read_pause(db),
        is_worker_hanging=hangs,
        has_attendee_list=attendees.has_attendee_list(db, settings.event.name),
        is_kiosk_running=is_lock_held(settings.kiosk_lock),
    )
