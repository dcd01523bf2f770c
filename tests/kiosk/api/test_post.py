"""Posting a contact: it is saved once, however often it is sent."""

import pytest

from tests.kiosk.api.api import Api

PROBLEM = "application/problem+json"


def test_a_contact_is_created_and_then_unchanged(api: Api) -> None:
    """201, then 200, with the same id; one lead, one scan, one outbox row."""
    first = api.post({"client_id": "p-1", "name": "Ana Lopez", "email": "ana@x.example"})
    again = api.post({"client_id": "p-1", "name": "Ana Lopez", "email": "ana@x.example"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["status"], again.json()["status"]) == ("created", "unchanged")
    assert first.json()["id"] == again.json()["id"]
    lead = (first.json()["id"],)
    for table in ("scans", "outbox", "posted"):
        assert api.rows(f"select count(*) from {table} where lead_id = ?", *lead) == [(1,)], table


def test_the_idempotency_key_stands_in_for_a_client_id(api: Api) -> None:
    """A client id in the body goes first."""
    key = {"Idempotency-Key": "k-1"}
    first, again = (api.post({"name": "Kim Key"}, headers=key) for _ in range(2))
    other = api.post({"name": "Bo Body", "client_id": "k-2"}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert tuple(answer.json()["client_id"] for answer in (first, again, other)) == ("k-1", "k-1", "k-2")
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]


def test_a_post_without_a_client_id_gets_one(api: Api) -> None:
    """It can be used to post the lead again."""
    first = api.post({"name": "Nora Nobody", "email": "nora@x.example"}).json()
    again = api.post({"name": "Nora Nobody", "email": "nora@x.example", "client_id": first["client_id"], "note": "hi"})

    assert (again.status_code, again.json()["status"], again.json()["id"]) == (200, "updated", first["id"])


def test_posting_again_with_more_updates_the_lead(api: Api) -> None:
    """`null`, like a missing field, changes nothing; the new revision is due for the CRM."""
    api.post({"client_id": "u-1", "name": "Uma Update", "company": "Initech", "tags": ["demo"]})
    again = api.post({"client_id": "u-1", "name": "Uma Update", "company": None, "rating": 5})

    lead = api.call("GET", "/api/v1/contacts/u-1").json()
    assert again.json()["status"] == "updated"
    assert (lead["company"], lead["rating"], lead["tags"], lead["revision"]) == ("Initech", 5, ["demo"], 2)


def test_a_repeated_post_does_not_undo_staff_corrections(api: Api) -> None:
    """A phone without a response sends the same an hour later."""
    posted = {"client_id": "m-1", "name": "Mia Mended", "email": "mia@typo.example"}
    api.post(posted)
    api.call("PATCH", "/api/v1/contacts/m-1", {"email": "mia@right.example"})

    assert api.post(posted).json()["status"] == "unchanged"
    assert api.call("GET", "/api/v1/contacts/m-1").json()["email"] == "mia@right.example"


def test_equal_client_ids_of_two_devices_are_two_people(api: Api) -> None:
    """Each finds its own lead by that id; the office finds the first."""
    with api.client("manage", "phone one") as one, api.client("manage", "phone two") as two:
        ids = [
            phone.post("/api/v1/contacts", json={"client_id": "1", "name": name}).json()["id"]
            for phone, name in ((one, "Ann Smith"), (two, "Bob Jones"))
        ]

        assert ids[0] != ids[1]
        assert [phone.get("/api/v1/contacts/1").json()["id"] for phone in (one, two)] == ids
    assert api.call("GET", "/api/v1/contacts/1").json()["id"] == ids[0]


def test_a_client_id_cannot_be_reused_for_somebody_else(api: Api) -> None:
    """A tablet that starts counting again gets an error that names the field, and nobody is lost."""
    api.post({"client_id": "c-1", "name": "Ann Smith", "email": "ann@x.example"})
    other = api.post({"client_id": "c-1", "name": "Bob Jones", "email": "bob@x.example"})

    assert (other.status_code, other.json()["field"]) == (409, "client_id")
    assert api.call("GET", "/api/v1/contacts/c-1").json()["name"] == "Ann Smith"


@pytest.mark.parametrize(
    ("posted", "corrected"),
    [
        ({"name": "John Smith", "email": "john1@x.example"}, {"name": "Jon Smith", "email": "john1@x.example"}),
        ({"name": "John Smith", "email": "john2@x.example"}, {"name": "John Smith", "email": "jon2@x.example"}),
    ],
    ids=["name", "email"],
)
def test_a_device_can_correct_its_post(api: Api, posted: dict[str, str], corrected: dict[str, str]) -> None:
    """A mistyped name or address: the other one identifies the person."""
    client_id = f"correct {posted['email']}"
    api.post({"client_id": client_id, **posted})

    assert api.post({"client_id": client_id, **corrected}).status_code == 200
    lead = api.call("GET", f"/api/v1/contacts/{client_id}").json()
    assert {key: lead[key] for key in corrected} == corrected


def test_an_existing_person_is_merged(api: Api) -> None:
    """The same e-mail with another id is the same person, with another scan."""
    first = api.post({"client_id": "e-1", "email": "same@x.example", "name": "Sam Same"})
    second = api.post({"client_id": "e-2", "email": "SAME@x.example", "company": "Hooli"})

    assert (second.status_code, second.json()["status"]) == (201, "merged")
    assert first.json()["id"] == second.json()["id"]
    assert api.rows("select count(*) from scans where lead_id = ?", first.json()["id"]) == [(2,)]


def test_a_client_id_cannot_hide_a_lead(api: Api) -> None:
    """Our own id goes before a client id that looks the same."""
    victim = api.post({"client_id": "v-1", "name": "Vic Tim"}).json()["id"]
    api.post({"client_id": victim, "name": "Mal Ory"})

    assert api.call("GET", f"/api/v1/contacts/{victim}").json()["name"] == "Vic Tim"


@pytest.mark.parametrize("name", ["scanner-3/000017", "a b?c#d%e", "x/retry"])
def test_an_id_may_have_any_printable_character(api: Api, name: str) -> None:
    """A slash or a question mark is URL-encoded in the path."""
    from urllib.parse import quote

    posted = api.post({"client_id": name, "name": f"Sla Sh {name}"}).json()["id"]

    assert api.call("GET", f"/api/v1/contacts/{quote(name, safe='')}").json()["id"] == posted


@pytest.mark.parametrize("body", [{}, {"client_id": "n-1"}, {"note": "who?"}, {"name": "   "}])
def test_a_post_that_identifies_nobody_is_refused(api: Api, body: dict[str, str]) -> None:
    """The error says what is missing."""
    answer = api.post(body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert "who the person is" in answer.json()["detail"]


def test_nul_characters_are_removed(api: Api) -> None:
    """A NUL would end the text for SQLite's JSON functions and for many CRMs."""
    posted = api.post({"client_id": "nul", "name": "Nu\0l", "email": "nul\0@x.example", "answers": {"a\0b": "c\0d"}})

    lead = api.call("GET", f"/api/v1/contacts/{posted.json()['id']}").json()
    assert (lead["name"], lead["email"], lead["answers"]) == ("Nul", "nul@x.example", {"ab": "cd"})
