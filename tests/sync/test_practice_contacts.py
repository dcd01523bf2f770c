"""The practice CRM's API: contacts by the id that their sender gave them, one or many at a time."""

from typing import Any
from uuid import uuid4

import pytest

ONE = "/api/v1/contacts"
MANY = "/api/v1/contacts/bulk"


def make_contact(email: str = "ana@initech.com") -> dict[str, Any]:
    """A contact that was never sent before."""
    return {"client_id": str(uuid4()), "name": "Ana Lopez", "email": email}


def test_a_contact_is_created_once_and_then_updated(crm: Any) -> None:
    """The same `client_id` again is the same record, with the newer fields."""
    ana = make_contact()

    first = crm.call("POST", ONE, ana)
    again = crm.call("POST", ONE, {**ana, "name": "Ana María López"})
    found = crm.call("GET", f"{ONE}/{ana['client_id']}").json()

    assert (first.status_code, first.json()["status"]) == (201, "created")
    assert (again.status_code, again.json()["status"]) == (200, "updated")
    assert first.json()["client_id"] == ana["client_id"]
    assert first.json()["id"] == again.json()["id"] == found["id"]
    assert (found["name"], found["times_sent"]) == ("Ana María López", 2)


def test_a_bulk_call_is_answered_item_by_item(crm: Any) -> None:
    """A bad contact is rejected with a reason; those around it are taken."""
    known, bad, new = make_contact(), make_contact("not an address"), make_contact()
    crm.call("POST", ONE, known)

    answer = crm.call("POST", MANY, {"contacts": [known, bad, new]})

    results = {item["client_id"]: item for item in answer.json()["results"]}
    assert answer.status_code == 200
    assert results[known["client_id"]]["status"] == "updated"
    assert (results[bad["client_id"]]["status"], results[bad["client_id"]]["id"]) == ("rejected", None)
    assert "e-mail" in results[bad["client_id"]]["error"]
    assert results[new["client_id"]]["status"] == "created"
    assert crm.call("GET", f"{ONE}/{bad['client_id']}").status_code == 404


def test_the_same_contact_twice_in_one_call_is_one_record(crm: Any) -> None:
    """Within one call too, the id is what counts."""
    ana = make_contact()

    results = crm.call("POST", MANY, {"contacts": [ana, ana]}).json()["results"]

    assert [item["status"] for item in results] == ["created", "updated"]
    assert len({item["id"] for item in results}) == 1


def test_more_than_a_hundred_at_once_are_too_many(crm: Any) -> None:
    """413 names the limit, and nothing is kept; a hundred are taken."""
    many = [make_contact() for _ in range(101)]

    refused = crm.call("POST", MANY, {"contacts": many})
    nothing = crm.call("GET", f"{ONE}/{many[0]['client_id']}")
    taken = crm.call("POST", MANY, {"contacts": many[:100]})

    assert (refused.status_code, refused.json()["limit"]) == (413, 100)
    assert nothing.status_code == 404
    assert (taken.status_code, len(taken.json()["results"])) == (200, 100)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"contacts": {}}',
        b"\xff",
        b"[" * 100_000,
        b'{"contacts": [{"client_id": "x", "rating": NaN}]}',
        b'{"contacts": [{"client_id": "x", "rating": 1e999}]}',
        b'{"contacts": [{"client_id": "\\ud800"}]}',
        b'{"contacts": [{"client_id": "x", "note": "\\ud800"}]}',
    ],
    ids=["empty", "cut", "list", "no list", "bytes", "deep", "NaN", "infinite", "half id", "half"],
)
def test_a_body_that_is_no_list_of_contacts_is_refused_and_changes_nothing(crm: Any, raw: bytes) -> None:
    """What cannot be returned as JSON is not accepted, and the CRM keeps working."""
    before = crm.stats()["contacts"]

    refused = crm.call("POST", MANY, raw=raw)

    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert crm.stats()["contacts"] == before
    assert crm.call("POST", ONE, make_contact()).status_code == 201
    assert crm.call("GET", ONE).status_code == 200


@pytest.mark.parametrize("client_id", [None, "", 7, "x" * 201, "a\nb", "a\0b"])
def test_a_contact_without_a_usable_id_is_refused(crm: Any, client_id: Any) -> None:
    """422 names the field."""
    refused = crm.call("POST", ONE, {**make_contact(), "client_id": client_id})

    assert (refused.status_code, refused.json()["field"]) == (422, "client_id")
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("email", ["", "ana", "ana@initech", "a na@initech.com", "ana@@initech.com", 7])
def test_a_contact_with_a_malformed_email_is_refused(crm: Any, email: Any) -> None:
    """422 names the field, as a document of RFC 9457, and nothing is kept."""
    ana = make_contact() | {"email": email}

    refused = crm.call("POST", ONE, ana)

    assert (refused.status_code, refused.json()["field"]) == (422, "email")
    assert crm.call("GET", f"{ONE}/{ana['client_id']}").status_code == 404


def test_an_item_that_is_no_contact_at_all_fails_no_other(crm: Any) -> None:
    """It has no id to be answered by; its neighbours have."""
    ana = make_contact()

    answer = crm.call("POST", MANY, {"contacts": [1, ana, None, {}]})

    found = [(item["client_id"], item["status"]) for item in answer.json()["results"]]
    assert answer.status_code == 200
    assert [(None, "rejected"), (ana["client_id"], "created"), (None, "rejected"), (None, "rejected")] == found


def test_the_numbers_count_contacts_calls_and_repeats(practice_crm: Any) -> None:
    """Two contacts in three calls, one of them sent twice; reading the numbers is not counted."""
    ana, ben = make_contact(), make_contact("ben@initech.com")
    for sent in (ana, ben, ana):
        practice_crm.call("POST", ONE, sent)

    asked_twice = [practice_crm.stats() for _ in range(2)]

    assert asked_twice == [{"contacts": 2, "calls": 3, "repeats": 1, "over": 0}] * 2


def test_the_list_has_the_newest_first(practice_crm: Any) -> None:
    """The API's list and the file say the same; an update makes a contact new."""
    ana, ben = make_contact(), make_contact("ben@initech.com")
    for sent in (ana, ben, ana):
        practice_crm.call("POST", ONE, sent)

    listed = practice_crm.call("GET", ONE).json()["contacts"]

    assert [(one["client_id"], one["times_sent"]) for one in listed] == [(ana["client_id"], 2), (ben["client_id"], 1)]
    assert practice_crm.contacts() == listed
