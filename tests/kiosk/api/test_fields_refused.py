"""An invalid body is refused with the name of the field in one sentence, and nothing is saved."""

import json
from typing import Any

import pytest

from data.contact import CONTACT_FIELDS
from tests.kiosk.api.api import Api

TEXTS = [*CONTACT_FIELDS, "badge_id", "note", "client_id", "payload", "operator"]
LONGEST = {
    "email": 320, "badge_id": 200, "note": 10_000, "client_id": 200, "payload": 3000, "operator": 200,
}  # fmt: skip

WRONG: list[tuple[str, Any]] = [
    *((name, wrong) for name in TEXTS for wrong in (5, 1.5, True, [], {}, ["x"])),
    *((name, "x" * (LONGEST.get(name, 500) + 1)) for name in TEXTS),
    *(("email", wrong) for wrong in ("x", "a b@x.example", "@", "a@", "@b", "a@b\nc")),
    *(("client_id", wrong) for wrong in ("", "ä", "a\nb", "\x7f")),
    ("payload", ""),
    *(("rating", wrong) for wrong in (0, 6, -1, 10**30, 2.5, "5", True, [5])),
    *(("tags", wrong) for wrong in ("x", {"a": "b"}, 5, ["t"] * 51)),
    ("tags[0]", [1]), ("tags[0]", [None]), ("tags[1]", ["a", ""]), ("tags[2]", ["a", "b", "x" * 101]),
    *(("answers", wrong) for wrong in ("x", ["a"], {"a": 1}, {"a": None}, {"": "x"}, {"k" * 201: "x"})),
    ("answers", {"a": "x" * 10_001}),
    *(("scanned_at", wrong) for wrong in ("", "yesterday", "2026-05-13", "2026-05-13T10:00:00", 1_700_000_000, True,
                                          "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z",
                                          "9999-12-31T23:59:59-14:00", "2026-05-13T25:00:00Z")),
    *((name, 1) for name in ("emial", "id", "Name", "status", "a`b", "", "ü" * 50)),
]  # fmt: skip

CHANGES = [wrong for wrong in WRONG if wrong[0] not in ("client_id", "payload", "operator", "scanned_at")]


def field_of(wrong: tuple[str, Any]) -> dict[str, Any]:
    """Make a valid contact with one change."""
    name, value = wrong
    return {"name": "Go Od", "client_id": "good", name.partition("[")[0]: value}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[0]}={str(wrong[1])[:20]!r}")
def test_the_field_is_named(api: Api, wrong: tuple[str, Any]) -> None:
    """As problem+json, in one sentence that begins with the field and shows no regular expression."""
    before = api.count("leads")
    answer = api.post(field_of(wrong))

    document = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= document.keys()
    assert document.get("field", "") == wrong[0]
    assert document["detail"].startswith(f"{wrong[0]}: " if wrong[0] else "") and document["detail"].endswith(".")
    assert "regex" not in document["detail"]
    assert api.count("leads") == before


@pytest.mark.parametrize("wrong", CHANGES, ids=lambda wrong: f"{wrong[0]}={str(wrong[1])[:20]!r}")
def test_changes_are_checked_like_posts(api: Api, wrong: tuple[str, Any]) -> None:
    """PATCH names the field, too, before it looks up the lead."""
    answer = api.call("PATCH", "/api/v1/contacts/nobody", {wrong[0].partition("[")[0]: wrong[1]})

    assert (answer.status_code, answer.json().get("field", "")) == (422, wrong[0])


@pytest.mark.parametrize("body", [[], "x", 5, 1e300, None, True, [{"name": "x"}]], ids=repr)
def test_anything_but_an_object_is_refused(api: Api, body: Any) -> None:
    """The error says what was expected."""
    answer = api.call("POST", "/api/v1/contacts", content=json.dumps(body))

    assert answer.status_code == 422
    assert "object" in answer.json()["detail"]


NO_JSON = [
    b"", b"{", b'{"name": "x"', b"\xff\xfe", b'{"name": "\xff"}', b'{"name": NaN}', b'{"rating": Infinity}',
    b'{"rating": ' + b"9" * 5000 + b"}", b'{"name": "a\x00b"}',
    b"[" * 100_000, b'{"a":' * 50_000, b'{"name": "x"} trailing', b"name=x&email=y",
    '{"name": "x"}'.encode("utf-16"),
]  # fmt: skip


@pytest.mark.parametrize("body", NO_JSON, ids=lambda body: repr(body[:20]))
def test_invalid_json_is_refused(api: Api, body: bytes) -> None:
    """Among it NaN, very long numbers and endless brackets; the server keeps running."""
    answer = api.call("POST", "/api/v1/contacts", content=body)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "not valid JSON" in answer.json()["detail"]
    assert api.call("GET", "/healthz").status_code == 200


def test_a_gigantic_number_in_a_text_is_a_text(api: Api) -> None:
    """In a number field it is out of range."""
    answer = api.call("POST", "/api/v1/contacts", content=b'{"client_id": "big", "name": "x", "rating": 1e300}')

    assert (answer.status_code, answer.json()["field"]) == (422, "rating")


@pytest.mark.parametrize("name", ["na\\u0000me", "\\u0000name", "name\\u0000", "na\\ud800me", "e\\u0000mail"])
def test_field_names_are_taken_literally(api: Api, name: str) -> None:
    """Unstorable characters are removed from texts; in a field's name they do not make another name."""
    one = api.call("POST", "/api/v1/contacts", content=f'{{"{name}": "x", "phone": "1"}}'.encode())
    many = api.call(
        "POST", "/api/v1/contacts/bulk", content=f'{{"contacts": [{{"client_id": "1", "{name}": "x"}}]}}'.encode()
    )

    assert (one.status_code, many.json()["results"][0]["status"]) == (422, 422)
    assert "there is no such field" in one.json()["detail"]


def test_two_questions_that_differ_in_a_nul_stay_separate(api: Api) -> None:
    """Questions are texts and lose it, but no answer is lost."""
    body = b'{"name": "Two Questions", "answers": {"a": "1", "a\\u0000": "2", "\\u0000b": "3"}}'
    posted = api.call("POST", "/api/v1/contacts", content=body).json()["id"]

    assert api.call("GET", f"/api/v1/contacts/{posted}").json()["answers"] == {"a": "1", "a\ufffd": "2", "b": "3"}
