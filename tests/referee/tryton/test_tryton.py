"""A real Tryton judges the rest connector: lost answers, edits, a code that is unique, and records that are deleted."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data import leads, outbox
from data.arrival import Arrival, arrive
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import Store, open_store
from kiosk.config.load import load_settings
from sync.connectors.base import CheckResult
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from sync.settings.rest import RestSettings
from tests.referee.tryton.server import APPLICATION_KEY, LossyProxy, Tryton
from tests.sync.rest.guide import load_example_settings

pytestmark = pytest.mark.referee

LEADS = 200
"""Every fourth of them has no e-mail."""

RUNS = 60

REST = """
[crm]
connector = "rest"
[crm.rest]
url = "{url}/crm/rest/model/party.party"
update_url = "{url}/crm/rest/model/party.party/{{remote_id}}"
delete_url = "{url}/crm/rest/model/party.party/{{remote_id}}"
check_url = "{url}/crm/rest/model/party.party?s=1"
token_file = "{key}"
id_field = "code"
[crm.rest.fields]
name = "name"
[crm.rest.answer]
key = ""
there_already = ["must be unique"]
[crm.rest.search]
url = "{url}/crm/rest/model/party.party/search_read"
method = "POST"
body = {{ domain = [["code", "=", "{{lead_id}}"]], fields_names = ["code"] }}
key = "code"
"""
"""Its REST API takes a search's domain in base64 by GET, and as it is by POST."""

Describe = Callable[[str], RestSettings]


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """The server."""
    server = Tryton(tmp_path_factory.mktemp("tryton"))
    yield server
    server.stop()


@pytest.fixture
def proxy(tryton: Tryton) -> Iterator[LossyProxy]:
    """What is between the kiosk and a Tryton without parties."""
    tryton.forget_parties()
    between = LossyProxy(tryton.port)
    yield between
    between.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A kiosk's database."""
    db = open_store(tmp_path / "kiosk.db")
    yield db
    db.close()


@pytest.fixture(params=["json-rpc", "rest"])
def described(request: pytest.FixtureRequest, tmp_path: Path, tryton: Tryton) -> Describe:
    """What kiosk.toml says: as in docs/rest.md by JSON-RPC, with a session in place of a password; or by REST."""

    def rest(url: str) -> RestSettings:
        key, path = tmp_path / "key", tmp_path / "kiosk.toml"
        key.write_text(APPLICATION_KEY)
        key.chmod(0o600)
        path.write_text(REST.format(url=url, key=key))
        return load_settings(path).crm.rest

    def json_rpc(url: str) -> RestSettings:
        return replace(load_example_settings("Tryton", url, tmp_path, tryton.session), token_prefix="Session ")

    return rest if request.param == "rest" else json_rpc


def meet(store: Store, count: int) -> list[str]:
    """Save so many leads, and return their ids."""
    clock, saved = SystemClock(), []
    for number in range(count):
        email = f"visitor{number}@example.com" if number % 4 else ""
        new = Lead("", "practice", "plain", Contact(name=f"Visitor {number}", email=email))
        scan = ScanRecord(
            f"badge {number}".encode(), f"badge {number}", "plain", "QR", "camera", "", "kiosk-1",
            wall_at=clock.wall_time(), boot_id=clock.boot_id, monotonic=clock.seconds_since_boot(),
        )  # fmt: skip
        saved.append(arrive(store, Arrival(scan, new, [f"badge:{number}"]), clock).lead.id)
    return saved


def deliver_all(store: Store, settings: RestSettings) -> None:
    """Deliver until nothing waits."""

    async def run() -> None:
        connector = RestConnector(settings)
        drain = Drain(store, connector, SystemClock())
        try:
            for _ in range(RUNS):
                await drain.run(now=True)
                if not outbox.count_leads(store).waiting:
                    return
        finally:
            await connector.aclose()

    asyncio.run(run())


def test_lost_responses_leave_two_hundred_leads_there_once(
    store: Store, tryton: Tryton, proxy: LossyProxy, described: Describe
) -> None:
    """Also those without an e-mail; nobody has to look at one, neither then nor after thirty edits."""
    saved = meet(store, LEADS)
    proxy.lose_every = 7

    deliver_all(store, described(proxy.url))
    for lead in saved[:30]:
        leads.edit_lead(store, lead, {"name": f"Edited {lead}"}, "bob", SystemClock())
    deliver_all(store, described(proxy.url))

    parties = tryton.parties()
    assert proxy.lost >= LEADS // 7
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=LEADS)
    assert sorted(party["code"] for party in parties) == sorted(saved)
    assert {party["code"]: party["name"] for party in parties if party["code"] in saved[:30]} == {
        lead: f"Edited {lead}" for lead in saved[:30]
    }


def test_a_deleted_party_needs_a_person_and_delays_nobody(
    store: Store, tryton: Tryton, proxy: LossyProxy, described: Describe
) -> None:
    """Whoever has it sent again gets a new one."""
    ana, *others = meet(store, 3)
    deliver_all(store, described(proxy.url))
    tryton.call("model.party.party.delete", [party["id"] for party in tryton.parties() if party["code"] == ana], {})

    for lead in (ana, *others):
        leads.edit_lead(store, lead, {"name": f"Edited {lead}"}, "bob", SystemClock())
    deliver_all(store, described(proxy.url))
    after = outbox.count_leads(store)
    outbox.retry_lead(store, ana, "bob", SystemClock())
    deliver_all(store, described(proxy.url))

    assert after == outbox.OutboxCounts(delivered=2, needs_you=1)
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=3)
    assert sorted(party["name"] for party in tryton.parties()) == sorted(f"Edited {lead}" for lead in (ana, *others))


def test_the_check_asks_and_finds_nothing_wrong(proxy: LossyProxy, described: Describe) -> None:
    """The key, and the search for somebody who is not there."""

    async def check() -> list[CheckResult]:
        connector = RestConnector(described(proxy.url))
        try:
            return await connector.check_setup()
        finally:
            await connector.aclose()

    findings = asyncio.run(check())

    assert [finding.sentence for finding in findings if not finding.is_well] == []
    assert [finding.sentence for finding in findings if finding.was_asked] == [
        "The CRM responds, and accepts the key.",
        "search.url finds nobody if there is nobody to find.",
    ]
