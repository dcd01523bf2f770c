"""The practice CRM misbehaves on request, from the start or while it runs."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

ONE = "/api/v1/contacts"
MANY = "/api/v1/contacts/bulk"


def make_contact(email: str = "ana@initech.com") -> dict[str, Any]:
    """A contact that was never sent before."""
    return {"client_id": str(uuid4()), "name": "Ana Lopez", "email": email}


def observe_fault(crm: Any, fault: str) -> Any:
    """Return what a caller sees: a status, with its page or location, or that no answer came."""
    try:
        answer = crm.call("POST", ONE, make_contact("bad@initech.com"))
    except httpx.RemoteProtocolError:
        return "no answer"
    if "html" in answer.headers.get("content-type", ""):
        return "page"
    return answer.headers.get("location", answer.status_code)


FAULTS: list[tuple[str, Any, Any]] = [
    ("down", True, 503),
    ("unauthorised", True, 401),
    ("forbidden", True, 403),
    ("login_page", True, "page"),
    ("redirect", True, "http://wifi.example.net/login"),
    ("refuse", "bad@", 422),
    ("refuse", "all", 422),
    ("fail", "bad@", 500),
    ("fail", "all", 500),
    ("lost_answers", 1, "no answer"),
    ("throttle", True, 429),
    ("quota", True, 429),
    ("rate_limit", 0, 429),
]


@pytest.mark.parametrize(("fault", "value", "seen"), FAULTS, ids=lambda value: str(value))
def test_each_fault_can_be_had_live_and_ended_again(crm: Any, fault: str, value: Any, seen: Any) -> None:
    """PUT /faults changes what is named and nothing else."""
    usual = crm.set_faults()

    changed = crm.set_faults(**{fault: value})
    found = observe_fault(crm, fault)
    restored = crm.set_faults(**usual)

    assert found == seen
    assert {**usual, fault: changed[fault]} == changed
    assert usual == restored
    assert observe_fault(crm, fault) == 201


def test_every_fault_can_be_there_from_the_start(practice_crm: Any) -> None:
    """Those given at the start are those it has."""
    practice_crm.stop()

    practice_crm.start(fail="bad@", refuse="x", delay="0-0.01", lost_answers=0.25, rate_limit=7)

    assert practice_crm.set_faults() == {
        "delay": [0, 0.01],
        "down": False,
        "lost_answers": 0.25,
        "refuse": "x",
        "fail": "bad@",
        "login_page": False,
        "quota": False,
        "redirect": False,
        "unauthorised": False,
        "forbidden": False,
        "throttle": False,
        "rate_limit": 7,
        "daily_calls": 15_000,
        "session_calls": 0,
        "duplicates": "",
    }


def test_a_lost_answer_loses_no_contact(crm: Any) -> None:
    """The call is done, and then cut off without a single byte of an answer."""
    ana = make_contact()
    crm.set_faults(lost_answers=1)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        crm.call("POST", ONE, ana)

    crm.set_faults(lost_answers=0)
    assert crm.call("GET", f"{ONE}/{ana['client_id']}").json()["times_sent"] == 1


def test_a_delay_holds_the_answer_back(crm: Any) -> None:
    """No answer comes before its time."""
    crm.set_faults(delay=0.3)
    started = time.monotonic()

    crm.call("POST", ONE, make_contact())

    assert time.monotonic() - started >= 0.3


def test_what_was_asked_is_done_though_the_caller_hangs_up(practice_crm: Any) -> None:
    """A caller that is killed while it waits cannot know that the CRM has the contact: it has."""
    practice_crm.set_faults(delay=0.5)
    sent = make_contact()

    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            practice_crm.url + ONE,
            json=sent,
            headers={"Authorization": f"Bearer {practice_crm.token}"},
            timeout=0.1,
            trust_env=False,
        )
    until = time.monotonic() + 30
    while not practice_crm.contacts() and time.monotonic() < until:
        time.sleep(0.05)

    assert [known["client_id"] for known in practice_crm.contacts()] == [sent["client_id"]]


def test_one_bad_contact_fails_a_whole_bulk_call_with_500(crm: Any) -> None:
    """`fail` is the fault of a CRM that stumbles over one contact and takes none."""
    good = make_contact()
    crm.set_faults(fail="bad@")

    assert crm.call("POST", MANY, {"contacts": [good, make_contact("bad@initech.com")]}).status_code == 500
    assert crm.call("POST", MANY, {"contacts": [good]}).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [({"dow": True}, "did you mean down?"), ({"delay": "5-2"}, "delay"), ({"lost_answers": 1.5}, "lost_answers"),
     ({"off": "perhaps"}, "down"), ({"rate_limit": -1}, "rate_limit"), (["off"], "There is no fault")],
)  # fmt: skip
def test_a_fault_that_does_not_exist_is_refused_with_a_hint(crm: Any, wanted: Any, hint: str) -> None:
    """422 says what is wrong, and all stays as it was."""
    usual = crm.set_faults()

    refused = crm.call("PUT", "/faults", wanted)

    assert refused.status_code == 422
    assert hint in refused.json()["detail"]
    assert crm.set_faults() == usual


def test_every_third_answer_is_lost_where_that_is_asked_for(practice_crm: Any) -> None:
    """A whole number counts calls, so that a rehearsal goes the same way each time."""
    practice_crm.set_faults(lost_answers=3)

    seen = [observe_fault(practice_crm, "lost_answers") for _ in range(6)]

    assert seen == [201, 201, "no answer", 201, 201, "no answer"]
