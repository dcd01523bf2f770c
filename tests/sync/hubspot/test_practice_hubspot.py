"""The practice CRM's HubSpot dialect, compared with HubSpot's documentation and what programs have seen of it."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.sync.hubspot.factories import ID_PROPERTY, add_property

CONTACTS = "/crm/objects/2026-09/contacts"
UPSERT = f"{CONTACTS}/batch/upsert"
PROPERTIES = "/crm/properties/2026-09/contacts"


@pytest.fixture
def account(crm: Any) -> Any:
    """An account with the property for a lead's id."""
    add_property(crm, ID_PROPERTY, hasUniqueValue=True)
    return crm


def make_input(key: str = "", by: str = ID_PROPERTY, *, traced: bool = True, **properties: str) -> dict[str, Any]:
    """Make an input of a batch."""
    key = key or str(uuid4())
    trace = {"objectWriteTraceId": f"trace-{key}"} if traced else {}
    return {"id": key, "idProperty": by, "properties": properties, **trace}


def upsert_inputs(crm: Any, *inputs: dict[str, Any]) -> httpx.Response:
    """Make one call."""
    answer: httpx.Response = crm.call("POST", UPSERT, {"inputs": list(inputs)})
    return answer


def make_email() -> str:
    """Return an e-mail that no contact has."""
    return f"{uuid4().hex}@initech.com"


def test_a_contact_is_created_only_once(account: Any) -> None:
    """Later upserts change what they name, and leave the rest; an empty value erases."""
    first = make_input(email=make_email(), firstname="Ana", company="Initech", phone="1")
    later = {**first, "properties": {"company": "Globex", "phone": ""}}

    new, again = (upsert_inputs(account, item).json()["results"][0] for item in (first, later))

    assert (True, False, new["id"]) == (new["new"], again["new"], again["id"])
    assert first["objectWriteTraceId"] == new["objectWriteTraceId"]
    assert tuple(again["properties"].get(name) for name in ("firstname", "company", "phone")) == ("Ana", "Globex", None)


def test_e_mails_are_stored_in_lower_case_and_match_in_any(account: Any) -> None:
    """Found by e-mail, in any case."""
    address = make_email()
    kept = upsert_inputs(account, make_input(email=address.upper())).json()["results"][0]

    same = upsert_inputs(account, make_input(address.title(), "email", company="x")).json()["results"][0]

    assert kept["properties"]["email"] == address
    assert kept["id"] == same["id"]


def test_a_bad_input_fails_alone_if_all_inputs_have_trace_ids(account: Any) -> None:
    """Status 207, with the errors by trace id; the results are in no particular order."""
    good, bad, taken = make_input(email=make_email()), make_input(email="nope"), make_input()
    taken["properties"] = {"email": good["properties"]["email"]}
    other = make_input(email=make_email())
    upsert_inputs(account, good)

    answer = upsert_inputs(account, good, bad, taken, other)

    errors = {error["context"]["objectWriteTraceId"][0]: error for error in answer.json()["errors"]}
    assert (answer.status_code, answer.json()["status"], answer.json()["numErrors"]) == (207, "COMPLETE", 2)
    assert errors.keys() == {bad["objectWriteTraceId"], taken["objectWriteTraceId"]}
    assert errors[bad["objectWriteTraceId"]]["errors"][0]["code"] == "INVALID_EMAIL"
    assert errors[taken["objectWriteTraceId"]]["category"] == "CONFLICT"
    assert [result["objectWriteTraceId"] for result in answer.json()["results"]] == [
        other["objectWriteTraceId"],
        good["objectWriteTraceId"],
    ]


def test_a_bad_input_fails_the_batch_if_one_input_has_no_trace_id(account: Any) -> None:
    """Status 400, and nothing is written."""
    good, before = make_input(email=make_email(), traced=False), account.stats()["contacts"]

    answer = upsert_inputs(account, good, make_input(email="nope", traced=False))

    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert account.stats()["contacts"] == before


TWICE = str(uuid4())

REFUSED: list[tuple[str, Any, str]] = [
    ("too many", {"inputs": [make_input() for _ in range(101)]}, "is 100"),
    ("none", {"inputs": []}, "empty"),
    ("an id twice", {"inputs": [make_input(TWICE), make_input(TWICE)]}, f"batch input: [{TWICE}]. IDs must be unique"),
    ("an e-mail twice", {"inputs": [make_input("A@x.org", "email"), make_input("a@X.org", "email")]}, "[a@x.org]"),
    ("a key that is not unique", {"inputs": [make_input("Ana", "firstname")]}, "non-unique 0-1 property firstname"),
    ("a key that is not there", {"inputs": [make_input("Ana", "nothing")]}, "non-unique 0-1 property nothing"),
    ("no key", {"inputs": [{"id": "1", "properties": {}}]}, "non-unique 0-1 property"),
    ("no id", {"inputs": [{"properties": {}}]}, "required fields"),
    ("no properties", {"inputs": [{"id": "1"}]}, "required fields"),
    (
        "a number as a value",
        {"inputs": [{"id": "1", "idProperty": ID_PROPERTY, "properties": {"phone": 1}}]},
        "deserialize",
    ),
    ("no inputs", {"leads": []}, "inputs"),
    ("no object", [], "inputs"),
]


