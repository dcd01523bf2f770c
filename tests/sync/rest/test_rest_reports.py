"""Public reports of people who send contacts to JSON APIs, with the responses that they got."""

import json
from pathlib import Path
from typing import Any

import pytest

from data import outbox
from data.clock import SystemClock
from data.store import Store
from tests.sync.rest.contacts_api import (
    KEYED,
    SEARCHED,
    ContactsApi,
    count_states,
    drain_store,
    edit_lead,
    read_reason,
    read_settings,
    save_lead,
)
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

REFUSED: list[tuple[str, ScriptedResponse, str]] = [
    (
        "twenty: messages",
        ScriptedResponse({"statusCode": 400, "error": "Bad Request", "messages": ["name must be text"]}, 400),
        "name must be text",
    ),
    (
        "baserow#1795",
        ScriptedResponse({"error": "ERROR_BODY_VALIDATION", "detail": "The option '1' is not valid."}, 400),
        "The option '1' is not valid.",
    ),
    (
        "monica#2596",
        ScriptedResponse({"error": {"message": ["The first name field is required."], "error_code": 32}}, 422),
        "The first name field is required.",
    ),
    (
        "directus#24832",
        ScriptedResponse(
            {"errors": [{"message": "Value for field email has to be unique.", "extensions": {"code": "X"}}]}, 400
        ),
        "Value for field email has to be unique.",
    ),
    (
        "airtable",
        ScriptedResponse({"error": {"type": "INVALID_OPTIONS", "message": "May not create the option Expo"}}, 422),
        "May not create the option Expo.",
    ),
    (
        "strapi",
        ScriptedResponse(
            {"data": None, "error": {"status": 400, "name": "ValidationError", "message": "This must be unique"}}, 400
        ),
        "This must be unique.",
    ),
    (
        "frappe",
        ScriptedResponse({"exc_type": "ValidationError", "exception": "frappe.exceptions.X: Email is not valid"}, 417),
        "frappe.exceptions.X: Email is not valid.",
    ),
    (
        "vtiger",
        ScriptedResponse(
            {"success": False, "error": {"code": "MANDATORY_FIELDS_MISSING", "message": "lastname is missing"}}
        ),
        "lastname is missing.",
    ),
    (
        "yetiforce",
        ScriptedResponse({"status": 0, "error": {"message": "No permission for Leads", "code": 405}}),
        "No permission for Leads.",
    ),
    (
        "zoho",
        ScriptedResponse(
            {"data": [{"status": "error", "code": "INVALID_DATA", "message": "invalid data"}], "error": "see data"}
        ),
        "see data.",
    ),
    ("rails", ScriptedResponse({"errors": {"phone": ["is too short", "is no number"]}}, 422), "phone: is too short"),
    (
        "jsonapi",
        ScriptedResponse({"errors": [{"title": "Invalid", "detail": "Last name can't be blank"}]}, 422),
        "Last name can't be blank.",
    ),
    (
        "laravel",
        ScriptedResponse({"message": "The given data was invalid.", "errors": {"emails": ["Taken."]}}, 422),
        "The given data was invalid.",
    ),
    (
        "suitecrm hint",
        ScriptedResponse({"error": "bad_request", "message": "The request is not valid", "hint": "Check type"}, 400),
        "The request is not valid.",
    ),
    (
        "suitecrm#7665: words behind the JSON",
        ScriptedResponse(
            b'{"errors": {"status": 400, "title": null, "detail": "Database failure."}}Database failure.', 400
        ),
        "Database failure.",
    ),
    (
        "jsend",
        ScriptedResponse({"status": "fail", "data": {"email": "blocked"}, "message": "This person is blocked"}),
        "blocked.",
    ),
    (
        "aws-lambda-developer-guide#127",
        ScriptedResponse({"errorMessage": "Cannot read the email", "errorType": "TypeError", "trace": ["at x"]}),
        "Cannot read the email.",
    ),
    (
        "jsend, its fields alone",
        ScriptedResponse({"status": "fail", "data": {"email": "is blocked"}}),
        "email: is blocked.",
    ),
    (
        "a flag that is a text",
        ScriptedResponse({"Success": "false", "Message": "No such campaign"}),
        "No such campaign.",
    ),
    (
        "a status in the body",
        ScriptedResponse({"statusCode": 422, "message": "Email is not valid"}),
        "Email is not valid.",
    ),
]


