"""Refusals and answers that tell half: the lead at fault waits for a person, every other is delivered, once."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data import leads
from sync.connectors.odoo.connector import OdooConnector
from sync.outcomes import MAX_ATTEMPTS
from sync.settings.odoo import OdooSettings
from sync.settings.rest import RestSettings
from tests.sync.hubspot.factories import make_connector
from tests.sync.matrix.fake_crm import FakeCrm, Fault, respond_with
from tests.sync.matrix.kiosk_under_test import (
    DELIVERED,
    UNTOUCHED,
    Kiosk,
    make_rest,
    make_single_rest,
    require_all_arrived,
    require_held_back,
    require_plain,
)
from tests.sync.matrix.wire import JSON, HttpCall, Wire, build_response

NEEDS_YOU = ("needs you", 0, "rejected")

CREATED = {"status": "created", "error": None}


def fail_on_lead(crm: FakeCrm, email: str, answer: bytes) -> Fault:
    """Answer each call with this person in it with *answer*; accept all others."""

    def fault(wire: Wire, call: HttpCall) -> None:
        if any(contact["email"] == email for contact in call.contacts):
            wire.sendall(answer)
        else:
            wire.sendall(build_response("200 OK", crm.process_call(call)))

    return fault


def change_answer(crm: FakeCrm, change: Callable[[list[dict[str, Any]]], Any], status: str = "200 OK") -> Fault:
    """Let the CRM accept all leads, and *change* the results that it returns."""
    return lambda wire, call: wire.sendall(
        build_response(status, {"results": change(crm.process_call(call)["results"])})
    )


def require_others_arrived(kiosk: Kiosk, crm: FakeCrm, bad: str, email: str) -> None:
    """Assert that every lead but *bad* is delivered, and is at the CRM once."""
    assert {kiosk.read_row(lead) for lead in kiosk.leads if lead != bad} == DELIVERED
    assert sorted(set(kiosk.emails) - {email}) == crm.list_emails()


def get_id_and_email(kiosk: Kiosk, place: int) -> tuple[str, str]:
    """Return the id and the e-mail of a lead, by its place in the order in which leads are sent."""
    lead = kiosk.leads[place]
    found = kiosk.db.execute("select email from leads where id = ?", (lead,)).fetchone()
    return lead, str(found[0])


@pytest.mark.row(number=30)
@pytest.mark.parametrize("place", [0, 6, 12])
def test_one_bad_lead_that_is_named(kiosk: Kiosk, crm: FakeCrm, place: int) -> None:
    """Row 30: it waits for a person, with the CRM's words; the others went with the same call."""
    kiosk.add_leads(13)
    kiosk.use_connector(make_rest(crm.url))
    bad, email = get_id_and_email(kiosk, place)

    def fault(wire: Wire, call: HttpCall) -> None:
        good = [contact for contact in call.contacts if contact["email"] != email]
        taken = [crm._save_contact(contact) for contact in good]
        refusal = {"client_id": bad, "status": "rejected", "id": None, "error": "email: not deliverable"}
        wire.sendall(build_response("200 OK", {"results": [*taken, refusal]}))

    crm.fault = fault
    kiosk.drain()

    assert len(crm.calls) == 1
    assert kiosk.read_row(bad) == NEEDS_YOU
    assert "email: not deliverable" in kiosk.read_reason(bad)
    require_others_arrived(kiosk, crm, bad, email)


