"""Decisions of the office: change, discard, restore, retry. Each is recorded with the device that made it."""

from collections.abc import Callable

import pytest

from tests.kiosk.api.api import Api


def state(api: Api, name: str) -> tuple[str, str, str]:
    """Return a lead's state and its reason."""
    return api.rows(
        "select state, cause, reason from outbox where lead_id = (select lead_id from posted where client_id = ?)", name
    )[0]  # type: ignore[return-value]


def test_null_changes_nothing(api: Api) -> None:
    """Only the named fields are changed, and the new revision is due for the CRM."""
    api.post({"client_id": "n-1", "name": "Nul Leaves", "phone": "+44 20 7946 0000", "tags": ["demo"], "rating": 3})
    answer = api.call(
        "PATCH", "/api/v1/contacts/n-1", {"name": None, "phone": None, "tags": None, "rating": None, "city": "Oslo"}
    )

    lead = answer.json()
    assert tuple(lead[key] for key in ("name", "phone", "tags", "rating", "city")) == (
        "Nul Leaves",
        "+44 20 7946 0000",
        ["demo"],
        3,
        "Oslo",
    )
    assert lead["revision"] == 2
    assert api.rows("select verb, operator from actions where lead_id = ?", lead["id"]) == [("edit", "a manage device")]


def test_nothing_named_changes_nothing(api: Api) -> None:
    """There is no new revision and no history entry."""
    lead = api.post({"client_id": "e-1", "name": "Emp Ty"}).json()["id"]

    assert api.call("PATCH", "/api/v1/contacts/e-1", {}).json()["revision"] == 1
    assert api.rows("select verb from actions where lead_id = ?", lead) == []


def test_an_empty_text_clears_a_field(api: Api) -> None:
    """An empty text differs from `null`."""
    api.post({"client_id": "t-1", "name": "Ta Ken", "company": "Wrong"})

    assert api.call("PATCH", "/api/v1/contacts/t-1", {"company": ""}).json()["company"] == ""


def test_a_lead_that_needs_details_goes_when_it_has_them(api: Api) -> None:
    """A name is enough."""
    api.post({"client_id": "d-1", "badge_id": "NOBODY-1"})
    before = state(api, "d-1")
    api.call("PATCH", "/api/v1/contacts/d-1", {"name": "De Tails"})

    assert before[:2] == ("needs you", "needs details")
    assert state(api, "d-1") == ("waiting", "", "")


def test_discard_needs_a_reason_and_can_be_undone(api: Api) -> None:
    """Repeating has no effect; each decision is recorded with reason and device."""
    lead = api.post({"client_id": "x-1", "name": "Dis Card"}).json()["id"]
    answers = [api.call("POST", "/api/v1/contacts/x-1/discard", {"reason": "a colleague"}) for _ in range(2)]
    after = state(api, "x-1")
    restored = api.call("POST", "/api/v1/contacts/x-1/restore")

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "discarded")] * 2
    assert after == ("discarded", "", "a colleague")
    assert (restored.status_code, restored.json()["state"]) == (200, "waiting")
    assert api.rows("select verb, reason, operator from actions where lead_id = ? order by id", lead) == [
        ("discard", "a colleague", "a manage device"),
        ("restore", "", "a manage device"),
    ]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": 5}, {"reason": "x" * 1001}])
def test_a_blank_reason_is_refused(api: Api, body: dict[str, object]) -> None:
    """The error names the field, and the lead is unchanged."""
    api.post({"client_id": "y-1", "name": "Why Not"})
    answer = api.call("POST", "/api/v1/contacts/y-1/discard", body)

    assert (answer.status_code, answer.json()["field"]) == (422, "reason")
    assert state(api, "y-1")[0] == "waiting"


def test_retry_makes_a_rejected_lead_due(api_with: Callable[..., Api]) -> None:
    """It has all its attempts again."""
    api = api_with().start()
    api.post({"client_id": "z-1", "name": "Re Try"})
    from contextlib import closing

    from data.store import open_store, write_transaction

    with closing(open_store(api.store)) as db, write_transaction(db):
        db.execute("update outbox set state = 'needs you', cause = 'rejected', reason = 'bad', attempts = 5")
    answer = api.call("POST", "/api/v1/contacts/z-1/retry")

    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "waiting", 0)
    assert state(api, "z-1") == ("waiting", "", "")


@pytest.mark.parametrize("verb", ["retry", "restore", "discard"])
def test_actions_on_an_unknown_lead_are_404(api: Api, verb: str) -> None:
    """404, and nothing is recorded."""
    before = api.count("actions")
    answer = api.call("POST", f"/api/v1/contacts/nobody/{verb}", {"reason": "x"})

    assert answer.status_code == 404
    assert api.count("actions") == before


def test_a_discarded_lead_that_is_posted_again_stays_discarded(api: Api) -> None:
    """A retry of a phone is not a visitor who came back."""
    posted = {"client_id": "q-1", "name": "Qu It"}
    api.post(posted)
    api.call("POST", "/api/v1/contacts/q-1/discard", {"reason": "a test"})

    assert api.post(posted).json()["status"] == "unchanged"
    assert state(api, "q-1")[0] == "discarded"
