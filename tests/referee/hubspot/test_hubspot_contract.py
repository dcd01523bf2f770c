"""HubSpot's contract, read out of its own client and kept by Prism: our calls and the practice CRM's answers fit it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

pytest.importorskip("hubspot", reason="hubspot-api-client is not installed")

from sync.connectors.base import Delivered, Rejected
from sync.connectors.hubspot import HubSpotConnector
from sync.errors import ConfigurationFault, OutcomeUnknown
from tests.referee.hubspot.contract import DATED_VERSION, build_document
from tests.referee.prism import run_prism
from tests.sync.hubspot.conftest import ScriptedHubSpot, make_lead, push_batches, use_connector
from tests.sync.hubspot.factories import ID_PROPERTY, add_property, make_settings

pytestmark = pytest.mark.referee

Start = Callable[..., AbstractContextManager[str]]

VERSIONS = ["v3", DATED_VERSION]
FIELDS = {
    "first_name": "firstname", "last_name": "lastname", "email": "email", "company": "company",
    "rating": "booth_rating", "note": "booth_note", "tags": "booth_tags", "scanned_at": "booth_scanned_at",
}  # fmt: skip
ANA = make_lead("ana@initech.com", "0190-ana")
BOB = make_lead("bob@initech.com", "0190-bob")


@pytest.fixture(scope="module")
def start(program: Callable[[str, str], list[str]], tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Starts a Prism over HubSpot's contract."""
    command = program("prism", "prism")

    def make(upstream: str = "", examples: dict[int, Any] | None = None) -> AbstractContextManager[str]:
        return run_prism(command, build_document(examples), tmp_path_factory.mktemp("prism"), upstream)

    return make


def connector(url: str, token: str = "a-key-of-hubspot-s", **changes: Any) -> HubSpotConnector:
    """A connector for whoever answers at *url*."""
    return HubSpotConnector(make_settings(SimpleNamespace(url=url), fields=FIELDS, **changes), read_token=lambda: token)


def result(remote_id: str, trace: str) -> dict[str, Any]:
    """One result of an upsert."""
    moment = "2026-11-24T09:30:00.000Z"
    return {
        "id": remote_id, "new": True, "properties": {}, "createdAt": moment, "updatedAt": moment,
        "objectWriteTraceId": trace,
    }  # fmt: skip


