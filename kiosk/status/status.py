"""How everything stands: what the status line, `kiosk status` and the pending list's header say."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from data import attendees, gates, outbox, pause, scans
from data.clock import Clock
from data.gates import Gate
from data.outbox import OutboxCounts
from data.pause import SendingPause
from data.pending import PendingEntry, PendingGroup
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status import wording
from kiosk.status.wording import HOW_TO_RESUME, describe_pause, format_duration, format_lead_count
from sync.file_lock import is_lock_held
from sync.heartbeat import find_hung_holder

_FRESH_ANSWER_SECONDS = 600.0
"""How long an answer of the CRM's says that it works: after that, that nobody has asked."""


@dataclass(frozen=True, slots=True)
class KioskStatus:
    """How everything stands at one moment, read from the database and from the kernel's locks alone."""

    counts: OutboxCounts
    gate: Gate
    gate_retry_seconds: float
    """Until a closed gate is tried again."""
    is_worker_running: bool
    """Whether a worker lives."""
    scanned_today: int
    now: float
    """Seconds since 1970 UTC."""
    paused: SendingPause | None = None
    """Whether a person has paused sending."""
    is_worker_hanging: bool = False
    """Whether there is a worker that shows no sign of life."""
    has_attendee_list: bool = False
    """Whether this event's attendee list was imported."""

    @property
    def is_sending(self) -> bool:
        """Whether what waits is on its way, as far as that is known."""
        return self.is_worker_running and self.gate.is_open and self.paused is None

    @property
    def has_nothing_waiting(self) -> bool:
        """Whether nothing waits any more: scanned = in the CRM + needs you + discarded."""
        return self.counts.waiting == 0

    @property
    def crm_summary(self) -> str:
        """What is known of the CRM and the network, in a few words; an open gate alone says nothing of this moment."""
        wrong = [] if self.paused is None else ["sending paused"]
        if not self.is_worker_running:
            wrong.append("sender hangs" if self.is_worker_hanging else "sender stopped")
        elif not self.gate.is_open:
            wrong.append(self.gate.cause)
        if wrong:
            return ", ".join(wrong)
        if self.gate.last_success is None:
            return "CRM not asked yet"
        ago = self.now - self.gate.last_success
        return (
            f"CRM answered {format_duration(ago)} ago"
            if ago < _FRESH_ANSWER_SECONDS
            else f"CRM not asked for {format_duration(ago)}"
        )

    @property
    def last_success_text(self) -> str:
        """When the CRM last answered as it should; empty where `crm` tells that already."""
        if self.is_sending:
            return ""
        if self.gate.last_success is None:
            return "nothing sent yet"
        return f"last success {format_duration(self.now - self.gate.last_success)} ago"

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
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
        if self.has_nothing_waiting and (self.gate.is_open or not self.is_worker_running):
            return self.nothing_waiting_sentence
        waiting = format_lead_count(self.counts.waiting)
        if self.is_worker_hanging:
            return f"The sender hangs: {waiting} safe on this device. Close the kiosk and start it again."
        if not self.is_worker_running:
            return f"The sender is not running: {waiting} safe on this device."
        if not self.gate.is_open:
            safe = f" {waiting} safe on this device." if self.counts.waiting else " Nothing waits."
            when = (
                f" Next try in {format_duration(self.gate_retry_seconds)}."
                if self.gate_retry_seconds >= 1
                else " Trying now."
            )
            return f"{self.gate.sentence}{safe}{when if self.counts.waiting else ''}"
        return f"{waiting} on the way to the CRM."

    @property
    def pause_sentence(self) -> str:
        """That sending is paused, since when, by whom, and how to go on; empty where it is not."""
        if self.paused is None:
            return ""
        before, after = f"{self.nothing_waiting_sentence} ", ""
        if self.counts.waiting:
            before, after = "", f": {format_lead_count(self.counts.waiting)} safe on this device"
        stopped = "" if self.is_worker_running else " The sender is not running either."
        return f"{before}{describe_pause(self.paused, self.now)}{after}. {HOW_TO_RESUME}{stopped}"

    def explain_state(self, line: PendingEntry | PendingGroup) -> str:
        """Why a lead, or each lead of a group, is where it is, and what happens next."""
        return wording.explain_state(
            line, self.gate, self.is_worker_running, self.paused is not None, self.has_attendee_list
        )

    def describe_next_try(self, entry: PendingEntry) -> str:
        """When a lead is tried next; empty where that is for a person to say."""
        return wording.describe_next_try(entry, self.gate, self.gate_retry_seconds, self.paused is not None)

    @property
    def nothing_waiting_sentence(self) -> str:
        """What is left where nothing is on its way."""
        if self.counts.needs_you:
            verb = "needs" if self.counts.needs_you == 1 else "need"
            return f"{format_lead_count(self.counts.needs_you)} {verb} a person; nothing else is left to send."
        return "Everything is in the CRM." if self.counts.delivered else "Nothing to send."


def read_kiosk_status(db: Store, settings: Settings, clock: Clock) -> KioskStatus:
    """How everything stands now."""
    gate = gates.read_gate(db, settings.crm.connector)
    now, hangs = clock.wall_time(), find_hung_holder(settings.worker_lock) is not None
    midnight = time.mktime((*time.localtime(now)[:3], 0, 0, 0, 0, 0, -1))
    return KioskStatus(
        counts=outbox.count_leads(db),
        gate=gate,
        gate_retry_seconds=gate.seconds_left(clock),
        is_worker_running=is_lock_held(settings.worker_lock) and not hangs,
        scanned_today=scans.count_scans(db, settings.event.name, midnight),
        now=now,
        paused=pause.read_pause(db),
        is_worker_hanging=hangs,
        has_attendee_list=attendees.has_attendee_list(db, settings.event.name),
    )
