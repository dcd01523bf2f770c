"""The practice CRM: a real server that takes contacts, and misbehaves on request."""

import socket
import stat
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

ONE = "/api/v1/contacts"
MANY = "/api/v1/contacts/bulk"


def contact(email: str = "ana@initech.com") -> dict[str, Any]:
    """A contact that was never sent before."""
    return {"client_id": str(uuid4()), "name": "Ana Lopez", "email": email}


def test_a_contact_is_created_once_and_then_updated(crm: Any) -> None:
    """The same `client_id` again is the same record, with the newer fields."""
    ana = contact()

    first = crm.call("POST", ONE, ana)
    again = crm.call("POST", ONE, {**ana, "name": "Ana María López"})
    found = crm.call("GET", f"{ONE}/{ana['client_id']}").json()

    assert (201, "created") == (first.status_code, first.json()["status"])
    assert (200, "updated") == (again.status_code, again.json()["status"])
    assert ana["client_id"] == first.json()["client_id"]
    assert first.json()["id"] == again.json()["id"] == found["id"]
    assert ("Ana María López", 2) == (found["name"], found["times_sent"])


def test_a_bulk_call_is_answered_item_by_item(crm: Any) -> None:
    """A bad contact is rejected with a reason; those around it are taken."""
    known, bad, new = contact(), contact("not an address"), contact()
    crm.call("POST", ONE, known)

    answer = crm.call("POST", MANY, {"contacts": [known, bad, new]})

    results = {item["client_id"]: item for item in answer.json()["results"]}
    assert 200 == answer.status_code
    assert "updated" == results[known["client_id"]]["status"]
    assert ("rejected", None) == (results[bad["client_id"]]["status"], results[bad["client_id"]]["id"])
    assert "e-mail" in results[bad["client_id"]]["error"]
    assert "created" == results[new["client_id"]]["status"]
    assert 404 == crm.call("GET", f"{ONE}/{bad['client_id']}").status_code


def test_the_same_contact_twice_in_one_call_is_one_record(crm: Any) -> None:
    """Within one call too, the id is what counts."""
    ana = contact()

    results = crm.call("POST", MANY, {"contacts": [ana, ana]}).json()["results"]

    assert ["created", "updated"] == [item["status"] for item in results]
    assert 1 == len({item["id"] for item in results})


def test_more_than_a_hundred_at_once_are_too_many(crm: Any) -> None:
    """413 names the limit, and nothing is kept; a hundred are taken."""
    many = [contact() for _ in range(101)]

    refused = crm.call("POST", MANY, {"contacts": many})
    nothing = crm.call("GET", f"{ONE}/{many[0]['client_id']}")
    taken = crm.call("POST", MANY, {"contacts": many[:100]})

    assert (413, 100) == (refused.status_code, refused.json()["limit"])
    assert 404 == nothing.status_code
    assert (200, 100) == (taken.status_code, len(taken.json()["results"]))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"contacts": {}}',
        b'{"contacts": [1]}',
        b"\xff",
        b"[" * 100_000,
        b'{"contacts": [{"client_id": "x", "rating": NaN}]}',
        b'{"contacts": [{"client_id": "x", "rating": 1e999}]}',
        b'{"contacts": [{"client_id": "\\ud800"}]}',
        b'{"contacts": [{"client_id": "x", "note": "\\ud800"}]}',
    ],
    ids=["empty", "cut", "list", "no list", "no objects", "bytes", "deep", "NaN", "infinite", "half id", "half"],
)
def test_a_body_that_is_no_list_of_contacts_is_refused_and_changes_nothing(crm: Any, raw: bytes) -> None:
    """What cannot be given back as JSON is not taken in, and the CRM goes on working."""
    before = crm.stats()["contacts"]

    refused = crm.call("POST", MANY, raw=raw)

    assert 400 == refused.status_code
    assert "application/problem+json" == refused.headers["content-type"]
    assert before == crm.stats()["contacts"]
    assert 201 == crm.call("POST", ONE, contact()).status_code
    assert 200 == crm.call("GET", ONE).status_code


@pytest.mark.parametrize("client_id", [None, "", 7, "x" * 201, "a\nb", "a\0b"])
def test_a_contact_without_a_usable_id_is_refused(crm: Any, client_id: Any) -> None:
    """422 names the field."""
    refused = crm.call("POST", ONE, {**contact(), "client_id": client_id})

    assert (422, "client_id") == (refused.status_code, refused.json()["field"])


@pytest.mark.parametrize("path", [ONE, "/faults", "/api/v1/stats"])
def test_nothing_but_the_page_is_open_to_who_has_no_token(crm: Any, path: str) -> None:
    """401, with the challenge that RFC 9110 asks for."""
    refused = crm.call("GET", path, token="wrong")

    assert (401, "Bearer") == (refused.status_code, refused.headers["www-authenticate"])


def test_too_many_calls_are_throttled_with_the_seconds_to_wait(crm: Any) -> None:
    """429 says how long, within the window over which calls are counted."""
    crm.set_faults(rate_limit=0)

    refused = crm.call("POST", ONE, contact())

    assert 429 == refused.status_code
    assert 1 <= int(refused.headers["retry-after"]) <= 11


def test_a_rate_limit_lets_so_many_calls_through(practice_crm: Any) -> None:
    """Two of three, where two are allowed in ten seconds."""
    practice_crm.set_faults(rate_limit=2)

    statuses = [practice_crm.call("POST", ONE, contact()).status_code for _ in range(3)]

    assert [201, 201, 429] == statuses


