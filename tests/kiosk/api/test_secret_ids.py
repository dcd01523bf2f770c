"""Readers may post any code as `badge_id`: secrets are not stored, and whole badges are parsed."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.api.api import Api

REFUSED = {
    "wifi": ("WIFI:S:net;T:WPA;P:hunter2secret;;", "hunter2secret"),
    "login": ("otpauth://totp/Booth:me?secret=JBSWY3DPEHPK3PXP&issuer=Booth", "JBSWY3DPEHPK3PXP"),
    "half a ticket": ('{"checkin_secret":"TOPSECRET-WRITTEN-OF', "TOPSECRET-WRITTEN-OF"),
}
"""A code that is nobody's business, and what of it is secret."""

OPENING = "k7w2m9x4q1z8r5t3y6u0p2s4d6f8g1hj"
"""An entry secret, as pretix makes them."""


@pytest.mark.parametrize("kind", REFUSED)
def test_only_the_hash_of_a_secret_id_is_stored(api_with: Callable[..., Api], kind: str) -> None:
    """Posted alone, in bulk, with a payload, again for an existing lead, or as a change."""
    code, secret = REFUSED[kind]
    api = api_with().start()
    lead = api.post({"client_id": "there", "name": "The Re"}).json()["id"]
    answers = [
        api.post({"badge_id": code}),
        api.post({"client_id": "there", "name": "The Re", "badge_id": code}),
        api.post({"payload": "Q7X2M4K9T1", "badge_id": code}),
        api.call("PATCH", f"/api/v1/contacts/{lead}", {"badge_id": code}),
    ]
    many = api.bulk([{"client_id": "a", "badge_id": code}, {"client_id": "b", "name": "Good One"}]).json()["results"]
    api.stop(9)

    assert [(one.status_code, one.json()["field"]) for one in answers] == [(422, "badge_id")] * 4
    assert [one["status"] for one in many] == [422, 201]
    digest = hashlib.sha256(code.encode()).hexdigest()
    assert (
        api.rows("select payload, payload_hash, lead_id from scans where kind = 'refused'")
        == [(None, digest, None)] * 4
    )
    assert Path(f"{api.store}-wal").stat().st_size > 0
    assert api.holds(secret) == []
    assert secret not in "".join(one.text for one in answers) + json.dumps(many)


@pytest.mark.parametrize(
    ("code", "secret"),
    [(OPENING, OPENING), ('{"id":"A12","checkin_secret":"TOPSECRET-OF-A12"}', "TOPSECRET-OF-A12")],
)
def test_an_entry_secret_posted_as_an_id_is_stored_like_a_scanned_one(
    api_with: Callable[..., Api], code: str, secret: str
) -> None:
    """It identifies the same person as the payload, and no byte of the secret is on the disk."""
    api = api_with().start()
    ids = {api.post(body).json()["id"] for body in ({"payload": code}, {"badge_id": code})}
    again = [api.post({"client_id": "c", "name": "Op En", **more}) for more in ({}, {"badge_id": code})]
    beside = api.post({"payload": "MECARD:N:Be Side;EMAIL:beside@x.example;;", "badge_id": code})
    other = api.post({"name": "Ot Her"}).json()["id"]
    changed = api.call("PATCH", f"/api/v1/contacts/{other}", {"badge_id": code})
    api.stop(9)

    assert len(ids) == 1
    assert [one.status_code for one in again] == [201, 200]
    assert [beside.status_code, changed.status_code] == [201, 200]
    assert api.holds(secret) == []
    kept = set(api.rows("select badge_id from leads where badge_id <> ''"))
    assert kept == {("A12" if secret != code else f"sha256:{hashlib.sha256(code.encode()).hexdigest()}",)}


@pytest.mark.parametrize(
    "code", ["MECARD:N:Raw,Re;EMAIL:{0}@x.example;;", "BEGIN:VCARD\nN:Raw;Re\nEMAIL:{0}@x.example\nEND:VCARD"]
)
def test_a_whole_badge_posted_as_an_id_is_parsed(api: Api, code: str) -> None:
    """Some readers have one field for everything."""
    raw = code.format(f"raw{len(code)}")
    lead: dict[str, Any] = api.call("GET", f"/api/v1/contacts/{api.post({'badge_id': raw}).json()['id']}").json()

    assert tuple(lead[name] for name in ("first_name", "last_name", "email", "badge_id")) == (
        "Re",
        "Raw",
        f"raw{len(code)}@x.example",
        "",
    )
    assert api.rows("select payload from scans where lead_id = ?", lead["id"]) == [(raw.encode(),)]