@pytest.mark.row(number=30)
@pytest.mark.parametrize("make", [make_rest, make_single_rest], ids=lambda make: make.__name__)
@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable Entity", "409 Conflict"])
def test_one_bad_lead_that_is_not_named(kiosk: Kiosk, crm: FakeCrm, make: Callable[[str], Any], status: str) -> None:
    """Row 30: it is found by halving; it waits for a person, and the others are delivered."""
    kiosk.add_leads(13)
    kiosk.use_connector(make(crm.url))
    bad, email = get_id_and_email(kiosk, 7)
    crm.fault = fail_on_lead(crm, email, build_response(status, {"error": "company is missing"}))

    summary = kiosk.drain()

    assert (summary.delivered, summary.rejected, summary.gate.is_open) == (12, 1, True)
    assert kiosk.read_row(bad) == NEEDS_YOU
    require_others_arrived(kiosk, crm, bad, email)
    crm.fault = None
    leads.edit_lead(kiosk.db, bad, {"company": "Initech"}, "", kiosk.clock)
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=31)
@pytest.mark.parametrize("make", [make_rest, make_single_rest], ids=lambda make: make.__name__)
def test_every_lead_is_refused_for_the_same_reason(kiosk: Kiosk, crm: FakeCrm, make: Callable[[str], Any]) -> None:
    """Row 31: three leads with one refusal: the gate closes with its message, and no lead needs a person."""
    kiosk.add_leads(40)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response("400 Bad Request", {"error": "property booth_lead_id is missing"}))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "for the same reason", "property booth_lead_id is missing")
    assert len({call.ids[0] for call in crm.calls if len(call.ids) == 1}) == 3
    calls = len(crm.calls)
    kiosk.drain()
    assert len(crm.calls) == calls
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=31)
def test_every_lead_is_refused_for_a_reason_of_its_own(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 31: these are bad leads, not a bad set-up: each waits for a person with its own words."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_single_rest(crm.url))
    crm.fault = lambda wire, call: wire.sendall(
        build_response("422 Unprocessable Entity", {"error": f"no city for {call.contacts[0]['name']}"})
    )

    kiosk.drain()

    assert kiosk.read_rows() == {NEEDS_YOU}
    assert len({kiosk.read_reason(lead) for lead in kiosk.leads}) == 5


@pytest.mark.row(number=32)
def test_some_leads_are_accepted_and_some_are_not(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 32: each lead ends as the answer says of it: taken, refused, in trouble, or not named at all."""
    kiosk.add_leads(8)
    kiosk.use_connector(make_rest(crm.url))
    refused, troubled, left_out = kiosk.leads[2], kiosk.leads[3], kiosk.leads[4]

    def change(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said = {
            refused: {"status": "400", "id": None, "error": "email: no"},
            troubled: {"status": "503", "id": None, "error": "locked"},
        }
        return [item | said.get(item["client_id"], {}) for item in results if item["client_id"] != left_out]

    crm.fault = change_answer(crm, change, "207 Multi-Status")
    kiosk.drain()

    assert kiosk.read_row(refused) == NEEDS_YOU
    assert "email: no" in kiosk.read_reason(refused)
    assert {kiosk.read_row(lead)[0] for lead in (troubled, left_out)} == {"waiting"}
    assert kiosk.read_row(left_out)[1] == 0, "an unknown outcome spent an attempt"
    assert sum(kiosk.read_row(lead) == ("delivered", 0, "") for lead in kiosk.leads) == 5
    crm.fault = None
    leads.edit_lead(kiosk.db, refused, {"note": "asked again"}, "", kiosk.clock)
    require_all_arrived(kiosk, crm)


def respond_with_duplicate(record: dict[str, Any]) -> Fault:
    """Answer that the CRM has *record* already."""
    return respond_with(build_response("409 Conflict", record))


@pytest.mark.row(number=33)
@pytest.mark.parametrize("by", ["client_id", "email"])
def test_a_duplicate_that_is_the_same_person(kiosk: Kiosk, crm: FakeCrm, by: str) -> None:
    """Row 33: our id or the e-mail says so: the lead is delivered, under the id that the CRM has."""
    kiosk.add_leads(1)
    kiosk.use_connector(make_single_rest(crm.url))
    lead, email = get_id_and_email(kiosk, 0)
    crm.records = [{"id": "R-7", "email": email}]
    crm.fault = respond_with_duplicate(
        {"id": "R-7", "client_id": lead} if by == "client_id" else {"id": "R-7", "email": email.upper()}
    )

    kiosk.drain()

    assert kiosk.read_rows() == DELIVERED
    assert kiosk.db.execute("select remote_id from outbox").fetchone()[0] == "R-7"
    assert crm.list_emails() == [email]


@pytest.mark.row(number=33)
def test_a_duplicate_that_is_somebody_else(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 33: another of the same name: it is never dropped, a person looks."""
    kiosk.add_leads(1)
    kiosk.use_connector(make_single_rest(crm.url))
    crm.fault = respond_with_duplicate({"id": "R-7", "name": "Visitor 0", "email": "other@umbrella.com"})

    kiosk.drain()

    assert kiosk.read_rows() == {NEEDS_YOU}
    assert "The CRM has another Visitor 0" in kiosk.read_reason(kiosk.leads[0])
    crm.fault = None
    leads.edit_lead(kiosk.db, kiosk.leads[0], {"company": "Initech"}, "", kiosk.clock)
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=34)
@pytest.mark.parametrize("most", [1, 6, 39])
def test_a_batch_that_is_too_big(kiosk: Kiosk, crm: FakeCrm, most: int) -> None:
    """Row 34: it is sent in smaller batches, no lead is at fault, and no larger batch is tried again."""
    kiosk.add_leads(40)
    kiosk.use_connector(make_rest(crm.url))

    def fault(wire: Wire, call: HttpCall) -> None:
        is_large = len(call.contacts) > most
        answer = (
            build_response("413 Content Too Large") if is_large else build_response("200 OK", crm.process_call(call))
        )
        wire.sendall(answer)

    crm.fault = fault
    summary = kiosk.drain()

    assert (summary.delivered, summary.rejected, summary.gate.is_open) == (40, 0, True)
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=34)
def test_a_lead_that_is_too_big_alone(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 34: a person has to shorten it; the others are delivered."""
    kiosk.add_leads(9)
    kiosk.use_connector(make_rest(crm.url))
    bad, email = get_id_and_email(kiosk, 4)
    crm.fault = fail_on_lead(crm, email, build_response("413 Content Too Large"))

    kiosk.drain()

    assert kiosk.read_row(bad) == NEEDS_YOU
    require_others_arrived(kiosk, crm, bad, email)


@pytest.mark.row(number=36)
def test_a_server_error_for_one_lead(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 36: it fails alone while others pass, backs off, and goes to a person in the end, after half an hour."""
    kiosk.add_leads(9)
    kiosk.use_connector(make_rest(crm.url))
    bad, email = get_id_and_email(kiosk, 4)
    crm.fault = fail_on_lead(crm, email, build_response("500 Internal Server Error", {"error": "NullPointerException"}))

    kiosk.drain()
    first = kiosk.read_row(bad)
    started = kiosk.clock.seconds_since_boot()
    kiosk.drain_until_settled()

    assert first == ("waiting", 1, "retry")
    assert kiosk.read_row(bad)[0] == "needs you"
    assert f"{MAX_ATTEMPTS} times on this lead while accepting others" in kiosk.read_reason(bad)
    assert kiosk.clock.seconds_since_boot() - started >= MAX_ATTEMPTS - 1
    assert kiosk.gate.is_open
    require_others_arrived(kiosk, crm, bad, email)


FAILURES = [
    ({"error": {"code": "AccessDenied", "message": "key"}}, "not authorised"),
    ({"error": {"code": "ValueError", "message": "no city"}}, "set-up"),
]


@pytest.mark.row(number=38)
@pytest.mark.parametrize(("body", "cause"), FAILURES, ids=["sign-in", "value"])
def test_an_error_with_status_200(kiosk: Kiosk, crm: FakeCrm, body: Any, cause: str) -> None:
    """Row 38: what the body says counts, not the status; refused alike for all, it is the set-up's fault."""
    places = replace(RestSettings().answer, failure="error.code", error="error.message")
    kiosk.add_leads(5)
    kiosk.use_connector(make_single_rest(crm.url, answer=places))
    crm.fault = respond_with(build_response("200 OK", body))

    kiosk.drain()

    require_held_back(kiosk, cause)
    crm.fault = None
    require_all_arrived(kiosk, crm)


ODOO = [
    ("odoo.exceptions.AccessDenied", "Access Denied", "not authorised"),
    ("odoo.exceptions.AccessError", "You may not", "set-up"),
    ("psycopg2.OperationalError", "server closed the connection", "CRM down"),
]


@pytest.mark.row(number=38)
@pytest.mark.parametrize(("name", "words", "cause"), ODOO, ids=[cause for _, _, cause in ODOO])
def test_odoo_answers_everything_with_status_200(
    kiosk: Kiosk, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch, name: str, words: str, cause: str
) -> None:
    """Row 38: JSON-RPC has one status for all; the exception's name says whose fault it is."""
    monkeypatch.setenv("BOOTH_TEST_ODOO_KEY", "s3cret-of-the-booth")
    settings = OdooSettings(crm.url, database="d", login="l", api="jsonrpc", key_env="BOOTH_TEST_ODOO_KEY")
    error = {"code": 200, "message": "Odoo Server Error", "data": {"name": name, "message": words}}
    kiosk.add_leads(5)
    kiosk.use_connector(OdooConnector(settings))
    crm.fault = respond_with(build_response("200 OK", {"jsonrpc": "2.0", "id": 1, "error": error}))

    kiosk.drain()

    require_held_back(kiosk, cause)


BODIES = {
    "nothing": b"",
    "white space": b"  \n",
    "half": b'{"results": [{"client_id"',
    "two": b"{}{}",
    "a number": b"7",
    "null": b"null",
    "a text": b'"OK"',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "results that are not a list": b'{"results": null}',
    "results of nobody": b'{"results": []}',
    "results that are not objects": b'{"results": [1, null, "x", []]}',
    "not UTF-8": b'{"results": "\xff\xfe"}',
    "NaN": b"NaN",
    "nested without end": b"[" * 100_000,
    "a huge number": b"9" * 10_000,
    "prose": b"OK, thanks!",
}


@pytest.mark.row(number=39)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_malformed_answer(kiosk: Kiosk, crm: FakeCrm, body: bytes) -> None:
    """Row 39: no lead counts as delivered or spends an attempt; it waits for a usable answer."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))

    def fault(wire: Wire, call: HttpCall) -> None:
        crm.process_call(call)
        wire.sendall(build_response("200 OK", body, JSON))

    crm.fault = fault
    for _ in range(5):
        kiosk.drain()
        require_held_back(kiosk, "CRM down")
        kiosk.wait_for_next_try()

    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=39)
def test_a_byte_order_mark_is_accepted(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 39: some servers send one in front of their JSON."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = lambda wire, call: wire.sendall(
        build_response("200 OK", b"\xef\xbb\xbf" + json.dumps(crm.process_call(call)).encode(), JSON)
    )

    assert kiosk.drain().delivered == 5
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=40)
def test_fewer_results_than_leads(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 40: leads that are not mentioned are not delivered, and spend no attempt: the CRM may have them."""
    kiosk.add_leads(9)
    kiosk.use_connector(make_rest(crm.url))
    missing = kiosk.leads[3:6]
    crm.next_faults = [
        change_answer(crm, lambda results: [item for item in results if item["client_id"] not in missing])
    ]

    summary = kiosk.drain()

    assert summary.delivered == 6
    assert {kiosk.read_row(lead)[:2] for lead in missing} == {("waiting", 0)}
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=41)
def test_results_in_another_order(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 41: they are matched by our id: each lead has the CRM's id of its own record."""
    kiosk.add_leads(9)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = change_answer(crm, lambda results: results[4:] + results[3::-1])

    kiosk.drain()

    remote = dict(map(tuple, kiosk.db.execute("select lead_id, remote_id from outbox")))
    assert {record["client_id"]: record["id"] for record in crm.records} == remote
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=42)
@pytest.mark.parametrize("own", [True, False], ids=["beside ours", "alone"])
def test_results_for_leads_that_were_not_sent(kiosk: Kiosk, crm: FakeCrm, own: bool) -> None:
    """Row 42: results for leads that were not sent are ignored; if there are no others, nothing is proven."""
    kiosk.add_leads(4)
    kiosk.use_connector(make_rest(crm.url))
    strangers = [{"client_id": f"stranger-{number}", "id": f"S-{number}", **CREATED} for number in range(3)]
    crm.fault = change_answer(crm, lambda results: strangers + (results if own else []))

    kiosk.drain()

    assert kiosk.read_rows() == (DELIVERED if own else UNTOUCHED)
    assert own or kiosk.gate.cause == "CRM down"
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=42)
@pytest.mark.parametrize("first", ["taken", "refused"])
def test_two_results_for_one_lead(kiosk: Kiosk, crm: FakeCrm, first: str) -> None:
    """Row 42: an answer that says yes and no of a lead says nothing of it; it goes again."""
    kiosk.add_leads(4)
    kiosk.use_connector(make_rest(crm.url))

    def twice(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        no = {"client_id": results[1]["client_id"], "status": "rejected", "id": None, "error": "no"}
        return [*results, no] if first == "taken" else [no, *results]

    torn = kiosk.leads[1]
    crm.next_faults = [change_answer(crm, twice)]
    kiosk.drain()

    assert kiosk.read_row(torn)[:2] == ("waiting", 0)
    assert {kiosk.read_row(lead) for lead in kiosk.leads if lead != torn} == DELIVERED
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=43)
@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "CANCELED"])
def test_hubspot_has_not_finished_yet(kiosk: Kiosk, crm: FakeCrm, practice_crm: Any, status: str) -> None:
    """Row 43: taken is not written: no lead is delivered or spends an attempt until HubSpot says COMPLETE."""
    kiosk.add_leads(5)
    connector = make_connector(practice_crm, url=crm.url)
    kiosk.use_connector(connector)
    crm.fault = respond_with(build_response("200 OK", {"status": status, "results": []}))

    kiosk.drain()

    require_held_back(kiosk, "CRM down", "has not confirmed yet")
    kiosk.runner.run(connector.aclose())
    kiosk.use_connector(make_connector(practice_crm))
    kiosk.drain_until_settled()
    assert kiosk.read_rows() == DELIVERED
    assert sorted(kiosk.emails) == sorted(contact["email"] for contact in practice_crm.contacts())


