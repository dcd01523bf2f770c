"""A device can add and change its own values, but neither change nor clear those of others."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from tests.kiosk.api.api import Api

NUMBER = count()


@pytest.fixture
def phones(api: Api) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two devices with the role post."""
    with ExitStack() as stack:
        one, two = (stack.enter_context(api.client("post", f"phone {next(NUMBER)}")) for _ in range(2))
        yield one, two


def post(device: httpx.Client, client_id: str, /, **said: Any) -> httpx.Response:
    """Post a contact."""
    return device.post("/api/v1/contacts", json={"client_id": client_id, **said})


def lead(api: Api, answer: httpx.Response) -> dict[str, Any]:
    """Return the lead of a post as the office sees it."""
    return dict(api.call("GET", f"/api/v1/contacts/{answer.json()['id']}").json())


def history(api: Api, lead_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the history of a lead."""
    rows = api.rows("select verb, operator, changes from actions where lead_id = ? order by id", lead_id)
    return [(verb, operator, json.loads(changes)) for verb, operator, changes in rows]


BOTH = ("note", "tags", "answers")


def test_two_phones_do_not_erase_each_others_values(api: Api, phones: Any) -> None:
    """Each corrects and clears its own part; the other's stays."""
    one, two = phones
    who = {"name": "Ann Both", "email": "ann@both.example"}
    first = post(one, "A1", **who, note="A: budget 1M", tags=["hot"], answers={"size": "100"})
    merged = post(two, "B1", **who, note="B: likes blue")
    corrected = post(two, "B1", **who, note="B: likes dark blue", tags=["colour"], answers={"colour": "blue"})
    after = lead(api, first)
    emptied = post(two, "B1", **who, note="", tags=[], answers={})

    assert [answer.json()["status"] for answer in (first, merged, corrected, emptied)] == [
        "created", "merged", "updated", "updated",
    ]  # fmt: skip
    assert [after[name] for name in BOTH] == [
        "A: budget 1M\nB: likes dark blue", ["hot", "colour"], {"size": "100", "colour": "blue"},
    ]  # fmt: skip
    assert [lead(api, first)[name] for name in BOTH] == ["A: budget 1M", ["hot"], {"size": "100"}]


def test_the_first_of_two_phones_can_correct_its_own_part(api: Api, phones: Any) -> None:
    """Its line of the note is replaced in place."""
    one, two = phones
    who = {"name": "Bea Both", "email": "bea@both.example"}
    first = post(one, "A1", **who, note="A: one\nA: two", tags=["hot"], rating=2)
    post(two, "B1", **who, note="B: blue", tags=["hot", "b"], phone="555 01")
    post(one, "A1", **who, note="A: three", tags=[], rating=4, company="Initech")

    found = lead(api, first)
    assert [found[name] for name in ("note", "tags", "rating", "company", "phone")] == [
        "A: three\nB: blue", ["b"], 4, "Initech", "555 01",
    ]  # fmt: skip


def test_knowing_an_email_does_not_allow_taking_over_a_lead(api: Api, phones: Any) -> None:
    """The attack: merge by a known e-mail, then rewrite. The lead stays, and the attempt is recorded."""
    one, evil = phones
    office = {"name": "Vic Tim", "email": "vic@victim.example", "phone": "555 1", "company": "Initech", "note": "hot"}
    first = post(one, "A1", **office, rating=5, tags=["demo"], answers={"size": "10"})
    before = lead(api, first)
    merged = post(evil, "E1", email="vic@victim.example")
    taken = post(
        evil, "E1", email="vic@victim.example", name="Vic E Tim", phone="666", company="Evil", note="", rating=1,
        tags=[], answers={"size": "0"},
    )  # fmt: skip
    renamed = post(evil, "E1", email="evil@evil.example", name="Vic Tim")
    emptied = post(evil, "E1", email="", name="", phone="", company="", badge_id="")

    changing = ("operator", "scanned_at", "scans", "history")
    kept = {name: value for name, value in lead(api, first).items() if name not in changing}
    assert {name: before[name] for name in kept} == kept
    assert merged.json()["status"] == "merged"
    assert (taken.status_code, taken.json()["not_taken"]) == (200, ["name", "phone", "company", "rating", "answers"])
    assert (renamed.status_code, renamed.json()["field"]) == (409, "email")
    assert "needs the role manage" in renamed.json()["detail"]
    assert (emptied.status_code, emptied.json()["status"]) == (200, "unchanged")
    tried = [changes for verb, _, changes in history(api, before["id"]) if verb == "not taken"]
    assert tried[0]["phone"] == ["555 1", "666"]
    assert tried[0]["answers"] == [{"size": "10"}, {"size": "0"}]


@pytest.mark.parametrize("field", ["badge_id", "payload"])
def test_knowing_a_badge_does_not_allow_taking_over_a_lead(api: Api, phones: Any, field: str) -> None:
    """The same with a badge id."""
    one, evil = phones
    badge, name = f"PZD97{next(NUMBER):05d}", f"Bad {field}"
    first = post(one, "A1", badge_id=badge, name=name, email=f"bad@{badge}.example")
    post(evil, "E1", **{field: badge})
    other = post(evil, "E1", badge_id="EVIL000001", name=name)
    mail = post(evil, "E1", **{field: badge}, email="evil@evil.example")

    found = lead(api, first)
    assert (other.status_code, other.json()["field"], mail.status_code, mail.json()["field"]) == (
        409, "badge_id", 409, "email",
    )  # fmt: skip
    assert (found["badge_id"], found["email"], found["name"]) == (badge, f"bad@{badge}.example", name)


def test_another_client_id_makes_another_lead(api: Api, phones: Any) -> None:
    """Following the advice of the error loses nobody."""
    one, two = phones
    first = post(one, "A1", name="Sam Shared", email="sam@shared.example")
    post(two, "B1", email="sam@shared.example")
    other = post(two, "B2", name="Eva Else", email="eva@else.example")

    assert (other.status_code, other.json()["id"] != first.json()["id"]) == (201, True)


def test_the_first_device_cannot_turn_a_shared_lead_into_somebody_else(api: Api, phones: Any) -> None:
    """Once others have added to a lead, its first address is not the first device's any more."""
    evil, two = phones
    first = post(evil, "E1", email="early@bird.example")
    post(two, "B1", name="Ear Ly", email="early@bird.example", note="wants a demo")

    assert post(evil, "E1", email="evil@evil.example").status_code == 409
    assert lead(api, first)["email"] == "early@bird.example"


def test_a_device_alone_can_correct_everything(api: Api, phones: Any) -> None:
    """Also the address, also with a second client id, and also what its badge said."""
    one, _ = phones
    first = post(one, "A1", payload="MECARD:N:Ty Po;EMAIL:typo@typ.example;ORG:Initech;;")
    post(one, "A2", badge_id="", email="typo@typ.example", phone="1")
    answer = post(one, "A1", payload="MECARD:N:Ty Po;EMAIL:typo@typ.example;ORG:Initech;;", company="", phone="2",
                  email="right@typ.example")  # fmt: skip

    found = lead(api, first)
    assert (answer.status_code, found["company"], found["phone"], found["email"]) == (200, "", "2", "right@typ.example")


def test_an_identical_post_does_not_undo_staff_edits(api: Api, phones: Any) -> None:
    """A device that corrects something else brings back nothing that staff removed."""
    one, _ = phones
    said = {"name": "Sta Ff", "email": "sta@ff.example", "company": "Wrong", "tags": ["hot", "cold"], "note": "old"}
    first = post(one, "A1", **said, answers={"size": "1"})
    decided = {"company": "", "tags": ["hot"], "note": "mended", "answers": {}, "email": "right@ff.example"}
    api.call("PATCH", f"/api/v1/contacts/{first.json()['id']}", decided)
    again = post(one, "A1", **said, answers={"size": "1"}, phone="555")

    found = lead(api, first)
    assert again.json()["status"] == "updated"
    assert {name: found[name] for name in (*decided, "phone")} == {**decided, "phone": "555"}


def test_old_and_new_values_are_in_the_history(api: Api, phones: Any) -> None:
    """From a device, a merge and the office alike, so that a person can restore them."""
    one, two = phones
    first = post(one, "A1", name="His Tory", email="his@tory.example", company="Old")
    post(one, "A1", name="His Tory", email="his@tory.example", company="New")
    post(two, "B1", email="his@tory.example", city="Oslo")
    api.call("PATCH", f"/api/v1/contacts/{first.json()['id']}", {"note": "n", "company": "Newer"})

    found = history(api, first.json()["id"])
    assert [(verb, changes) for verb, _, changes in found] == [
        ("correction", {"company": ["Old", "New"]}),
        ("merge", {"city": ["", "Oslo"]}),
        ("edit", {"company": ["New", "Newer"], "note": ["", "n"]}),
    ]
    assert found[0][1].startswith("phone ")
    assert found[2][1] == "a manage device"


def test_correcting_a_badge_does_not_restore_a_discarded_lead(api: Api, phones: Any) -> None:
    """Decisions need the role manage; a phone that adds a note is not a visitor who came back."""
    one, _ = phones
    card = "MECARD:N:Dis Carded;EMAIL:dis@carded.example;;"
    first = post(one, "A1", payload=card)
    api.call("POST", f"/api/v1/contacts/{first.json()['id']}/discard", {"reason": "a test"})
    post(one, "A1", payload=card, note="more")

    found = lead(api, first)
    assert (found["state"], found["note"]) == ("discarded", "more")


def test_bulk_requests_follow_the_same_rules(api: Api, phones: Any) -> None:
    """A field that stays and an address that is refused, each in its own result."""
    one, two = phones
    for number in (1, 2):
        post(one, f"A{number}", name="Bul K", email=f"bul{number}@k.example", phone="1")
        post(two, f"B{number}", email=f"bul{number}@k.example")
    items = [
        {"client_id": "B1", "email": "bul1@k.example", "phone": "2"},
        {"client_id": "B2", "email": "x@k.example", "name": "Bul K"},
    ]
    answer = two.post("/api/v1/contacts/bulk", json={"contacts": items}).json()["results"]

    assert [(one["status"], one.get("not_taken"), one.get("error", {}).get("field")) for one in answer] == [
        (200, ["phone"], None), (409, None, "email"),
    ]  # fmt: skip


def test_a_note_of_others_cannot_be_removed(api: Api, phones: Any) -> None:
    """Posting the same words does not make them its own."""
    one, two = phones
    first = post(one, "A1", name="No Te", email="no@te.example", note="A: hot", tags=["hot"])
    post(two, "B1", email="no@te.example", note="B")
    post(two, "B1", email="no@te.example", note="A: hot", tags=["hot"])
    post(two, "B1", email="no@te.example", note="", tags=[])

    assert [lead(api, first)[name] for name in ("note", "tags")] == ["A: hot", ["hot"]]


def test_name_fields_follow_a_corrected_name(api: Api, phones: Any) -> None:
    """The CRM gets the corrected first and last name."""
    one, _ = phones
    card = "MECARD:N:Smiht,Jon;EMAIL:jon@smith.example;;"
    first = post(one, "A1", payload=card)
    post(one, "A1", payload=card, name="John Smith")

    found = lead(api, first)
    assert [found[name] for name in ("name", "first_name", "last_name")] == ["John Smith", "John", "Smith"]


def name_of(found: dict[str, Any]) -> list[str]:
    """Return the name of a lead and its name fields."""
    return [found[name] for name in ("name", "first_name", "last_name")]


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (["", "Bob", "Stone"], {"name": "Evil Twin"}),
        (["Bob Stone", "", ""], {"first_name": "Evil", "last_name": "Twin"}),
        (["Bob Stone", "", ""], {"last_name": "Twin"}),
    ],
)
def test_posted_name_fields_do_not_change_a_name_of_others(
    api: Api, phones: Any, theirs: list[str], said: dict[str, str]
) -> None:
    """Otherwise the CRM would get a mixture of two names."""
    one, two = phones
    email = f"bob{next(NUMBER)}@parts.example"
    first = post(one, "A1", email=email, **dict(zip(("name", "first_name", "last_name"), theirs, strict=True)))
    post(two, "B1", email=email)
    answer = post(two, "B1", email=email, **said)

    assert name_of(lead(api, first)) == ["Bob Stone", *theirs[1:]]
    assert answer.json()["not_taken"] == list(said)


