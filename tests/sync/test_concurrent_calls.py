"""Several calls at once: the connector says how many, and what goes wrong is looked into one call at a time."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from data import outbox
from data.store import Store
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.drain import Drain
from sync.errors import BatchRefused, CrmDown, Offline, SyncError
from tests.support.clock import FakeClock

Save = Callable[..., list[str]]


class SlowCrm:
    """Takes a while for each call, and counts how many there are at once."""

    destination = "slow"
    batch_size = 5
    is_idempotent = True

    def __init__(
        self,
        max_parallel_pushes: int,
        refuse: Callable[[Sequence[OutgoingLead]], SyncError | None] = lambda leads: None,
    ) -> None:
        self.max_parallel_pushes = max_parallel_pushes
        self.refuse = refuse
        self.under_way = 0
        self.most = 0
        self.alone: list[bool] = []
        """Of each call that followed a trouble, whether it was the only one."""
        self.is_troubled = False
        self.taken: list[str] = []

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Take them, unless there is something against it."""
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.01)
        if self.is_troubled:
            self.alone.append(self.under_way == 1)
        self.under_way -= 1
        if error := self.refuse(leads):
            self.is_troubled = True
            raise error
        self.taken += [lead.id for lead in leads]
        return {lead.id: Delivered(f"C-{lead.id}") for lead in leads}

    def fingerprint_credential(self) -> str:
        """It has none."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """All is well."""
        return []

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """It keeps no test lead."""
        return True

    async def aclose(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def many(store: Store, save_leads: Save) -> list[str]:
    """Sixty leads that wait, in the order in which they are sent."""
    return sorted(save_leads(store, *(f"visitor{number:02}@initech.com" for number in range(60))), reverse=True)


@pytest.mark.parametrize("at_once", [1, 3, 4])
def test_as_many_calls_are_under_way_as_the_connector_allows(store: Store, many: list[str], at_once: int) -> None:
    """Each lead goes once."""
    crm = SlowCrm(at_once)

    summary = asyncio.run(Drain(store, crm, FakeClock()).run())

    assert crm.most == at_once
    assert (summary.delivered, summary.calls) == (60, 12)
    assert sorted(crm.taken, reverse=True) == many


def test_a_bad_lead_is_found_while_the_other_calls_end_well(store: Store, many: list[str]) -> None:
    """Nothing is lost between the calls that were under way together."""
    bad = many[7]
    no = BatchRefused("Company is missing.", code="400")
    crm = SlowCrm(4, lambda leads: no if bad in [lead.id for lead in leads] else None)

    summary = asyncio.run(Drain(store, crm, FakeClock()).run())

    assert (summary.delivered, summary.rejected) == (59, 1)
    assert outbox.count_leads(store) == outbox.OutboxCounts(needs_you=1, delivered=59)
    assert sorted(set(many) - {bad}) == sorted(crm.taken)


def test_an_outage_that_breaks_all_calls_at_once_closes_the_gate_once(store: Store, many: list[str]) -> None:
    """No attempt is spent, and what comes after is one probe."""
    crm, clock = SlowCrm(4, lambda leads: Offline("No network.")), FakeClock()
    drain = Drain(store, crm, clock)

    first = asyncio.run(drain.run())
    crm.most = 0
    clock.tick(10.0)
    asyncio.run(drain.run())

    assert (first.gate.cause, first.gate.failures, crm.most) == ("offline", 1, 1)
    assert store.execute("select sum(attempts) from outbox").fetchone()[0] == 0


def test_trouble_is_looked_into_with_one_call_at_a_time(store: Store, many: list[str]) -> None:
    """A CRM that is not well gets no four calls at once."""
    bad = set(many[6:9])
    crm = SlowCrm(4, lambda leads: CrmDown("It answers 500.") if bad & {lead.id for lead in leads} else None)

    asyncio.run(Drain(store, crm, FakeClock()).run())

    assert set(crm.taken) == set(many) - bad
    assert crm.alone[3:8] == [True] * 5


def test_after_stopping_nothing_that_was_under_way_is_left_open(store: Store, many: list[str]) -> None:
    """Every call that was begun has its receipts."""
    crm = SlowCrm(4)

    summary = asyncio.run(Drain(store, crm, FakeClock()).run(is_stopping=lambda: crm.most >= 4))

    assert summary.delivered == 20
    assert store.execute("select count(*) from batches where ended_at is null").fetchone()[0] == 0
