"""Bulk requests: each item has its own result, and a bad one does not fail the others."""

import pytest

from tests.kiosk.api.api import Api


def items(start: str, number: int) -> list[dict[str, str]]:
    """Make up *number* people."""
    return [{"client_id": f"{start}-{place}", "name": f"Num Ber {start}{place}"} for place in range(number)]


def test_a_hundred_are_saved_in_their_order(api: Api) -> None:
    """The second time all are unchanged."""
    first, again = (api.bulk(items("h", 100)).json()["results"] for _ in range(2))

    assert [one["client_id"] for one in first] == [f"h-{place}" for place in range(100)]
    assert {one["status"] for one in first} == {201}
    assert {one["status"] for one in again} == {200}
    assert [one["id"] for one in first] == [one["id"] for one in again]
    for place in (0, 57, 99):
        assert api.call("GET", f"/api/v1/contacts/{first[place]['id']}").json()["name"] == f"Num Ber h{place}"


def test_a_hundred_and_one_are_too_many(api: Api) -> None:
    """413 names the limit, and nothing is saved."""
    before = api.count("leads")
    answer = api.bulk(items("o", 101))

    assert tuple(answer.json()[key] for key in ("status", "limit", "field")) == (413, 100, "contacts")
    assert answer.status_code == 413
    assert api.count("leads") == before


def test_a_bad_item_does_not_fail_the_others(api: Api) -> None:
    """Each item has its own status and error, which names the field."""
    mixed = [
        {"client_id": "b-0", "name": "Go Od"},
        {"client_id": "b-1", "name": "Ra Ting", "rating": 9},
        {"name": "No Id"},
        17,
        {"client_id": "b-4", "emial": "typo@x.example"},
        {"client_id": "b-5"},
        {"client_id": ["b-6"], "name": "Li St"},
        {"client_id": "b-7", "name": "Go Od Too"},
    ]

    results = api.bulk(mixed).json()["results"]

    assert [one["status"] for one in results] == [201, 422, 422, 422, 422, 422, 422, 201]
    assert [one["client_id"] for one in results] == ["b-0", "b-1", None, None, "b-4", "b-5", None, "b-7"]
    errors = [one.get("error", {}) for one in results]
    assert [one.get("field") for one in errors] == [None, "rating", "client_id", None, "emial", None, "client_id", None]
    assert all(error["detail"] and error["status"] == 422 for error in errors if error)


def test_one_id_twice_in_a_call_is_one_lead(api: Api) -> None:
    """The first creates the lead, the second updates it."""
    first, second = api.bulk(
        [{"client_id": "t-1", "name": "Twi Ce"}, {"client_id": "t-1", "name": "Twi Ce", "company": "Hooli"}]
    ).json()["results"]

    assert (first["status"], second["status"], second["result"]) == (201, 200, "updated")
    assert first["id"] == second["id"]
    assert api.call("GET", "/api/v1/contacts/t-1").json()["company"] == "Hooli"


def test_one_address_twice_in_a_call_is_one_lead(api: Api) -> None:
    """Both ids find the lead; two people who share the address are two leads."""
    results = api.bulk(
        [
            {"client_id": "s-1", "email": "shared@x.example", "name": "Ann Smith"},
            {"client_id": "s-2", "email": "shared@x.example", "company": "Initech"},
            {"client_id": "s-3", "email": "shared@x.example", "name": "Bob Jones"},
        ]
    ).json()["results"]

    ids = [one["id"] for one in results]
    assert ids[0] == ids[1] != ids[2]
    assert [api.call("GET", f"/api/v1/contacts/{name}").json()["id"] for name in ("s-1", "s-2", "s-3")] == ids


def test_an_empty_list_gets_an_empty_list(api: Api) -> None:
    """An empty list is valid."""
    answer = api.bulk([])

    assert (answer.status_code, answer.json()) == (200, {"results": []})


@pytest.mark.parametrize("body", [[], {}, {"contacts": None}, {"contacts": {"a": 1}}, "x", 1, None])
def test_anything_but_a_list_is_refused(api: Api, body: object) -> None:
    """The error names the field."""
    answer = api.call("POST", "/api/v1/contacts/bulk", content=__import__("json").dumps(body))

    assert (answer.status_code, answer.json()["field"]) == (422, "contacts")
