"""A connector whose CRM a test scripts, a clock that a test moves, and one drain."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.errors import SyncError

Save = Callable[..., list[str]]

Answer = Callable[[Sequence[OutgoingLead]], dict[str, Outcome]]


class ManualClock:
    """A clock that moves only when a test moves it."""

    boot_id = "boot-1"

    def __init__(self) -> None:
        self.now = 1000.0

    def wall_time(self) -> float:
        """Seconds since 1970 UTC."""
        return 1_790_000_000.0 + self.now

    def seconds_since_boot(self) -> float:
        """Seconds since the boot."""
        return self.now

    def is_synchronized(self) -> bool:
        """Always."""
        return True


class ScriptedConnector:
    """A connector whose CRM answers as the test decides, and records every call."""

    destination = "told"
    max_parallel_pushes = 1
    is_idempotent = True
    knows_by_email = False

    def __init__(self, answer: Answer, batch_size: int = 100) -> None:
        self.answer = answer
        self.batch_size = batch_size
        self.calls: list[list[str]] = []
        self.records: dict[str, int] = {}
        self.checks = 0
        self.says_it_is_well = True

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Answer, and keep what was taken, one record an id."""
        self.calls.append([lead.id for lead in leads])
        outcomes = self.answer(leads)
        for lead in leads:
            if isinstance(outcomes.get(lead.id), Delivered):
                self.records[lead.id] = lead.revision
        return outcomes

    def fingerprint_credential(self) -> str:
        """Return an empty fingerprint."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """What it says of itself."""
        self.checks += 1
        return [CheckResult(self.says_it_is_well, "So it says.")]

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Do nothing: no test lead was kept."""
        return True

    async def aclose(self) -> None:
        """Do nothing."""


def accept_all(leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """Return the answer of a CRM that works."""
    return {lead.id: Delivered(f"C-{lead.id}", 200) for lead in leads}


def fail_with(error: SyncError) -> Answer:
    """A CRM that answers each call with *error*."""

    def answer(leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        raise error

    return answer


def fail_for(bad: Sequence[str], error: SyncError) -> Answer:
    """A CRM that answers with *error* whenever a call holds one of *bad*."""

    def answer(leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        if any(lead.id in bad for lead in leads):
            raise error
        return accept_all(leads)

    return answer


def run_drain(drain: Drain, **options: Any) -> DrainSummary:
    """Run one drain."""
    return asyncio.run(drain.run(**options))
