"""The Odoo connector with the practice CRM's Odoo dialects."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from data.clock import SystemClock
from data.store import Store
from sync.connectors.base import CheckResult, Delivered, NotSent, Outcome, OutgoingLead, Rejected
from sync.drain import Drain
from sync.settings.odoo import OdooSettings
from tests.sync.scripted_server import ScriptedResponse, ScriptedServer

Push = Callable[..., dict[str, Outcome]]


@pytest.fixture(params=["json2", "jsonrpc"])
def odoo(request: pytest.FixtureRequest, crm: Any, monkeypatch: pytest.MonkeyPatch) -> OdooSettings:
    """Settings for the practice CRM, for each of both APIs."""
    monkeypatch.setenv("BOOTH_TEST_KEY", crm.token)
    return OdooSettings(crm.url, request.param, "practice", "booth@example.com", "BOOTH_TEST_KEY")


def make_lead(id: str = "", **more: Any) -> OutgoingLead:
    """Make a lead."""
    made = {"name": "Ana Lopez", "event": "Expo", "email": "ana@initech.com"}
    fields = {name: value for name, value in more.items() if name not in ("was_sent_before", "remote_id")}
    rest = {name: value for name, value in more.items() if name in ("was_sent_before", "remote_id")}
    return OutgoingLead(id or str(uuid4()), 1, {**made, **fields}, **rest)


def test_a_lead_that_is_sent_again_erases_nothing(crm: Any, odoo: OdooSettings, push: Push) -> None:
    """Neither a field that this device does not know, nor a tag that the office added."""
    ana = make_lead(phone="+49 30 1234", tags=["demo"])
    push(odoo, ana)
    office = make_lead(ana.id, tags=["hot"], was_sent_before=True)
    push(odoo, office)

    again = make_lead(ana.id, company="Initech", tags=["pricing"], was_sent_before=True)
    other = make_lead(phone="1", was_sent_before=True)
    outcomes = push(odoo, again, other)

    kept = crm.contact(ana.id)
    assert (kept["phone"], kept["company"], kept["tags"]) == ("+49 30 1234", "Initech", ["demo", "hot", "pricing"])
    assert isinstance(outcomes[ana.id], Delivered)
    assert outcomes[other.id] == NotSent()


def test_unknown_tags_are_created_or_refused(crm: Any, odoo: OdooSettings, push: Push) -> None:
    """As kiosk.toml says; a tag that was created once exists for all leads."""
    known, unknown = f"tag-{uuid4()}", f"tag-{uuid4()}"
    strict = replace(odoo, new_tags=False)
    push(odoo, make_lead(tags=[known]))
    ana, bob = make_lead(tags=[known]), make_lead(tags=[unknown])

    outcomes = push(strict, ana, bob)

    rejected = outcomes[bob.id]
    assert isinstance(rejected, Rejected)
    assert (
        rejected.reason, rejected.code,
    ) == (f"Odoo rejected it: No matching record found for name '{unknown}' in field 'Tags'.", "tag_ids")  # fmt: skip
    assert outcomes[ana.id] == NotSent()
    assert isinstance(push(strict, ana)[ana.id], Delivered)


def test_nothing_is_written_if_one_row_is_bad(crm: Any, odoo: OdooSettings, push: Push) -> None:
    """None of the other leads is blamed."""
    leads, before = [make_lead(), make_lead(), make_lead(email="nonsense"), make_lead()], crm.stats()["contacts"]

    outcomes = push(odoo, *leads)

    assert [lead_id for lead_id, end in outcomes.items() if isinstance(end, Rejected)] == [leads[2].id]
    assert list(outcomes.values()).count(NotSent()) == 3
    assert crm.stats()["contacts"] == before


def test_a_test_lead_is_removed(crm: Any, odoo: OdooSettings, push: Push, with_odoo: Callable[..., Any]) -> None:
    """It is deleted by the id under which it was delivered."""
    ana = make_lead()
    outcome = push(odoo, ana)[ana.id]
    assert isinstance(outcome, Delivered)

    assert with_odoo(odoo, lambda connector: connector.remove_test_lead(ana, outcome.remote_id))

    assert ana.id not in [contact["client_id"] for contact in crm.contacts()]
    assert not with_odoo(odoo, lambda connector: connector.remove_test_lead(ana, "P-1"))


def run_check(odoo: OdooSettings, with_odoo: Callable[..., Any]) -> list[CheckResult]:
    """Return the results of a check."""
    findings: list[CheckResult] = with_odoo(odoo, lambda connector: connector.check_setup())
    return findings


def test_a_check_of_a_set_up_that_works_finds_nothing_wrong(odoo: OdooSettings, with_odoo: Callable[..., Any]) -> None:
    """The check reports the version, the sign-in, the fields and the rights."""
    findings = run_check(odoo, with_odoo)

    assert all(finding.is_well for finding in findings)
    assert [finding.sentence for finding in findings] == [
        "This is Odoo 19.0." if odoo.api == "json2" else "This is Odoo 17.0.",
        "Odoo accepts the key.",
        "crm.lead has every field that kiosk.toml names.",
        "The key's user is allowed to create leads.",
    ]


@pytest.mark.parametrize(("change", "sentence"), [
    ({"fields": {"email": "email_from", "company": "x_firm"}, "always": {"team": "Events"}},
     "crm.lead has no field team, x_firm: correct kiosk.toml."),
    ({"title_field": ""}, "Odoo requires name: map it in [crm.odoo.fields] or [crm.odoo.always]."),
    ({"model": "crm.leads"},
     "CRM setup: Odoo does not have what kiosk.toml names: the model 'crm.leads' does not exist."),
])  # fmt: skip
def test_a_check_names_what_is_wrong(
    odoo: OdooSettings, with_odoo: Callable[..., Any], change: dict[str, Any], sentence: str
) -> None:
    """Each sentence says what to do about it."""
    findings = run_check(replace(odoo, **change), with_odoo)

    assert [finding.sentence for finding in findings if not finding.is_well] == [sentence]


def test_a_check_with_a_wrong_key_says_so(
    odoo: OdooSettings, with_odoo: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version needs no key."""
    monkeypatch.setenv("BOOTH_TEST_KEY", "another-key-of-some-length")

    findings = run_check(odoo, with_odoo)

    assert [finding.is_well for finding in findings] == [True, False]
    assert "Odoo does not accept the key" in findings[1].sentence