@pytest.mark.row(number=44)
@pytest.mark.parametrize("key", ["email", "booth_lead_id"])
def test_one_person_twice_in_a_batch(kiosk: Kiosk, practice_crm: Any, key: str) -> None:
    """Row 44: HubSpot would refuse the whole call: one is sent, and of the others a person says if they are it."""
    practice_crm.set_faults(rate_limit=100_000)
    kiosk.add_leads(5)
    for lead in kiosk.leads[:3]:
        email = "  Ana@Initech.com" if lead == kiosk.leads[0] else "ana@initech.com"
        leads.edit_lead(kiosk.db, lead, {"email": email, "name": "Ana Lopez"}, "", kiosk.clock)
    kiosk.use_connector(make_connector(practice_crm, id_property=key))

    kiosk.drain()
    kiosk.drain_until_settled()

    assert sorted(map(kiosk.read_row, kiosk.leads)) == [("delivered", 0, "")] * 3 + [("needs you", 0, "one record")] * 2
    emails = [contact["email"].strip().casefold() for contact in practice_crm.contacts()]
    assert 3 == len(emails) == len(set(emails))


@pytest.mark.row(number=30)
@pytest.mark.parametrize("words", ["company: missing", "\x1b[2Jno\r\n2026 INFO all delivered", "x" * 5000, "", "电话"])
def test_the_message_of_the_crm_is_readable(kiosk: Kiosk, crm: FakeCrm, words: str) -> None:
    """Row 30: what a person reads is one sentence on one line, whatever the CRM says."""
    kiosk.add_leads(1)
    kiosk.use_connector(make_single_rest(crm.url))
    crm.fault = respond_with(build_response("422 Unprocessable Entity", {"error": words}))

    kiosk.drain()

    reason = kiosk.read_reason(kiosk.leads[0])
    assert kiosk.read_rows() == {NEEDS_YOU}
    assert reason.isprintable()
    assert len(reason) < 400
    assert require_plain("The CRM refuses it.")