@pytest.mark.parametrize(("document", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_malformed_batch_is_refused(account: Any, document: Any, words: str) -> None:
    """Status 400 with HubSpot's words, and nothing is written."""
    before = account.stats()["contacts"]

    answer = account.call("POST", UPSERT, document)

    assert (
        answer.status_code,
        answer.json()["status"],
        answer.json()["category"],
    ) == (400, "error", "VALIDATION_ERROR")
    assert words in answer.json()["message"]
    assert account.stats()["contacts"] == before


VALUES = [
    ("email", "a@b", "INVALID_EMAIL"),
    ("nothing", "x", "PROPERTY_DOESNT_EXIST"),
    ("createdate", "2026-11-24", "READ_ONLY_VALUE"),
    ("booth_number", "four", "INVALID_LONG"),
    ("booth_moment", "soon", "INVALID_DATE"),
    ("booth_choice", "c", "INVALID_OPTION"),
]


@pytest.mark.parametrize(("name", "value", "code"), VALUES, ids=[value[0] for value in VALUES])
def test_each_value_is_validated_by_its_property(account: Any, name: str, value: str, code: str) -> None:
    """The error names the property, as a detail and in the message."""
    add_property(account, "booth_number", "number", "number")
    add_property(account, "booth_moment", "datetime", "date")
    add_property(account, "booth_choice", "enumeration", "select", options=[{"value": "a"}, {"value": "b"}])

    (error,) = upsert_inputs(account, make_input(**{name: value})).json()["errors"]
    right = upsert_inputs(
        account, make_input(booth_number="4", booth_moment="2026-11-24T09:30:00+00:00", booth_choice="a;b")
    )

    assert (error["errors"][0]["code"], error["errors"][0]["context"]["propertyName"]) == (code, [name])
    assert f'"error":"{code}"' in error["message"]
    assert right.status_code == 200


def test_a_property_can_be_created_only_once(practice_crm: Any) -> None:
    """They are then listed, also after a restart."""
    wanted = {
        "name": "booth_rating", "label": "Rating", "type": "number", "fieldType": "number",
        "groupName": "contactinformation",
    }  # fmt: skip

    made = practice_crm.call("POST", PROPERTIES, wanted)
    again = practice_crm.call("POST", PROPERTIES, wanted)
    odd = practice_crm.call("POST", PROPERTIES, {**wanted, "name": "other", "fieldType": "text"})
    practice_crm.stop()
    practice_crm.start()
    names = {item["name"] for item in practice_crm.call("GET", PROPERTIES).json()["results"]}

    assert (made.status_code, made.json()["hasUniqueValue"]) == (201, False)
    assert (again.status_code, odd.status_code) == (409, 400)
    assert {"booth_rating", "email", "firstname"} <= names
    assert "other" not in names
    assert made.json() == practice_crm.call("GET", f"{PROPERTIES}/booth_rating").json()


def test_an_archived_contact_is_gone(account: Any) -> None:
    """It can be read before, but not after; archiving it again is not an error."""
    remote_id = upsert_inputs(account, make_input(email=make_email())).json()["results"][0]["id"]

    path = f"{CONTACTS}/{remote_id}"
    statuses = [account.call(method, path).status_code for method in ("GET", "DELETE", "GET", "DELETE")]

    assert statuses == [200, 204, 404, 204]


FAULTS: list[tuple[dict[str, Any], int, str, str]] = [
    ({"unauthorised": True}, 401, "category", "INVALID_AUTHENTICATION"),
    ({"forbidden": True}, 403, "category", "MISSING_SCOPES"),
    ({"throttle": True}, 429, "policyName", "TEN_SECONDLY_ROLLING"),
    ({"quota": True}, 429, "policyName", "DAILY"),
    ({"fail": "all"}, 500, "category", "INTERNAL_ERROR"),
]


@pytest.mark.parametrize(("fault", "status", "field", "word"), FAULTS, ids=[next(iter(fault)) for fault, *_ in FAULTS])
def test_faults_look_like_hubspots_errors(
    account: Any, fault: dict[str, Any], status: int, field: str, word: str
) -> None:
    """They have no time to wait."""
    account.set_faults(**fault)

    answer = upsert_inputs(account, make_input(email=make_email()))

    assert (answer.status_code, answer.json()[field]) == (status, word)
    assert "retry-after" not in answer.headers
    assert answer.json()["correlationId"]


def test_each_response_has_the_limit_headers(account: Any) -> None:
    """For ten seconds, and for the day."""
    account.set_faults(rate_limit=1000)

    before, after = (account.call("GET", PROPERTIES).headers for _ in range(2))

    name = "x-hubspot-ratelimit-"
    assert (after[f"{name}max"], after[f"{name}interval-milliseconds"]) == ("1000", "10000")
    assert int(before[f"{name}daily-remaining"]) - int(after[f"{name}daily-remaining"]) == 1
    assert int(after[f"{name}remaining"]) < 1000