COMPLETE = {
    "status": "COMPLETE", "startedAt": "2026-11-24T09:30:00.000Z", "completedAt": "2026-11-24T09:30:00.000Z",
    "results": [result("7", BOB.id), result("6", ANA.id)],
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_a_mock_of_the_contract_accepts_our_leads(start: Start, version: str) -> None:
    """It refuses what does not fit; what it answers is understood, in whatever order."""
    with start(examples={200: COMPLETE}) as url:
        (outcomes,) = push_batches(connector(url, version=version), [ANA, BOB])

    assert {ANA.id: Delivered("6", 200), BOB.id: Delivered("7", 200)} == outcomes


def test_a_made_up_response_proves_nothing(start: Start) -> None:
    """It fits, and names none of our leads, or says that it is not done: nobody counts as delivered."""
    with start() as url:
        try:
            (outcomes,) = push_batches(connector(url), [ANA, BOB])
        except OutcomeUnknown:
            outcomes = {}

    assert outcomes == {}


def test_the_mock_refuses_invalid_calls(start: Start) -> None:
    """Or else it would prove nothing of us: a number as a value, a field of nobody's, and no key."""
    good = {"id": "1", "properties": {"phone": "1"}}
    bad = [{**good, "properties": {"phone": 1}}, {**good, "lead": "1"}, {"id": "1"}]

    with start(examples={200: COMPLETE}) as url:
        statuses = [
            httpx.post(
                f"{url}/crm/objects/{DATED_VERSION}/contacts/batch/upsert",
                json={"inputs": [item]},
                headers={"Authorization": "Bearer x"},
                trust_env=False,
            ).status_code
            for item in (good, *bad)
        ]

    assert statuses == [200, 422, 422, 422]


@pytest.fixture(scope="module")
def judged(start: Start, practice_crm_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A practice CRM behind a Prism that turns every violation, by either side, into an error."""
    crm = practice_crm_in(tmp_path_factory.mktemp("crm") / "practice")
    crm.start(rate_limit=1_000_000)
    add_property(crm, "booth_tags")
    with start(crm.url) as url:
        yield SimpleNamespace(crm=crm, url=url)
    crm.stop()


@pytest.mark.parametrize("version", VERSIONS)
def test_our_calls_and_the_practice_crm_follow_the_contract(judged: Any, version: str) -> None:
    """All that a show needs: create what is missing, check, deliver, update, refuse one, join one, and remove."""
    leads = [
        make_lead(rating=4, note="call me", tags=["demo"], scanned_at="2026-11-24T09:30:00+00:00") for _ in range(100)
    ]
    bad = make_lead("not an address")
    twin = make_lead(str(leads[0].fields["email"]))

    async def show(connector: HubSpotConnector) -> list[Any]:
        return [
            await connector.create_missing(),
            await connector.check_setup(),
            await connector.push("1", leads),
            await connector.push("2", leads[:5]),
            await connector.push("3", [bad, twin, *leads[1:3]]),
            await connector.remove_test_lead(twin, judged.crm.contact(twin.id)["id"]),
        ]

    created, checked, first, again, mixed, removed = use_connector(
        connector(judged.url, judged.crm.token, version=version), show
    )

    assert all(finding.is_well for finding in (*created, *checked))
    assert {type(first[item.id]) for item in leads} == {Delivered}
    assert [first[item.id] for item in leads[:5]] == [again[item.id] for item in leads[:5]]
    assert [type(mixed[item.id]) for item in (bad, twin, leads[1])] == [Rejected, Delivered, Delivered]
    assert "Email address not an address is invalid" in mixed[bad.id].reason
    assert removed is True


@pytest.mark.parametrize("version", VERSIONS)
def test_calls_by_e_mail_follow_the_contract_too(judged: Any, version: str) -> None:
    """Those that HubSpot has are named by its own ids; one that is gone goes by e-mail again."""
    kiosk = {"version": version, "id_property": "email"}
    (first,) = push_batches(connector(judged.url, judged.crm.token, **kiosk), leads := [make_lead(), make_lead()])
    known = [replace(item, remote_id=first[item.id].remote_id) for item in leads]
    judged.crm.call("DELETE", f"/crm/v3/objects/contacts/{known[1].remote_id}")

    (again,) = push_batches(connector(judged.url, judged.crm.token, **kiosk), known)

    assert {type(outcome) for outcome in again.values()} == {Delivered}
    assert tuple(first[item.id].remote_id == again[item.id].remote_id for item in leads) == (True, False)


def test_the_practice_crms_errors_follow_the_contract_too(judged: Any) -> None:
    """They come through as what they are: Prism would have made another status of them."""
    with pytest.raises(ConfigurationFault, match="non-unique"):
        push_batches(connector(judged.url, judged.crm.token, id_property="booth_tags"), [make_lead()])
    judged.crm.set_faults(forbidden=True)
    with pytest.raises(ConfigurationFault, match=r"crm\.objects\.contacts\.write"):
        push_batches(connector(judged.url, judged.crm.token), [make_lead()])
    judged.crm.set_faults(forbidden=False)


def test_a_violation_of_the_contract_is_found(start: Start) -> None:
    """Or else the proxy would prove nothing of the practice CRM."""
    hubspot = ScriptedHubSpot()
    path = f"/crm/objects/{DATED_VERSION}/contacts/batch/upsert"
    body = {"inputs": [{"id": "1", "idProperty": ID_PROPERTY, "properties": {}}]}
    try:
        with start(hubspot.url) as url:
            statuses = []
            for answer in (COMPLETE, {**COMPLETE, "status": "DONE"}, {**COMPLETE, "results": [{"id": 7}]}):
                hubspot.respond = lambda sent, answer=answer: (200, answer, {})  # type: ignore[misc]
                headers = {"Authorization": "Bearer x"}
                statuses.append(httpx.post(url + path, json=body, headers=headers, trust_env=False).status_code)
    finally:
        hubspot.stop()

    assert statuses == [200, 500, 500]
