"""The practice CRM's Salesforce dialect: what it accepts and refuses, in Salesforce's formats."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sync.practice_crm.dialects.salesforce.lead import (
    EXTERNAL_ID_FIELD,
    append_checksum,
    build_lead_id,
    parse_record_id,
)
from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY

API = "/services/data/v66.0"
MANY = f"{API}/composite/sobjects/Lead/{EXTERNAL_ID_FIELD}"

Call = Callable[..., httpx.Response]


def sign_in(crm: Any, **changes: str) -> httpx.Response:
    """Sign in with client credentials, with *changes*, and return the response."""
    form = {"grant_type": "client_credentials", "client_id": CONSUMER_KEY, "client_secret": crm.token, **changes}
    return httpx.post(f"{crm.url}/services/oauth2/token", data=form, trust_env=False)


@pytest.fixture
def call(crm: Any) -> Call:
    """Make a call in a session: `call("GET", path, body, **headers)`."""
    session = sign_in(crm).json()["access_token"]

    def made(method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        signed = {"Authorization": f"Bearer {session}", **{key.replace("_", "-"): headers[key] for key in headers}}
        return httpx.request(method, crm.url + path, json=body, headers=signed, trust_env=False, timeout=30)

    return made


def make_record(**changes: Any) -> dict[str, Any]:
    """Make a record that the org accepts, with *changes*; None leaves a field out."""
    key = str(uuid4())
    usual = {EXTERNAL_ID_FIELD: key, "LastName": "Lopez", "Company": "Initech", "Email": f"{key}@initech.com"}
    return {"attributes": {"type": "Lead"}, **usual, **changes}


def upsert_records(call: Call, *records: Any, **more: Any) -> Any:
    """Upsert *records*, and return the response."""
    return call("PATCH", MANY, {"records": list(records), **more}).json()


def list_codes(results: Any) -> list[str]:
    """Return the code of each result; empty for a success."""
    return [result["errors"][0]["statusCode"] if result["errors"] else "" for result in results]


def test_a_sign_in_brings_a_session_and_its_address(crm: Any) -> None:
    """It has no lifetime and no refresh token, as in Salesforce."""
    document = sign_in(crm).raise_for_status().json()

    assert crm.url == document["instance_url"]
    assert document["token_type"] == "Bearer"
    assert not {"expires_in", "refresh_token"} & document.keys()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, "invalid_grant"),
    ],
)
def test_a_bad_sign_in_is_refused(crm: Any, changes: dict[str, str], error: str) -> None:
    """Status 400, with an error and its description."""
    answer = sign_in(crm, **changes)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


def test_without_a_session_nothing_is_allowed(crm: Any) -> None:
    """The practice CRM's token is not a session."""
    answer = crm.call("GET", f"{API}/limits")

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_a_session_expires_after_its_calls(crm: Any, call: Call) -> None:
    """If the fault is switched on, so that it can be rehearsed."""
    crm.set_faults(session_calls=2)

    assert [call("GET", f"{API}/limits").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_the_first_call_creates_and_the_second_updates(call: Call) -> None:
    """By our id; fields that are not sent stay, and null erases."""
    ana = make_record(Title="CTO", Phone="+34 600")

    first, again = (
        upsert_records(call, ana),
        upsert_records(call, {**ana, "Title": None, "Phone": "+34 601", "LastName": "Ruiz"}),
    )

    assert (first[0]["created"], again[0]["created"]) == (True, False)
    assert first[0]["id"] == again[0]["id"]
    kept = call("GET", f"{API}/sobjects/Lead/{first[0]['id']}").json()
    assert (kept["LastName"], kept["Company"], kept["Title"], kept["Phone"]) == ("Ruiz", "Initech", None, "+34 601")


BAD = [
    ({"LastName": None}, "REQUIRED_FIELD_MISSING", ["LastName"]),
    ({"Company": ""}, "REQUIRED_FIELD_MISSING", ["Company"]),
    ({"Email": "not an address"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
    ({"Title": "x" * 129}, "STRING_TOO_LONG", ["Title"]),
    ({"Badge__c": "7"}, "INVALID_FIELD", ["Badge__c"]),
    ({"Id": "00QPR00000000011AA"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"]),
    ({EXTERNAL_ID_FIELD: ""}, "MISSING_ARGUMENT", [EXTERNAL_ID_FIELD]),
    ({EXTERNAL_ID_FIELD: 7}, "MISSING_ARGUMENT", [EXTERNAL_ID_FIELD]),
]


@pytest.mark.parametrize(("changes", "code", "fields"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_record_is_refused_alone(call: Call, changes: dict[str, Any], code: str, fields: list[str]) -> None:
    """In its position, with its fields; the others are saved."""
    results = upsert_records(call, make_record(), make_record(**changes), make_record())

    assert list_codes(results) == ["", code, ""]
    assert (results[1]["success"], results[1]["errors"][0]["fields"]) == (False, fields)


def test_all_or_none_is_none_where_one_is_bad(crm: Any, call: Call) -> None:
    """Nothing is saved."""
    before = crm.stats()["contacts"]

    results = upsert_records(call, make_record(), make_record(LastName=None), allOrNone=True)

    assert list_codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert crm.stats()["contacts"] == before


def test_one_id_twice_in_a_call_is_refused_both_times(call: Call) -> None:
    """Which of them would be meant?"""
    ana = make_record()

    assert list_codes(upsert_records(call, ana, make_record(), ana)) == ["DUPLICATE_VALUE", "", "DUPLICATE_VALUE"]


REFUSED = [
    ({"records": [make_record() for _ in range(201)]}, MANY, 400, "EXCEEDED_ID_LIMIT"),
    ({"records": {}}, MANY, 400, "JSON_PARSER_ERROR"),
    ([], MANY, 400, "JSON_PARSER_ERROR"),
    ({"records": [{**make_record(), "attributes": {}}]}, MANY, 400, "INVALID_TYPE"),
    ({"records": [7]}, MANY, 400, "INVALID_TYPE"),
    ({"records": [make_record()]}, f"{API}/composite/sobjects/Lead/Other__c", 404, "NOT_FOUND"),
    ({"records": [make_record()]}, f"{API}/composite/sobjects/Account/{EXTERNAL_ID_FIELD}", 404, "NOT_FOUND"),
]


@pytest.mark.parametrize(("body", "path", "status", "code"), REFUSED, ids=[str(number) for number in range(7)])
def test_a_call_that_cannot_be_understood_is_refused_whole(
    call: Call, body: Any, path: str, status: int, code: str
) -> None:
    """The body is a list of errors."""
    answer = call("PATCH", path, body)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


FAULTS = [
    ({"throttle": True}, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn"),
    ({"quota": True}, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests"),
    ({"daily_calls": 0}, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests"),
    ({"unauthorised": True}, 401, "INVALID_SESSION_ID", "Session expired"),
    ({"forbidden": True}, 403, "INSUFFICIENT_ACCESS", "insufficient access"),
    ({"down": True}, 503, "SERVER_UNAVAILABLE", "maintenance"),
    ({"fail": "all"}, 500, "UNKNOWN_EXCEPTION", "unexpected"),
]


@pytest.mark.parametrize(("faults", "status", "code", "words"), FAULTS, ids=lambda value: str(value)[:40])
def test_faults_have_salesforces_format(
    crm: Any, call: Call, faults: dict[str, Any], status: int, code: str, words: str
) -> None:
    """A status, a code and a message; never a Retry-After."""
    crm.set_faults(**faults)

    answer = call("PATCH", MANY, {"records": [make_record()]})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert words in answer.json()[0]["message"]
    assert "retry-after" not in answer.headers


def test_an_injected_refusal_looks_like_a_validation_rule(crm: Any, call: Call) -> None:
    """For the records that match the fault."""
    crm.set_faults(refuse="bad@")

    results = upsert_records(call, make_record(), make_record(Email="bad@initech.com"))

    assert list_codes(results) == ["", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]


@pytest.mark.parametrize(
    ("rule", "header", "code"),
    [("warn", "", "DUPLICATES_DETECTED"), ("warn", "allowSave=true", ""), ("block", "", "DUPLICATES_DETECTED"),
     ("block", "allowSave=true", "DUPLICATES_DETECTED"), ("no", "", "")],
)  # fmt: skip
def test_a_duplicate_rule_warns_or_blocks(crm: Any, call: Call, rule: str, header: str, code: str) -> None:
    """Another lead with the same e-mail; the header passes a warning. The lead itself may be sent again."""
    ana = make_record()
    upsert_records(call, ana)
    crm.set_faults(duplicates=rule)
    headers = {"Sforce_Duplicate_Rule_Header": header} if header else {}

    twin = call("PATCH", MANY, {"records": [make_record(Email=ana["Email"].upper())]}, **headers).json()

    assert list_codes(twin) == [code]
    if rule != "no" and code:
        assert list_codes(upsert_records(call, ana)) == [""]


def test_each_response_has_the_daily_usage(crm: Any, call: Call) -> None:
    """When it is used up, nothing else is processed."""
    used, most = (int(part) for part in get_usage(call("GET", f"{API}/limits")).split("/"))
    assert most == 15_000
    crm.set_faults(daily_calls=used + 1)

    answers = [call("GET", f"{API}/limits") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert {get_usage(answer) for answer in answers} == {f"{used + 1}/{used + 1}"}
    assert answers[0].json()["DailyApiRequests"] == {"Max": used + 1, "Remaining": 0}


def get_usage(answer: httpx.Response) -> str:
    """Return the usage in the header."""
    return answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=")


def test_one_record_by_its_address(call: Call) -> None:
    """201 the first time, 200 again; read by either id, deleted by Salesforce's."""
    key = str(uuid4())
    path, fields = f"{API}/sobjects/Lead/{EXTERNAL_ID_FIELD}/{key}", {"LastName": "Lopez", "Company": "Initech"}

    made, again = call("PATCH", path, fields), call("PATCH", path, fields)

    assert tuple((each.status_code, each.json()["created"]) for each in (made, again)) == ((201, True), (200, False))
    own = f"{API}/sobjects/Lead/{made.json()['id']}"
    assert key == call("GET", own).json()[EXTERNAL_ID_FIELD] == call("GET", path).json()[EXTERNAL_ID_FIELD]
    assert [call("DELETE", own).status_code for _ in range(2)] == [204, 404]
    assert call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"LastName": None}, "REQUIRED_FIELD_MISSING"), ({EXTERNAL_ID_FIELD: "x"}, "INVALID_FIELD")],
)
def test_one_bad_record_by_its_address_is_refused(call: Call, changes: dict[str, Any], code: str) -> None:
    """Status 400, with a list of errors."""
    fields = {"LastName": "Lopez", "Company": "Initech", **changes}

    answer = call("PATCH", f"{API}/sobjects/Lead/{EXTERNAL_ID_FIELD}/{uuid4()}", fields)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_a_little_soql_finds_what_arrived(call: Call) -> None:
    """Fields, one condition, a limit; more is refused."""
    ana = make_record(LastName="O'Hara", FirstName="Ana")
    upsert_records(call, ana)

    def asked(query: str) -> httpx.Response:
        return call("GET", f"{API}/query/?{httpx.QueryParams(q=query)}")

    found = asked(f"SELECT Id, LastName FROM Lead WHERE {EXTERNAL_ID_FIELD} = '{ana[EXTERNAL_ID_FIELD]}'").json()
    assert (found["totalSize"], found["done"], found["records"][0]["LastName"]) == (1, True, "O'Hara")
    named = asked(r"select Email from Lead where LastName = 'O\'Hara' limit 1").json()
    assert named["totalSize"] == 1
    assert asked("SELECT COUNT() FROM Lead").json()["totalSize"] > 0
    assert asked("DELETE FROM Lead").json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_the_description_has_what_an_administrator_added(crm: Any, call: Call) -> None:
    """Our id's field from the beginning, and others by the practice CRM's definitions; then they can be written."""
    assert {"externalId": True, "unique": True}.items() <= describe_field(call, EXTERNAL_ID_FIELD).items()
    with crm.records() as records:
        records.save_definition("salesforce", "Badge__c", {"type": "string", "length": 3})

    assert list_codes(upsert_records(call, make_record(Badge__c="123"), make_record(Badge__c="1234"))) == [
        "",
        "STRING_TOO_LONG",
    ]
    assert describe_field(call, "Badge__c")["length"] == 3


def describe_field(call: Call, name: str) -> dict[str, Any]:
    """Return the description of a field."""
    fields = call("GET", f"{API}/sobjects/Lead/describe").raise_for_status().json()["fields"]
    found: dict[str, Any] = next(each for each in fields if each["name"] == name)
    return found


def test_contacts_of_every_dialect_are_the_same_contacts(crm: Any, call: Call) -> None:
    """The practice CRM's page shows them by our names."""
    ana = make_record(FirstName="Ana", Description="Call her", Rating="Hot", Street="Calle 1")

    upsert_records(call, ana)

    kept = crm.contact(ana[EXTERNAL_ID_FIELD])
    wanted = {"name": "Ana Lopez", "first_name": "Ana", "note": "Call her", "rating": "Hot", "address": "Calle 1"}
    assert wanted.items() <= kept.items()


@pytest.mark.parametrize("number", [1, 42, 9_999_999_999])
def test_an_id_has_fifteen_characters_and_three_that_check_them(number: int) -> None:
    """As in Salesforce; both forms are accepted."""
    name = build_lead_id(f"P-{number:06d}")

    assert (len(name), name[:3]) == (18, "00Q")
    assert f"P-{number:06d}" == parse_record_id(name) == parse_record_id(name[:15])


def test_the_check_characters_are_salesforce_s() -> None:
    """A known pair: each of the three tells which of five letters are upper case."""
    assert append_checksum("00Q5e00000AbCdE") == "00Q5e00000AbCdEEAV"
    assert append_checksum("001A0000006Vm9r") == "001A0000006Vm9rIAC"


@pytest.mark.parametrize("name", ["", "P-000001", "003PR0000000001", "00QPR000000001", "00QPR0000000001AAAA", "00QPRx"])
def test_an_invalid_lead_id_is_recognised(name: str) -> None:
    """It finds nothing."""
    assert parse_record_id(name) == ""
