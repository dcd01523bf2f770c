"""Each example of docs/rest.md, unchanged, delivers to a server that responds as that program does."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data import leads, outbox
from data.clock import SystemClock
from data.store import Store
from sync.connectors.base import CheckResult
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from tests.sync.rest.bottle_rest import BottleRest
from tests.sync.rest.crm_replicas import KEY, CrmReplica, EspoCrm, TrytonCrm, run_crm
from tests.sync.rest.dataverse import Dataverse
from tests.sync.rest.guide import GUIDE, load_example_settings
from tests.sync.rest.pipedrive import Pipedrive

EXAMPLES: dict[str, tuple[type[CrmReplica], str]] = {
    "EspoCRM": (EspoCrm, "firstName"),
    "BottleCRM": (BottleRest, "first_name"),
    "Tryton": (TrytonCrm, "name"),
    "A person, then a lead: Pipedrive": (Pipedrive, "name"),
    "A token that lasts an hour: Dataverse": (Dataverse, "firstname"),
}
"""The headings, what answers as that program does, and what it calls a first name, or a whole one."""

RUNS = 30
"""More than enough for every answer to arrive."""


@pytest.fixture(params=EXAMPLES, ids=lambda heading: heading.split()[-1].lower())
def heading(request: pytest.FixtureRequest) -> str:
    """One example after another."""
    return str(request.param)


def deliver_all(store: Store, heading: str, crm: CrmReplica, folder: Path) -> None:
    """Deliver until nothing waits."""

    async def run() -> None:
        settings = load_example_settings(heading, crm.url, folder)
        connector = RestConnector(replace(settings, search=replace(settings.search, wait_seconds=0.0)))
        drain = Drain(store, connector, SystemClock())
        try:
            for _ in range(RUNS):
                await drain.run(now=True)
                if not outbox.count_leads(store).waiting:
                    return
        finally:
            await connector.aclose()

    asyncio.run(run())


def meet(store: Store, save_leads: Callable[..., list[str]], count: int) -> list[str]:
    """Save so many leads of different people, with first and last names."""
    saved = save_leads(store, *(f"visitor{number}@example.com" for number in range(count)))
    for number, lead in enumerate(saved):
        name = {"name": "", "first_name": f"Visitor{number}", "last_name": f"Number{number}", "rating": number % 5 + 1}
        leads.edit_lead(store, lead, name, "bob", SystemClock())
    return saved


def test_lost_responses_leave_each_lead_there_once(
    store: Store, save_leads: Callable[..., list[str]], tmp_path: Path, heading: str
) -> None:
    """No lead needs a person."""
    make, _ = EXAMPLES[heading]
    meet(store, save_leads, 9)
    with run_crm(make()) as crm:
        crm.lose_every = 3

        deliver_all(store, heading, crm, tmp_path)

        assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=9)
        assert len(crm.contacts) == 9
        assert len(getattr(crm, "leads", crm.contacts)) == 9


def test_an_edit_reaches_the_record_and_erases_nothing(
    store: Store, save_leads: Callable[..., list[str]], tmp_path: Path, heading: str
) -> None:
    """Other values in the CRM stay; empty values are not sent."""
    make, field = EXAMPLES[heading]
    ana, _ = meet(store, save_leads, 2)
    with run_crm(make()) as crm:
        deliver_all(store, heading, crm, tmp_path)
        (record,) = [known for known in crm.contacts if "Visitor0" in str(known[field])]
        record |= {"description": "typed in there", "phone": "+1 415 555 0100", "phones": [{"value": "+1 415"}]}
        before = dict(record)

        leads.edit_lead(store, ana, {"first_name": "Anabel"}, "bob", SystemClock())
        deliver_all(store, heading, crm, tmp_path)

        assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=2)
        assert "Anabel" in record[field]
        assert {name: value for name, value in record.items() if name != field} == {
            name: value for name, value in before.items() if name != field
        }


def test_the_check_finds_nothing_wrong_and_says_what_it_did_not_ask(tmp_path: Path, heading: str) -> None:
    """With the right key; a wrong key is reported."""
    make, _ = EXAMPLES[heading]

    async def check(url: str, key: str) -> list[CheckResult]:
        connector = RestConnector(load_example_settings(heading, url, tmp_path, key))
        try:
            return await connector.check_setup()
        finally:
            await connector.aclose()

    with run_crm(make()) as crm:
        findings = asyncio.run(check(crm.url, KEY))

    assert [finding.sentence for finding in findings if not finding.is_well] == []
    assert any(finding.was_asked for finding in findings)
    assert any("only a test lead" in finding.sentence for finding in findings if not finding.was_asked)


def test_every_example_of_the_guide_is_tested() -> None:
    """An example that is added must be tested here, too."""
    headings = [part.splitlines()[0] for part in GUIDE.read_text().split("\n## ")[1:] if "```toml" in part]
    assert list(EXAMPLES) == headings
