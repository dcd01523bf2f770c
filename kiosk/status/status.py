"""How everything stands: what the status line, `kiosk status` and the pending list's header say."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from data import attendees, gates, outbox, pause, scans
from data.clock import Clock
from data.gates import Gate
from data.outbox import Counts
from data.pause import Paused
from data.pending import Entry, Group
from data.store import Store
from kiosk.config.load import Settings
from kiosk.status import wording
from kiosk.status.wording import GO_ON, leads_count, paused_since, span
from sync.heartbeat import hanging
from sync.lock import is_held

FRESH_SECONDS = 600.0
"""How long an answer of the CRM's says that it works: after that, that nobody has asked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands at one moment, read from the database and from the kernel's locks alone."""

    counts: Counts
    gate: Gate
    gate_seconds: float
    """Until a closed gate is tried again."""
    sender_runs: bool
    """Whether a worker lives."""
    scanned_today: int
    now: float
    """Seconds since 1970 UTC."""
    paused: Paused | None = None
    """Whether a person has paused sending."""
    sender_hangs: bool = False
    """Whether there is a worker that shows no sign of life."""
    has_list: bool = False
    """Whether this event's attendee list was imported."""

    @property
    def is_moving(self) -> bool:
        """Whether what waits is on its way, as far as that is known."""
        return self.sender_runs and self.gate.is_open and self.paused is None

    @property
    def is_safe_to_pack(self) -> bool:
        """Whether nothing waits any more: scanned = in the CRM + needs you + discarded."""
        return self.counts.waiting == 0

    @property
    def crm(self) -> str:
        """What is known of the CRM and the network, in a few words; an open gate alone says nothing of this moment."""
        wrong = [] if self.paused is None else ["sending paused"]
        if not self.sender_runs:
            wrong.append("sender hangs" if self.sender_hangs else "sender stopped")
        elif not self.gate.is_open:
            wrong.append(self.gate.cause)
        if wrong:
            return ", ".join(wrong)
        if self.gate.last_success is None:
            return "CRM not asked yet"
        ago = self.now - self.gate.last_success
        return f"CRM answered {span(ago)} ago" if ago < FRESH_SECONDS else f"CRM not asked for {span(ago)}"

    @property
    def last_success(self) -> str:
        """When the CRM last answered as it should; empty where `crm` tells that already."""
        if self.is_moving:
            return ""
        if self.gate.last_success is None:
            return "nothing sent yet"
        return f"last success {span(self.now - self.gate.last_success)} ago"

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            **asdict(self.counts),
            "scanned_today": self.scanned_today,
            "sender_runs": self.sender_runs,
            "crm": self.crm,
            "paused": asdict(self.paused) if self.paused else None,
            "cause": self.gate.cause,
            "sentence": self.sentence,
            "last_success": self.gate.last_success,
            "next_try_seconds": round(self.gate_seconds, 1),
            "safe_to_pack_up": self.is_safe_to_pack,
        }

    @property
    def sentence(self) -> str:
        """One sentence on why nothing is moving, or that all is well."""
        if self.paused:
            return self.paused_sentence
        if self.is_safe_to_pack and (self.gate.is_open or not self.sender_runs):
            return self.nothing_waits
        waiting = leads_count(self.counts.waiting)
        if self.sender_hangs:
            return f"The sender hangs: {waiting} safe on this device. Close the kiosk and start it again."
        if not self.sender_runs:
            return f"The sender is not running: {waiting} safe on this device."
        if not self.gate.is_open:
            safe = f" {waiting} safe on this device." if self.counts.waiting else " Nothing waits."
            when = f" Next try in {span(self.gate_seconds)}." if self.gate_seconds >= 1 else " Trying now."
            return f"{self.gate.sentence}{safe}{when if self.counts.waiting else ''}"
        return f"{waiting} on the way to the CRM."

    @property
    def paused_sentence(self) -> str:
        """That sending is paused, since when, by whom, and how to go on; empty where it is not."""
        if self.paused is None:
            return ""
        before, after = f"{self.nothing_waits} ", ""
        if self.counts.waiting:
            before, after = "", f": {leads_count(self.counts.waiting)} safe on this device"
        stopped = "" if self.sender_runs else " The sender is not running either."
        return f"{before}{paused_since(self.paused, self.now)}{after}. {GO_ON}{stopped}"

    def why(self, line: Entry | Group) -> str:
        """Why a lead, or each lead of a group, is where it is, and what happens next."""
        return wording.why(line, self.gate, self.sender_runs, self.paused is not None, self.has_list)

    def next_try(self, entry: Entry) -> str:
        """When a lead is tried next; empty where that is for a person to say."""
        return wording.next_try(entry, self.gate, self.gate_seconds, self.paused is not None)

    @property
    def nothing_waits(self) -> str:
        """What is left where nothing is on its way."""
        if self.counts.needs_you:
            verb = "needs" if self.counts.needs_you == 1 else "need"
            return f"{leads_count(self.counts.needs_you)} {verb} a person; nothing else is left to send."
        return "Everything is in the CRM." if self.counts.delivered else "Nothing to send."


def read_standing(db: Store, settings: Settings, clock: Clock) -> Standing:
    """How everything stands now."""
    gate = gates.read(db, settings.crm.connector)
    now, hangs = clock.wall(), hanging(settings.worker_lock) is not None
    midnight = time.mktime((*time.localtime(now)[:3], 0, 0, 0, 0, 0, -1))
    return Standing(
        counts=outbox.counts(db),
        gate=gate,
        gate_seconds=gate.seconds_left(clock),
        sender_runs=is_held(settings.worker_lock) and not hangs,
        scanned_today=scans.count(db, settings.event.name, midnight),
        now=now,
        paused=pause.paused(db),
        sender_hangs=hangs,
        has_list=attendees.has_list(db, settings.event.name),
    )
