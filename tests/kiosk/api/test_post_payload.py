"""A badge's payload can be posted instead of fields, and is parsed like a scanned one."""

import hashlib
from collections.abc import Callable
from contextlib import closing

import pytest

from data import attendees
from data.contact import Contact
from data.store import open_store
from tests.kiosk.api.api import Api

VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Vera Card\r\nEMAIL:vera@x.example\r\nORG:Initech\r\nEND:VCARD\r\n"
WIFI = "WIFI:T:WPA;S:Office;P:correct-horse-battery;;"


def posted(api: Api, **body: object) -> dict[str, object]:
    """Post and return the lead."""
    answer = api.post(body)
    assert answer.status_code in (200, 201), answer.text  # 200 where another test has posted the same person
    return dict(api.call("GET", f"/api/v1/contacts/{answer.json()['id']}").json())


def test_a_vcard_is_parsed(api: Api) -> None:
    """The badge fills in the contact, and the scan keeps the payload."""
    lead = posted(api, payload=VCARD, rating=4)

    assert tuple(lead[name] for name in ("name", "email", "company", "rating")) == (
        "Vera Card",
        "vera@x.example",
        "Initech",
        4,
    )
    assert api.rows("select payload, kind, source from scans where lead_id = ?", lead["id"]) == [
        (VCARD.encode(), "vcard", "api")
    ]


def test_a_mecard_is_parsed(api: Api) -> None:
    """The same as for a scanned one."""
    lead = posted(api, payload="MECARD:N:Card,Mee;EMAIL:mee@x.example;;")

    assert (lead["first_name"], lead["last_name"], lead["email"]) == ("Mee", "Card", "mee@x.example")


def test_posted_fields_win_over_the_badge(api: Api) -> None:
    """Staff know better than the badge."""
    lead = posted(api, payload="MECARD:N:Typo;EMAIL:typed@x.example;;", name="Ty Ped")

    assert (lead["name"], lead["email"]) == ("Ty Ped", "typed@x.example")


def test_an_id_is_looked_up_in_the_attendee_list(api: Api) -> None:
    """As a payload or as `badge_id`."""
    people = [
        attendees.Attendee(name, Contact(name=f"Li Sted {name}", email=f"{name}@x.example"))
        for name in ("Q7X2M4K9T1", "R2D2C3P0X8")
    ]
    with closing(open_store(api.store)) as db:
        list(attendees.add_attendees(db, "Expo", people))

    scanned, typed = posted(api, payload="Q7X2M4K9T1"), posted(api, badge_id="R2D2C3P0X8")

    assert [scanned["name"], typed["name"]] == ["Li Sted Q7X2M4K9T1", "Li Sted R2D2C3P0X8"]
    assert [scanned["state"], typed["state"]] == ["waiting", "waiting"]


def test_an_unknown_badge_id_needs_you(api: Api) -> None:
    """The lead is saved, and somebody completes it."""
    lead = posted(api, badge_id="NOBODY-4711")

    assert (lead["state"], lead["cause"]) == ("needs you", "needs details")


def test_an_unknown_payload_is_kept(api: Api) -> None:
    """The payload can be parsed again after the badge profile is corrected."""
    payload = "§$%&/()=? ünknöwn · 名前"
    lead = posted(api, payload=payload)

    assert api.rows("select payload, kind from scans where lead_id = ?", lead["id"]) == [(payload.encode(), "unknown")]
    assert lead["state"] == "needs you"


def test_only_the_hash_of_a_secret_is_stored(api_with: Callable[..., Api]) -> None:
    """There is no lead; neither the database nor any log has the secret, and the response does not repeat it."""
    api = api_with().start()
    single = api.post({"client_id": "w-1", "name": "Wi Fi", "payload": WIFI})
    many = api.bulk([{"client_id": "w-2", "payload": WIFI}, {"client_id": "w-3", "name": "Good One"}]).json()["results"]
    api.stop()

    assert (single.status_code, single.json()["field"]) == (422, "payload")
    assert [(one["status"], one.get("error", {}).get("field")) for one in many] == [(422, "payload"), (201, None)]
    digest = hashlib.sha256(WIFI.encode()).hexdigest()
    assert (
        api.rows("select payload, payload_hash, lead_id, kind from scans where kind = 'refused'")
        == [(None, digest, None, "refused")] * 2
    )
    assert api.holds("correct-horse-battery") == []
    assert "correct-horse" not in single.text


def test_the_test_badge_does_not_make_a_lead(api: Api) -> None:
    """The same as for scanned badges."""
    before = api.count("leads"), api.count("scans")
    answer = api.post({"payload": "TESTTESTTESTTEST"})

    assert (answer.status_code, answer.json()["field"]) == (422, "payload")
    assert (api.count("leads"), api.count("scans")) == before


def test_a_badge_that_is_posted_after_the_fields_is_kept(api: Api) -> None:
    """The same client id, first typed, then scanned: one lead with both, and two scans."""
    first = posted(api, client_id="later", name="La Ter", note="typed")
    second = posted(api, client_id="later", payload="MECARD:N:La Ter;EMAIL:later@x.example;;")

    assert first["id"] == second["id"]
    assert (second["note"], second["email"]) == ("typed", "later@x.example")
    assert api.rows("select count(*) from scans where lead_id = ?", first["id"]) == [(2,)]


@pytest.mark.parametrize("payload", [VCARD.replace("Vera", "Victor").replace("vera@", "victor@"), "Z9Y8X7W6V5"])
def test_the_same_badge_from_two_devices_is_one_lead(api: Api, payload: str) -> None:
    """It has a scan from each."""
    ids = set()
    for name in ("reader one", "reader two"):
        with api.client("post", name) as reader:
            ids.add(
                reader.post("/api/v1/contacts", json={"client_id": f"{payload[:5]}", "payload": payload}).json()["id"]
            )

    assert len(ids) == 1
    assert {"reader one", "reader two"} <= {
        kiosk for (kiosk,) in api.rows("select kiosk from scans where lead_id = ?", *ids)
    }
