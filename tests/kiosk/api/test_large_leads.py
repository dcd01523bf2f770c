"""Memory is bounded: leads have a maximum size, and so has what is read at a time."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from data.lead_limits import MAX_ANSWERS, MAX_LIST_BYTES
from tests.kiosk.api.api import Api
from tests.kiosk.api.event_stream import events
from tests.support.many_leads import HUGE_ANSWERS, fill

FULL = {f"{number:03}": "é" * 320 for number in range(MAX_ANSWERS)}
"""As much as a lead may have, nearly."""

TOO_MUCH = [
    ({"answers": HUGE_ANSWERS}, "answers", "at most 100 answers"),
    ({"answers": dict.fromkeys(list("abcdefgh"), "x" * 9_000)}, "answers", "72008 bytes together; at most 65536"),
    ({"tags": ["x"] * 51}, "tags", "<= 50"),
    ({"note": "x" * 10_001}, "note", "<= 10000"),
]


@pytest.mark.parametrize(("said", "field", "sentence"), TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_a_lead_that_is_too_large_is_refused_with_the_limit(
    api: Api, said: dict[str, Any], field: str, sentence: str
) -> None:
    """For posts, bulk requests and changes."""
    posted = api.post({"client_id": "fits", "name": "Fi Ts"}).json()["id"]
    one = api.post({"name": "La Rge", **said})
    [many] = api.bulk([{"client_id": "1", "name": "La Rge", **said}]).json()["results"]
    change = api.call("PATCH", f"/api/v1/contacts/{posted}", said)

    assert [(one.status_code, one.json()["field"]), (many["status"], many["error"]["field"])] == [(422, field)] * 2
    assert (change.status_code, change.json()["field"]) == (422, field)
    assert sentence in one.json()["detail"]


def test_parts_of_several_devices_are_bounded_together(api: Api) -> None:
    """A post that would not fit makes a lead of its own, and later an error; nothing is truncated."""
    who = {"name": "Two Gether", "email": "two@gether.example"}
    with api.client("post", "one") as one, api.client("post", "two") as two:
        first = one.post("/api/v1/contacts", json={"client_id": "1", **who, "answers": FULL}).json()
        small = two.post("/api/v1/contacts", json={"client_id": "2", **who}).json()
        later = two.post("/api/v1/contacts", json={"client_id": "2", **who, "answers": {"x": "y" * 9_000}})
        apart = two.post("/api/v1/contacts", json={"client_id": "3", **who, "answers": {"x": "y" * 9_000}})

    assert {"id": first["id"], "client_id": "2", "status": "merged"} == small
    assert (later.status_code, later.json()["field"]) == (422, "answers")
    assert (apart.status_code, apart.json()["status"]) == (201, "created")
    assert sum(len(text.encode()) for pair in FULL.items() for text in pair) <= MAX_LIST_BYTES


def test_huge_leads_of_older_versions_are_paged_by_size(api_with: Callable[..., Api]) -> None:
    """Paging and four listeners over 120 leads of a megabyte each (it once took 624 MB)."""
    api = api_with("calls_per_second = 1000.0")
    fill(api.store, 120, HUGE_ANSWERS).close()
    api.start()
    with ExitStack() as stack:
        client = stack.enter_context(api.client("read"))
        for _ in range(4):
            answer = stack.enter_context(client.stream("GET", "/api/v1/events", timeout=60))
            told = next(document for name, document in events(answer) if name == "leads")
            assert len(told) > 50
            assert {len(lead["answers"]) for lead in told} == {0}
        ids, cursor, largest = [], "", 0
        while cursor is not None:
            query = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = client.get("/api/v1/contacts", params=query, timeout=60)
            largest = max(largest, len(page.content))
            ids += [lead["id"] for lead in page.json()["contacts"]]
            cursor = page.json()["next_cursor"]
        memory = api.memory()

    assert len(set(ids)) == len(ids) == 120
    assert largest < 3_000_000
    assert memory < 200_000_000
