"""Limits that all records of one call share, an org that has moved, and a sign-in at the wrong moment."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data import batch_sizes, outbox
from data.store import Store
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.settings.salesforce import SalesforceSettings
from tests.support.clock import FakeClock
from tests.sync.salesforce.scripted_org import OrgRequest, OrgResponse, ScriptedOrg

Save = Callable[..., list[str]]

LIMITS = {
    "NPSP#1560": ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "System.LimitException: Too many SOQL queries: 101"),
    "EloquentSalesForce#70": ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Apex CPU time limit exceeded"),
    "forcedotcom/cli#348": ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Too many DML rows: 10001"),
    "too many statements": ("CANNOT_EXECUTE_FLOW_TRIGGER", "Too many DML statements: 151"),
    "a lock": ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: 001xx"),
    "a time-out of a lock": ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Record unavailable: lock request time out"),
    "a limit that nobody knows": ("FLOW_LIMIT", "interview limit of the org reached"),
}  # fmt: skip


def takes_at_most(most: int, code: str, words: str) -> Callable[[OrgRequest], OrgResponse]:
    """Make an org whose trigger fails for each record if a call has more than *most*."""

    def api(asked: OrgRequest) -> OrgResponse:
        if len(asked.records) <= most:
            ids = [record["Booth_Lead_Id__c"] for record in asked.records]
            return OrgResponse(200, [{"id": record_id(name), "success": True, "errors": []} for name in ids])
        error = {"statusCode": code, "message": words, "fields": []}
        return OrgResponse(200, [{"success": False, "errors": [error]} for _ in asked.records])

    return api


def record_id(lead_id: str) -> str:
    """Return the org's id of a lead."""
    return "00Q" + lead_id.replace("-", "")[-15:]


def run_drains(store: Store, settings: SalesforceSettings, clock: FakeClock, runs: int = 1) -> list[DrainSummary]:
    """Run the drain so many times, a little later each time."""

    async def run() -> list[DrainSummary]:
        async with contextlib.aclosing(SalesforceConnector(settings)) as connector:
            found, made = [], Drain(store, connector, clock)
            for _ in range(runs):
                found.append(await made.run(now=True))
                clock.tick(5.0)
            return found

    return asyncio.run(run())


CASES = [
    pytest.param(code, words, before, id=f"{name}, {before} before")
    for name, (code, words) in LIMITS.items()
    # With nothing taken before, an unknown code that refuses all alike is the set-up.
    for before in ((1,) if code == "FLOW_LIMIT" else (0, 1))
]


@pytest.mark.parametrize(("code", "words", "before"), CASES)
def test_a_batch_limit_needs_no_person(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save, code: str, words: str, before: int
) -> None:
    """120 leads at once, as after an outage, and a trigger that handles fifty: all are delivered."""
    clock = FakeClock()
    save_leads(store, *(f"first{number}@initech.com" for number in range(before)))
    run_drains(store, settings, clock)
    save_leads(store, *(f"visitor{number}@initech.com" for number in range(120)))
    org.api = takes_at_most(50, code, words)

    run_drains(store, settings, clock, runs=3)

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=120 + before)
    known = batch_sizes.read_batch_size(store, "salesforce", clock)
    assert known is not None
    assert known <= 50
    calls = len(org.calls)
    save_leads(store, *(f"later{number}@initech.com" for number in range(100)))
    run_drains(store, settings, clock)  # as after a restart
    assert outbox.count_leads(store).delivered == 220 + before
    assert max(len(call.records) for call in org.calls[calls:]) <= 50


def test_a_limit_hit_by_a_single_lead_is_the_orgs_problem(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """It waits; nobody has to correct a lead because of a trigger."""
    save_leads(store, "ana@initech.com")
    org.api = takes_at_most(0, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Too many SOQL queries: 101")

    run_drains(store, settings, FakeClock(), runs=3)

    assert outbox.count_leads(store) == outbox.OutboxCounts(waiting=1)


def test_batch_size_is_a_setting(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """For orgs that are known to be slow."""
    save_leads(store, *(f"visitor{number}@initech.com" for number in range(25)))

    run_drains(store, replace(settings, batch_size=10), FakeClock())

    assert [len(call.records) for call in org.calls] == [10, 10, 5]


MOVED = {
    "jsforce#1274: 302": OrgResponse(302, b"", {"Location": "https://acme--new.my.salesforce.com/"}),
    "IlluminatedCloud#1667: 301": OrgResponse(301, b"", {"Location": "https://acme--new.my.salesforce.com/"}),
    "404 page": OrgResponse(404, b"<html><title>URL No Longer Exists</title></html>", {"Content-Type": "text/html"}),
    "a page with 200": OrgResponse(200, b"<!doctype html><title>Salesforce</title>", {"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("answer", MOVED.values(), ids=MOVED.keys())
def test_an_org_that_has_moved_is_found_by_signing_in_once(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save, answer: OrgResponse
) -> None:
    """Without a restart: the sign-in names the new instance, and the lead goes there in the same run."""
    new = ScriptedOrg()
    new.api = takes_at_most(200, "", "")
    try:
        save_leads(store, "ana@initech.com")

        async def show() -> int:
            async with contextlib.aclosing(SalesforceConnector(settings)) as connector:
                made = Drain(store, connector, FakeClock())
                await made.run()
                org.api = lambda asked: answer
                org.sign_in = lambda asked: OrgResponse(200, {"access_token": "00D!new", "instance_url": new.url})
                save_leads(store, "bob@initech.com")
                await made.run(now=True)
                return len(org.sign_ins)

        assert asyncio.run(show()) == 2
        assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=2)
        assert len(new.calls) == 1
    finally:
        new.stop()


def test_a_lasting_page_does_not_cause_repeated_sign_ins(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """After one sign-in it waits, like after any other fault."""
    save_leads(store, "ana@initech.com")
    clock = FakeClock()

    async def show() -> None:
        async with contextlib.aclosing(SalesforceConnector(settings)) as connector:
            made = Drain(store, connector, clock)
            await made.run()
            org.api = lambda asked: MOVED["404 page"]
            save_leads(store, "bob@initech.com")
            for _ in range(5):
                await made.run(now=True)
                clock.tick(5.0)

    asyncio.run(show())

    assert len(org.sign_ins) == 2
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1, waiting=1)


SOON = [
    {"error": "invalid_grant", "error_description": "token request is already being processed"},
    {"error": "unknown_error", "error_description": "retry your request"},
    {"error": "invalid_request", "error_description": "The server is temporarily unable; try again"},
]


@pytest.mark.parametrize("document", SOON, ids=["action-destinations#2300", "MobileSDK-iOS#3731", "temporarily"])
def test_a_sign_in_at_the_wrong_moment_is_tried_again_in_seconds(
    org: ScriptedOrg, settings: SalesforceSettings, store: Store, save_leads: Save, document: dict[str, Any]
) -> None:
    """It does not blame the key: no person is needed, and *sync now* tries again."""
    save_leads(store, "ana@initech.com")
    clock, begin = FakeClock(), org.start_session
    org.sign_in = lambda asked: OrgResponse(400, document)

    (first,) = run_drains(store, settings, clock)
    org.sign_in = begin
    left = first.gate.seconds_left(clock)
    run_drains(store, settings, clock)

    assert first.gate.cause == "CRM down"
    assert left <= 10
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1)