def test_name_fields_that_go_with_the_name_of_others_are_added(api: Api, phones: Any) -> None:
    """They add to the same name."""
    one, two = phones
    first = post(one, "A1", name="Bob Stone", email="bob@same.example")
    post(two, "B1", email="bob@same.example")
    post(two, "B1", email="bob@same.example", first_name="Bob", last_name="Stone")

    assert name_of(lead(api, first)) == ["Bob Stone", "Bob", "Stone"]


def test_a_device_named_like_a_person_does_not_own_their_edits(api: Api) -> None:
    """Devices choose their own name when they are paired."""
    with api.client("post", "a manage device") as evil:
        first = post(evil, "A1", name="Ed It", email="ed@it.example", company="Old")
        api.call("PATCH", f"/api/v1/contacts/{first.json()['id']}", {"company": "Theirs"})
        answer = post(evil, "A1", name="Ed It", company="Evil")

        assert answer.json()["not_taken"] == ["company"]
        assert lead(api, first)["company"] == "Theirs"
        assert post(evil, "A1", name="Ed It", email="evil@it.example").status_code == 409


def test_another_badge_with_the_same_client_id_is_refused(api: Api, phones: Any) -> None:
    """A badge reader that counts from one again has somebody else in front of it, of whom only an id is known."""
    one, _ = phones
    first = post(one, "A1", payload="PZD9900001")
    other = post(one, "A1", payload="PZD9900002")
    again = post(one, "A2", payload="PZD9900002")

    assert (other.status_code, other.json()["field"]) == (409, "client_id")
    assert (again.status_code, again.json()["id"] != first.json()["id"]) == (201, True)
    assert lead(api, first)["badge_id"] == "PZD9900001"