def misbehaviour(crm: Any, fault: str) -> Any:
    """What a caller sees who sends a contact: a status, with its page or place, or that no answer came."""
    try:
        answer = crm.call("POST", ONE, contact("bad@initech.com"))
    except httpx.RemoteProtocolError:
        return "no answer"
    if "html" in answer.headers.get("content-type", ""):
        return "page"
    return answer.headers.get("location", answer.status_code)


FAULTS: list[tuple[str, Any, Any]] = [
    ("off", True, 503),
    ("unauthorised", True, 401),
    ("login_page", True, "page"),
    ("redirect", True, "http://wifi.example.net/login"),
    ("refuse", "bad@", 422),
    ("refuse", "all", 422),
    ("fail", "bad@", 500),
    ("fail", "all", 500),
    ("lost_answers", 1, "no answer"),
    ("rate_limit", 0, 429),
]


@pytest.mark.parametrize(("fault", "value", "seen"), FAULTS, ids=lambda value: str(value))
def test_each_fault_can_be_had_live_and_ended_again(crm: Any, fault: str, value: Any, seen: Any) -> None:
    """PUT /faults changes what is named and nothing else."""
    usual = crm.set_faults()

    changed = crm.set_faults(**{fault: value})
    found = misbehaviour(crm, fault)
    restored = crm.set_faults(**usual)

    assert seen == found
    assert {**usual, fault: changed[fault]} == changed
    assert usual == restored
    assert 201 == misbehaviour(crm, fault)


def test_every_fault_can_be_there_from_the_start(practice_crm: Any) -> None:
    """Those given at the start are those it has."""
    practice_crm.stop()

    practice_crm.start(fail="bad@", refuse="x", delay="0-0.01", lost_answers=0.25, rate_limit=7)

    assert {
        "delay": [0, 0.01],
        "off": False,
        "lost_answers": 0.25,
        "refuse": "x",
        "fail": "bad@",
        "login_page": False,
        "redirect": False,
        "unauthorised": False,
        "rate_limit": 7,
    } == practice_crm.set_faults()


def test_a_lost_answer_loses_no_contact(crm: Any) -> None:
    """The call is done, and then cut off without a single byte of an answer."""
    ana = contact()
    crm.set_faults(lost_answers=1)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        crm.call("POST", ONE, ana)

    crm.set_faults(lost_answers=0)
    assert 1 == crm.call("GET", f"{ONE}/{ana['client_id']}").json()["times_sent"]


def test_a_delay_holds_the_answer_back(crm: Any) -> None:
    """No answer comes before its time."""
    crm.set_faults(delay=0.3)
    started = time.monotonic()

    crm.call("POST", ONE, contact())

    assert time.monotonic() - started >= 0.3


def test_one_bad_contact_fails_a_whole_bulk_call_with_500(crm: Any) -> None:
    """`fail` is the fault of a CRM that stumbles over one contact and takes none."""
    good = contact()
    crm.set_faults(fail="bad@")

    assert 500 == crm.call("POST", MANY, {"contacts": [good, contact("bad@initech.com")]}).status_code
    assert 200 == crm.call("POST", MANY, {"contacts": [good]}).status_code


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [({"of": True}, "did you mean off?"), ({"delay": "5-2"}, "delay"), ({"lost_answers": 2}, "lost_answers"),
     ({"off": "perhaps"}, "off"), ({"rate_limit": -1}, "rate_limit"), (["off"], "There is no fault")],
)  # fmt: skip
def test_a_fault_that_does_not_exist_is_refused_with_a_hint(crm: Any, wanted: Any, hint: str) -> None:
    """422 says what is wrong, and all stays as it was."""
    usual = crm.set_faults()

    refused = crm.call("PUT", "/faults", wanted)

    assert 422 == refused.status_code
    assert hint in refused.json()["detail"]
    assert usual == crm.set_faults()


def test_a_port_that_is_taken_is_replaced_by_a_free_one(practice_crm: Any) -> None:
    """It starts all the same, and writes down where it is."""
    practice_crm.stop()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]

        practice_crm.start(port=taken)

        assert not practice_crm.url.endswith(f":{taken}")
        assert 201 == practice_crm.call("POST", ONE, contact()).status_code


def test_a_restart_keeps_token_records_and_the_port_that_was_asked_for(practice_crm: Any) -> None:
    """A kiosk that knew it before knows it again."""
    ana, address = contact(), practice_crm.address
    practice_crm.call("POST", ONE, ana)

    practice_crm.stop()
    practice_crm.start(port=int(address.url.rsplit(":")[-1]))

    assert address == practice_crm.address
    assert 200 == practice_crm.call("POST", ONE, ana).status_code


def test_its_files_are_for_their_owner_only(practice_crm: Any) -> None:
    """The token and the contacts are nobody else's."""
    practice_crm.call("POST", ONE, contact())

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in practice_crm.folder.iterdir()}

    assert {"practice-crm.json", "practice-crm.db"} <= modes.keys()
    assert {0o600} == set(modes.values())


def test_the_page_shows_contacts_as_text_and_nothing_else(crm: Any) -> None:
    """A name that is a script is shown, not run; nobody needs a token to look, and the token is not there."""
    crm.call("POST", ONE, {**contact(), "name": "<script>alert(1)</script>", "note": '"&{contacts}'})

    page = crm.call("GET", "/", token="none")

    assert 200 == page.status_code
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    assert "&quot;&amp;{contacts}" in page.text
    assert crm.token not in page.text