@pytest.mark.parametrize(("said", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_the_crms_message_is_what_staff_read(
    store: Store, api: ContactsApi, tmp_path: Path, said: ScriptedResponse, words: str
) -> None:
    """The message, not the code beside it; the next lead is sent."""
    ana = save_lead(store, 1, name="Ana")
    save_lead(store, 2)
    api.override = lambda asked: said if b'"Ana"' in asked.body else None

    drain_store(store, read_settings(KEYED, api, tmp_path))

    assert words in read_reason(store, ana)
    assert count_states(store) == outbox.OutboxCounts(delivered=1, needs_you=1)


def test_a_refusal_with_the_id_of_another_record(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """PipedreamHQ/pipedream#21343: Zoho's duplicate error names the record that it has, which is not this lead's."""
    ana, bob = save_lead(store, 1, name="Ana"), save_lead(store, 2, name="Bob")
    text = """
url = "{url}/Leads"
id_field = "Booth"
body = {{ data = ["{{fields}}"] }}
[crm.rest.answer]
id = "data.0.details.id"
key = ""
status = "data.0.status"
error = "data.0.message"
"""
    duplicate = {"code": "DUPLICATE_DATA", "details": {"api_name": "Email", "id": "4150"}, "status": "error"}
    record = {"code": "SUCCESS", "details": {"id": "4151"}, "status": "success", "message": "record added"}
    api.override = lambda asked: ScriptedResponse(
        {"data": [{**duplicate, "message": "duplicate data"} if b'"Ana"' in asked.body else record]}
    )

    drain_store(store, read_settings(text, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1, needs_you=1)
    assert read_reason(store, ana) == "The CRM rejected it: duplicate data."
    assert store.execute("select remote_id from outbox where lead_id = ?", (bob,)).fetchone()[0] == "4151"


def test_an_empty_e_mail_is_not_sent(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """twenty#16270: two contacts with "" are duplicates there."""
    save_lead(store, 1, email="")
    save_lead(store, 2, email="")

    drain_store(store, read_settings(SEARCHED, api, tmp_path))

    assert [asked.json().get("email", "not sent") for asked in api.asked] == ["not sent", "not sent"]


def test_a_refusal_that_created_the_contact_anyway(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """highlevel-api-docs#64: 422, although the contact was created; corrected and retried, it is one."""
    lead = save_lead(store)
    refusals = [1]

    def twist(asked: ReceivedRequest) -> ScriptedResponse | None:
        if asked.method == "POST" and refusals:
            refusals.pop()
            api.answer_normally(asked)
            return ScriptedResponse({"message": "property phone should not exist"}, 422)
        return None

    api.override = twist
    settings = read_settings(SEARCHED, api, tmp_path)
    drain_store(store, settings)
    before = count_states(store)
    outbox.retry_lead(store, lead, "bob", SystemClock())
    drain_store(store, settings)

    assert before == outbox.OutboxCounts(needs_you=1)
    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert len(api.records) == 1


def test_a_403_for_a_record_that_is_gone(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """directus#14312: for a missing record the API reports a missing permission; `answer.gone` says what it means."""
    lead = save_lead(store)
    text = KEYED.replace("[crm.rest.search]", 'gone = ["have permission"]\n[crm.rest.search]')
    settings = read_settings(text, api, tmp_path)
    drain_store(store, settings)
    api.records.clear()
    refusal = {"errors": [{"message": "You don't have permission to access this."}]}
    api.override = lambda asked: ScriptedResponse(refusal, 403) if asked.method == "PATCH" and not api.records else None
    edit_lead(store, lead, rating=5)

    drain_store(store, settings)
    outbox.retry_lead(store, lead, "bob", SystemClock())
    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert [known["rating"] for known in api.records.values()] == [5]


def test_a_record_named_in_the_body_that_is_gone(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """NocoDB accepts updates at the address of all records, with the id in the body."""
    ana, bob = save_lead(store, 1), save_lead(store, 2)
    text = """
url = "{url}/contacts"
update_method = "PATCH"
update_url = "{url}/contacts"
id_field = "booth"
[crm.rest.update_body]
Id = "{{remote_id}}"
name = "{{name}}"
[crm.rest.answer]
key = ""
"""
    settings = read_settings(text, api, tmp_path)
    drain_store(store, settings)
    gone = next(name for name, known in api.records.items() if known["booth"] == ana)

    def twist(asked: ReceivedRequest) -> ScriptedResponse | None:
        if asked.method != "PATCH":
            return None
        found = asked.json()["Id"]
        return (
            ScriptedResponse({"msg": f"Record '{found}' not found"}, 404)
            if found == gone
            else ScriptedResponse({"Id": found})
        )

    api.override = twist
    for lead in (ana, bob):
        edit_lead(store, lead, name=f"Edited {lead}")

    summary = drain_store(store, settings)

    assert summary.gate.is_open
    assert count_states(store) == outbox.OutboxCounts(delivered=1, needs_you=1)


SHAPES: list[tuple[str, str, Any, Any]] = [
    (
        "suitecrm V8",
        'url = "{url}/x"\nid_field = "booth"\nheaders = {{ Content-Type = "application/vnd.api+json" }}\n'
        'body = {{ data = {{ type = "Lead", attributes = "{{fields}}" }} }}\n'
        '[crm.rest.fields]\nname = "last_name"\n[crm.rest.answer]\nid = "data.id"\nkey = "data.attributes.booth"',
        lambda sent: {"data": {"id": "00aa", "attributes": sent["data"]["attributes"]}},
        {"data": {"type": "Lead", "attributes": {"booth": "LEAD", "last_name": "Visitor 0"}}},
    ),
    (
        "attio",
        'url = "{url}/x"\nid_field = "data.values.booth.0.value"\n'
        '[crm.rest.fields]\nname = "data.values.name.0.full_name"\n'
        'email = "data.values.email_addresses.0.email_address"\n'
        '[crm.rest.answer]\nid = "data.id.record_id"\nkey = ""',
        lambda sent: {"data": {"id": {"workspace_id": "w", "record_id": "r1"}}},
        {"data": {"values": {"booth": [{"value": "LEAD"}], "name": [{"full_name": "Visitor 0"}],
                             "email_addresses": [{"email_address": "visitor0@example.com"}]}}},
    ),
    (
        "airtable",
        'url = "{url}/x"\nconstants = {{ typecast = true }}\nid_field = "fields.Booth"\n'
        '[crm.rest.fields]\nname = "fields.Full name"\n[crm.rest.answer]\nkey = "fields.Booth"',
        lambda sent: {"id": "rec1", "createdTime": "x", "fields": sent["fields"]},
        {"fields": {"Booth": "LEAD", "Full name": "Visitor 0"}, "typecast": True},
    ),
    (
        "frappe",
        'url = "{url}/api/resource/CRM Lead"\ntoken_prefix = "token "\nid_field = "booth"\n'
        '[crm.rest.fields]\nname = "lead_name"\n[crm.rest.answer]\nid = "data.name"\nkey = "data.booth"',
        lambda sent: {"data": {**sent, "name": "CRM-LEAD-2026-00001"}},
        {"booth": "LEAD", "lead_name": "Visitor 0"},
    ),
    (
        "monday, GraphQL",
        'url = "{url}/v2"\nid_field = ""\n[crm.rest.body]\n'
        'query = "mutation ($n: String!) {{ create_item (item_name: $n) {{ id }} }}"\n'
        'variables = {{ n = "{{name}}", c = "{{phone}}", key = "{{lead_id}}" }}\n'
        '[crm.rest.answer]\nid = "data.create_item.id"\nkey = ""',
        lambda sent: {"data": {"create_item": {"id": "17"}}, "account_id": 1},
        {"query": "mutation ($n: String!) { create_item (item_name: $n) { id } }",
         "variables": {"n": "Visitor 0", "key": "LEAD"}},
    ),
    (
        "a table with select fields as objects, Notion",
        'url = "{url}/v1/pages"\nid_field = ""\n'
        'body = {{ parent = {{ database_id = "d" }}, properties = {{ '
        'Name = {{ title = [{{ text = {{ content = "{{name}}" }} }}] }}, Phone = {{ phone_number = "{{phone}}" }}, '
        'Rating = {{ select = "{{rating}}" }}, Booth = {{ url = "x:{{lead_id}}" }} }} }}\n'
        '[crm.rest.values.rating]\n"*" = {{ name = "Hot" }}\n[crm.rest.answer]\nkey = ""',
        lambda sent: {"object": "page", "id": "p1"},
        {"parent": {"database_id": "d"}, "properties": {
            "Name": {"title": [{"text": {"content": "Visitor 0"}}]}, "Booth": {"url": "x:LEAD"}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answers", "sent"), [case[1:] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_real_apis_can_be_described(
    store: Store, api: ContactsApi, tmp_path: Path, text: str, answers: Any, sent: Any
) -> None:
    """The call matches their documentation, and their response proves delivery."""
    lead = save_lead(store)
    api.override = lambda asked: ScriptedResponse(answers(asked.json()), 200)

    drain_store(store, read_settings(text, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1), read_reason(store, lead)
    assert json.loads(api.asked[0].body.decode().replace(lead, "LEAD")) == sent
    if "vnd.api" in text:
        assert api.asked[0].headers["content-type"] == "application/vnd.api+json"
