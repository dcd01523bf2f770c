"""No payload makes a reader raise, dawdle, or let a secret through."""

import hashlib
import json
import string
import time
import unicodedata
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contact import CONTACT_FIELDS
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.text import LIMIT

PROFILES = [
    BadgeProfile(),
    BadgeProfile(separator=";", fields=("id", "", "name", "email"), empty="NULL", id_pattern=r"[A-Z]{3}\d+"),
    BadgeProfile(separator="::", fields=CONTACT_FIELDS),
]

PIECES = [
    *("BEGIN:VCARD", "END:VCARD", "N", "FN", "TEL", "EMAIL", "ADR", "ORG", ";ENCODING=QUOTED-PRINTABLE", "=\n", "=C3"),
    *(";CHARSET=SHIFT_JIS", ";CHARSET=", "punycode", "idna", "utf-7", ";TYPE=", "item1.", '"', "\\", "\\n", "\n", "\r", "\n "),
    *("MECARD:", "HC1:", "WIFI:", "otpauth://", "TEST", "{", "}", "[", "]", '"ticket":', '"lead":', "null", "1e999", ","),
    *("https://", "/t/id/", "/t/at/", "lu.ma/check-in/", "?pk=", "linkedin.com/in/", "#", "%00", "%", "[::1", "mailto:", "tel:"),
    *("^", "::", "|", "\t", "NULL", "a@x.org", "<", ">", "@", ".", "QA", "AQA", "山田", "محمد", "é", "\u202e", "\0", "1", "ABC"),
]

payloads = st.one_of(
    st.binary(max_size=3000),
    st.text(max_size=750).map(lambda text: text.encode()),
    st.lists(st.sampled_from(PIECES), max_size=200).map(lambda pieces: "".join(pieces).encode()[:3000]),
    st.tuples(st.sampled_from(PIECES[:1] + PIECES), st.sampled_from(PIECES), st.integers(1, 1500)).map(
        lambda parts: (parts[0] + parts[1] * parts[2]).encode()[:3000]
    ),
)


def text_of(payload: bytes) -> str:
    """The text of *payload* as the camera decodes it."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


def best_of_three(payload: bytes, profile: BadgeProfile) -> float:
    """How long reading takes, in seconds of this thread's own time."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        read_badge(payload, text_of(payload), profile)
        times.append(time.thread_time() - began)
    return min(times)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(payload=payloads, profile=st.sampled_from(PROFILES))
def test_every_payload_is_read_quickly_into_clean_text(payload: bytes, profile: BadgeProfile) -> None:
    """Whatever a code carries: an answer within 5 ms, in bounded text that any table and any database takes."""
    reading = read_badge(payload, text_of(payload), profile)

    assert best_of_three(payload, profile) < 0.005
    if isinstance(reading, Badge):
        for value in (*astuple(reading.contact), reading.badge_id):
            assert len(value) <= LIMIT
            assert not [mark for mark in value if unicodedata.category(mark) in ("Cc", "Cs")]
        json.dumps([reading.badge_id, dict(reading.answers)], ensure_ascii=False).encode()


CRUEL = [
    *("{" * 3000, "[" * 3000, '{"a":' * 600, '{"a":[' * 500, '{"a":' + "9" * 2900 + "}", '{"' + "a" * 2990 + '":1}'),
    "{" + ",".join(f'"{number:03}":"x"' for number in range(290)) + "}",
    *("BEGIN:VCARD" + piece * 1500 for piece in ("N", "N;", "\n", "=\n", "\n ", "TEL;", '"', "\\", ";", ":", "FN:", "\\nN:")),
    *("BEGIN:VCARD\n" + piece * 300 for piece in ("TEL:1\n", "N:;;;;;\n", "EMAIL;PREF:\n", "A;;;;;;;;:", "FN;QUOTED-PRINTABLE:=\n")),
    "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=punycode:" + "=E4-99a" * 400,
    *("MECARD:" + piece * 1400 for piece in (";", "N:", "\\;", "\\", ",", "N:,;")),
    *("https://x.org/" + piece * 950 for piece in ("/t/id", "?a=b&", "TEST", "%41", "linkedin.com/in/", "order/ABCDE/")),
    *(piece * 1500 for piece in ("^", "::", "a@", "a.", "@.", "1;", " <", "TE", "QA", "A", "|1", ",\n")),
    *(" " * 2999 + "x", "x" + " " * 2998 + "x", '"' * 3000, "a" * 3000, "1" * 3000, "QA".rjust(3000, "A")),
]


@pytest.mark.parametrize("number", range(len(CRUEL)))
def test_a_payload_made_to_be_slow_is_not(number: int) -> None:
    """Depth, repetition and near misses of every format stay within 5 ms too."""
    payload = CRUEL[number].encode()[:3000]

    assert max(best_of_three(payload, profile) for profile in PROFILES) < 0.005


secrets = st.text(string.ascii_lowercase + string.digits, min_size=32, max_size=32).filter(
    lambda text: any(mark > "f" for mark in text)
)

CARRIERS = [
    "{}", " {}\n", "17^Ana^{}", "{}::Ana::Lopez::Ana", "{};a@x.org", '{{"ticket":"{}"}}', '{{"ticket":"{}","lead":"AB12"}}',
    '{{"name":"{}"}}', '{{"checkin_secret": "{}", "na', '{{"code":"{}"}}', "https://x.eu/t/id/{}/", "https://x.eu/b?secret={}", "WIFI:S:x;P:{};;",
    "https://x.eu/a/order/AB3CD/{}/", "otpauth://totp/x?secret={}", "BEGIN:VCARD\nFN:Ana\nEVENTYAY:{}\nEND:VCARD",
]  # fmt: skip


@pytest.mark.parametrize("carrier", CARRIERS)
@settings(max_examples=20, deadline=None)
@given(secret=secrets)
def test_no_entry_secret_is_kept(carrier: str, secret: str) -> None:
    """Wherever the secret is, neither the id nor the answers nor the bytes to keep hold it."""
    text = carrier.format(secret)

    for profile in PROFILES:
        reading = read_badge(text.encode(), text, profile)

        assert secret not in repr(reading)
        assert isinstance(reading, Refused) or reading.keep is not None


def test_a_stored_secret_is_its_sha_256() -> None:
    """What the attendee list compares with is no more than the hash."""
    secret = "abcdefghjkmnpqrstuvwxyz23456789z"

    reading = read_badge(secret.encode(), secret, BadgeProfile())

    assert isinstance(reading, Badge)
    assert reading.badge_id == f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"
