"""The badge's text is in lists, on the lead, in the history and in exports, and is sent to CRMs that want it."""

import base64
import json
from contextlib import closing

import pytest

from data import badge_text, outbox
from data.clock import SystemClock
from data.listing import iterate_listed_leads
from data.outbox import STATES
from data.store import open_store
from sync.outgoing_leads import build_outgoing_leads
from tests.kiosk.api.api import Api
from tests.kiosk.api.event_stream import events

UNKNOWN = "Lopez / Ana / §$% 17 name tag"
CARD = "BEGIN:VCARD\r\nFN:Car Ded\r\nEMAIL:car@ded.example\r\nX-TEAM:blue\r\nEND:VCARD\r\n"


@pytest.mark.parametrize("said", [UNKNOWN.replace("17", "18"), CARD])
def test_a_posted_badge_is_shown_word_for_word(api: Api, said: str) -> None:
    """It is in the list, on the lead with time and operator, and in both exports."""
    posted = api.post({"client_id": f"b-{len(said)}", "payload": said, "operator": "bob"}).json()["id"]
    lead = api.call("GET", f"/api/v1/contacts/{posted}", role="read").json()
    page = api.call("GET", "/api/v1/contacts?limit=200", role="read").json()["contacts"]
    with closing(open_store(api.store)) as db:
        found = {one.id: one.badge_text for one in iterate_listed_leads(db, states=STATES)}
        [sent] = [
            one
            for one in build_outgoing_leads(db, outbox.list_due_leads(db, SystemClock(), 100), "rest")
            if one.id == posted
        ] or [None]

    assert lead["badge_text"] == said
    assert [(scan["text"], scan["source"], scan["operator"]) for scan in lead["scans"]] == [(said, "api", "bob")]
    assert [one["badge_text"] for one in page if one["id"] == posted] == [said]
    assert found[posted] == said
    if said is CARD:  # who it is nobody knows of the other, so that it is not sent
        assert sent is not None
        assert sent.fields["badge_text"] == said


def test_live_events_include_the_text_of_an_unknown_badge(api: Api) -> None:
    """Shortened, and only where the person is unknown."""
    posted = api.post({"client_id": "e-1", "payload": f"{UNKNOWN} live {'x' * 300}"}).json()["id"]
    with api.client("read") as client, client.stream("GET", "/api/v1/events") as answer:
        told = next(document for name, document in events(answer) if name == "leads")

    [text] = [lead["badge_text"] for lead in told if lead["id"] == posted]
    assert (text, len(text)) == (f"{UNKNOWN} live {'x' * 300}"[:200], 200)


def test_a_device_that_may_only_post_cannot_read_badges(api: Api) -> None:
    """Badges contain personal data."""
    posted = api.post({"client_id": "r-1", "payload": UNKNOWN})

    assert UNKNOWN not in posted.text
    assert api.call("GET", f"/api/v1/contacts/{posted.json()['id']}", role="post").status_code == 403


def test_a_secret_is_not_in_badge_text(api: Api) -> None:
    """Only the hash of a WiFi key is stored; a post without a badge has no badge text."""
    api.post({"client_id": "w-1", "payload": "WIFI:S:net;T:WPA;P:the-key-of-it;;"})
    posted = api.post({"client_id": "w-2", "name": "No Badge"}).json()["id"]

    assert "the-key-of-it" not in api.call("GET", "/api/v1/contacts?limit=200").text
    assert api.call("GET", f"/api/v1/contacts/{posted}").json()["badge_text"] == ""


def test_the_history_has_old_and_new_values(api: Api) -> None:
    """With the role read, so that a person can restore an old value."""
    posted = api.post({"client_id": "h-1", "name": "His Tory", "company": "Old"}).json()["id"]
    api.call("PATCH", f"/api/v1/contacts/{posted}", {"company": "New", "tags": ["hot"]})
    [event] = api.call("GET", f"/api/v1/contacts/{posted}", role="read").json()["history"]
    api.call("PATCH", f"/api/v1/contacts/{posted}", {name: old for name, (old, _) in event["changes"].items()})

    assert (event["verb"], event["operator"]) == ("edit", "a manage device")
    assert event["changes"] == {"company": ["Old", "New"], "tags": [[], ["hot"]]}
    lead = api.call("GET", f"/api/v1/contacts/{posted}").json()
    assert (lead["company"], lead["tags"]) == ("Old", [])


TEXTS = [
    ("Zoë".encode(), "Zoë"), ("Zoë €".encode("cp1252"), "Zoë €"), (b"a\x1db\x1ec", "a\x1db\x1ec"), (b"", ""),
    (b"{\r\n", "{\r\n"), *[
        (binary, f"data:application/octet-stream;base64,{base64.b64encode(binary).decode()}")
        for binary in (b"\xff\x00\x01", b"a\0b", b"\x89PNG\r\n\x1a\n\x81")
    ],
]  # fmt: skip


@pytest.mark.parametrize(("payload", "text"), TEXTS, ids=[repr(payload) for payload, _ in TEXTS])
def test_a_payload_is_text_or_base64(payload: bytes, text: str) -> None:
    """Any payload can be shown and decoded again."""
    assert badge_text.decode_payload(payload) == text
    json.dumps(text)
