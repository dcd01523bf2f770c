"""Reading leads: one by its id, and all page by page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kiosk.api.api import Api


def listed(api: Api, **query: Any) -> list[str]:
    """Return the names on one page."""
    answer = api.call("GET", "/api/v1/contacts", params=query)
    assert answer.status_code == 200, answer.text
    return [lead["name"] for lead in answer.json()["contacts"]]


def test_a_lead_is_found_by_its_id_and_by_a_client_id(api: Api) -> None:
    """With all fields, its state, and the reason for it."""
    posted = api.post({"client_id": "r-1", "name": "Rea Der", "email": "rea@x.example", "answers": {"size": "10"}})

    by_ours, by_theirs = (
        api.call("GET", f"/api/v1/contacts/{name}", role="read").json() for name in (posted.json()["id"], "r-1")
    )

    assert by_ours == by_theirs
    wanted = {"name": "Rea Der", "email": "rea@x.example", "answers": {"size": "10"}, "event": "Expo", "revision": 1}
    assert {key: by_ours[key] for key in wanted} == wanted
    assert (by_ours["state"], by_ours["operator"]) == ("waiting", "a post device")
    assert by_ours["why"]


@pytest.mark.parametrize("name", ["nobody", "0" * 36, "%00", "x" * 3000, "%F0%9F%98%80", "' or 1=1 --"])
def test_an_unknown_id_is_not_found(api: Api, name: str) -> None:
    """404, with the same sentence."""
    answer = api.call("GET", f"/api/v1/contacts/{name}")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "no such lead" in answer.json()["detail"]


def test_filters_select_leads(api_with: Callable[..., Api]) -> None:
    """By state (several divided by commas), cause and words."""
    api = api_with().start()
    api.bulk([{"client_id": "f-1", "name": "Wai Ting", "company": "Initech"}, {"client_id": "f-2", "badge_id": "B-77"}])
    api.post({"client_id": "f-3", "name": "Dis Card"})
    api.call("POST", "/api/v1/contacts/f-3/discard", {"reason": "a colleague"})

    assert listed(api, state="waiting") == ["Wai Ting"]
    assert listed(api, state="needs_you") == [""]
    assert listed(api, cause="needs details") == [""]
    assert listed(api, state="waiting,discarded") == ["Dis Card", "Wai Ting"]
    assert listed(api, search="INITECH") == ["Wai Ting"]
    assert listed(api, search="b-77") == [""]
    assert listed(api, search="' or 1=1 --") == []
    assert len(listed(api)) == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"), ("state=waiting,", "state"), ("limit=0", "limit"), ("limit=201", "limit"),
        ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=" + "9" * 5000, "limit"), ("limit=%D9%A1", "limit"),
        ("cursor=!!", "cursor"), ("cursor=w7w", "cursor"), ("page=2", "page"),
    ],
)  # fmt: skip
def test_a_wrong_filter_names_the_parameter(api: Api, query: str, field: str) -> None:
    """Unknown filters are not ignored."""
    answer = api.call("GET", f"/api/v1/contacts?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_cursor_visits_each_lead_once_while_new_ones_arrive(api_with: Callable[..., Api]) -> None:
    """The newest first; new leads do not appear and do not shift the pages."""
    api = api_with().start()
    api.bulk([{"client_id": f"old-{number}", "name": f"Old {number}"} for number in range(100)])
    walked: list[str] = []
    with api.client("manage") as client:
        cursor: str | None = ""
        while cursor is not None:
            page = client.get("/api/v1/contacts", params={"limit": 7, "cursor": cursor}).json()
            walked += [lead["name"] for lead in page["contacts"]]
            cursor = page["next_cursor"]
            client.post("/api/v1/contacts", json={"name": f"New {len(walked)}"}).raise_for_status()

    assert set(walked) == {f"Old {number}" for number in range(100)}
    assert len(walked) == 100
    assert api.count("leads") == 115
    ids = [lead["id"] for lead in api.call("GET", "/api/v1/contacts?limit=200").json()["contacts"]]
    assert sorted(ids, reverse=True) == ids
