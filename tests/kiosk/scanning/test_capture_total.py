"""Whatever a code contains: no payload is lost, and no secret is stored."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.badges.profile import BadgeProfile
from tests.kiosk.conftest import Counter, sha256

LAST = "select payload, payload_hash, lead_id from scans order by id desc limit 1"
"""The newest scan."""

PIECES = [
    *("BEGIN:VCARD", "END:VCARD", "FN:", "N:", "EMAIL:", "ORG:", "TEL:", "MECARD:", "{", "}", '"name"', ":", ","),
    *("https://", "^", ";", "TESTTEST", "ana@x.org", "山田", "é", "AB12", "\\n", "HC1:", "WIFI:", "/t/id/"),
]

payloads = st.one_of(
    st.binary(min_size=1, max_size=3000),
    st.text(min_size=1, max_size=750).map(str.encode),
    st.lists(st.sampled_from([*PIECES, "\n", " ", "\0", "\u202e"]), min_size=1, max_size=100).map(
        lambda pieces: "".join(pieces).encode()[:3000]
    ),
)

secrets = st.text(string.ascii_lowercase + string.digits, min_size=32, max_size=32).filter(
    lambda text: any(mark > "f" for mark in text)
)

SECRETS = [
    *("WIFI:S:x;T:WPA;P:{};;", "wifi:P:{};S:x;;", "HC1:{}", "shc:/{}", "otpauth://totp/ACME:ana?secret={}"),
    *("https://x.eu/ev/t/id/{}/", "https://pretix.eu/acme/conf/order/AB3CD/{}/"),
    *('{{"ticket":"{}"}}', '{{"ticket":"{}","lead":"AB12"}}', '{{"registrant_id":1,"checkin_secret":"{}"}}'),
    *("{}", "17^Ana^{}", "Ana;Lopez;{};a@x.org", "BEGIN:VCARD\nFN:Ana\nEVENTYAY:{}\nEND:VCARD"),
]
"""Codes with somebody's secret in them."""


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=payloads)
def test_every_payload_leaves_its_bytes_or_only_their_hash(counter: Counter, payload: bytes) -> None:
    """An accepted payload is on the disk byte for byte with a lead; of a refused one there is the hash and no lead."""
    captured = counter.show(payload)

    [(kept, digest, lead_id)] = counter.rows(LAST) or [(None, None, None)]
    match captured.kind:
        case "test":
            assert sha256(payload) != digest
        case "refused":
            assert (None, sha256(payload), None) == (kept, digest, lead_id)
        case _:
            assert captured.lead is not None
            assert (payload, sha256(payload), captured.lead.id) == (kept, digest, lead_id)


@pytest.mark.parametrize("carrier", SECRETS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=secrets)
def test_a_secret_reaches_no_byte_of_the_database(counter: Counter, carrier: str, secret: str) -> None:
    """It is in no column, not in SQLite's log, and in no result; the scan itself is recorded."""
    badge = carrier.format(secret)

    captured = counter.show(badge)

    assert sha256(badge) == counter.rows(LAST)[0][1]
    assert counter.holds(secret.encode()) == []
    assert secret not in repr(captured)


def test_the_search_for_a_secret_finds_what_is_not_secret(counter: Counter) -> None:
    """Proves that the test above can fail."""
    counter.show("this-is-no-secret@x.example")

    assert counter.holds(b"this-is-no-secret") == ["kiosk.db-wal"]


def test_no_profile_makes_a_secret_a_badge(counter: Counter) -> None:
    """Not even a separator or a pattern that matches it."""
    counter.capture.profile = BadgeProfile(":", ("id", "name", "company"), id_pattern=".+")

    captured = counter.show("WIFI:S:Conference;P:correct-horse;;")

    assert captured.kind == "refused"
    assert counter.holds(b"correct-horse") == []