@pytest.mark.parametrize(("days", "is_well", "words"), [
    (30, True, "valid for 30 more days."), (14, False, "valid for 14 more days. Create a new one."),
    (-1, False, "create a new one in Odoo."),
])  # fmt: skip
def test_a_key_that_expires_soon_is_reported(
    odoo: OdooSettings, with_odoo: Callable[..., Any], days: int, is_well: bool, words: str
) -> None:
    """If kiosk.toml has its last day."""
    last = date.today() + timedelta(days=days)

    findings = run_check(replace(odoo, key_until=last.isoformat()), with_odoo)

    (finding,) = [finding for finding in findings if str(last) in finding.sentence or "more days" in finding.sentence]
    assert finding.is_well is is_well
    assert finding.sentence.endswith(words)


def test_a_missing_database_is_a_configuration_fault(odoo: OdooSettings, with_odoo: Callable[..., Any]) -> None:
    """Odoo reports an operational error, or a missing page."""
    findings = run_check(replace(odoo, database="another"), with_odoo)

    assert findings[-1].sentence.startswith("CRM setup: ")
    assert not findings[-1].is_well


@pytest.mark.parametrize(("api", "answer", "words"), [
    ("json2", ScriptedResponse({"version": "18.0"}), 'has no JSON-2: set api = "jsonrpc"'),
    ("json2", ScriptedResponse(b"<html>404</html>", 404), 'there is no Odoo 19: correct url, or set api = "jsonrpc"'),
    ("jsonrpc", ScriptedResponse({"jsonrpc": "2.0", "result": {"server_version": "20.0"}}),
     'no longer has JSON-RPC: set api = "json2"'),
])  # fmt: skip
def test_an_odoo_of_another_version_is_reported(
    server: ScriptedServer, json2: OdooSettings, jsonrpc: OdooSettings, with_odoo: Callable[..., Any],
    api: str, answer: ScriptedResponse, words: str,
) -> None:  # fmt: skip
    """The sentence contains the setting to change."""
    server.respond = lambda asked: answer if "version" in f"{asked.path}{asked.body!r}" else ScriptedResponse(b"", 404)

    findings = run_check(json2 if api == "json2" else jsonrpc, with_odoo)

    assert not findings[0].is_well
    assert words in findings[0].sentence


def test_bad_leads_hold_up_no_others(
    crm: Any, odoo: OdooSettings, store: Store, save_leads: Callable[..., list[str]], with_odoo: Callable[..., Any]
) -> None:
    """Nothing is written while a row is bad: each call names some bad rows, and the rest goes with the next call."""
    leads = save_leads(store, *(f"v{number}.{uuid4()}@initech.com" for number in range(30)))
    crm.set_faults(refuse=leads[11])

    summary = with_odoo(odoo, lambda connector: Drain(store, connector, SystemClock()).run())

    standing = dict(store.execute("select state, count(*) from outbox group by state").fetchall())
    assert standing == {"delivered": 29, "needs you": 1}
    assert (summary.delivered, summary.rejected, summary.calls) == (29, 1, 2)
