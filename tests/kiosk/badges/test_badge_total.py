"""No payload makes a reader raise or take long."""

import json
import time
import unicodedata
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contact import CONTACT_FIELDS
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.badges.text import MAX_FIELD_CHARACTERS

PROFILES = [
    BadgeProfile(),
    BadgeProfile(separator=";", fields=("id", "", "name", "email"), empty="NULL", id_pattern=r"[A-Z]{3}\d+"),
    BadgeProfile(separator="::", fields=CONTACT_FIELDS),
]

WORDS = r"""
    BEGIN:VCARD END:VCARD N FN TEL EMAIL ADR ORG ;ENCODING=QUOTED-PRINTABLE =C3 ;CHARSET=SHIFT_JIS ;CHARSET=
    punycode idna utf-7 ;TYPE= item1. MECARD: HC1: WIFI: otpauth:// TEST { } [ ] "ticket": "lead": null 1e999 ,
    https:// /t/id/ /t/at/ lu.ma/check-in/ ?pk= linkedin.com/in/ # %00 % [::1 mailto: tel: " \ \n \ud800
    ^ :: ; : | NULL a@x.org < > @ . = QA AQA 山田 محمد é 1 ABC
    AGENT:BEGIN:VCARD PHOTO;ENCODING=b: X-AB: item1.X-ABLABEL: \\n <br> %0A ;PREF=1 ;ALTID=1 KIND:org 王伟 Ö
    BIZCARD: MATMSG: MEMORY: NAME1: Name: Firma: Email: = mailto:?to= sms: ?name= &email= #BEGIN:VCARD name,email
    <vcard> </vcard> <fn> <text> </text> </fn> <!DOCTYPE ["vcard",[ ["fn",{},"text", ]] &#10;
"""

PIECES = [*WORDS.split(), "\n", "\r", "\n ", "=\n", "\t", " ", "\0", "\u202e"]

payloads = st.one_of(
    st.binary(max_size=3000),
    st.text(max_size=750).map(lambda text: text.encode()),
    st.lists(st.sampled_from(PIECES), max_size=200).map(lambda pieces: "".join(pieces).encode()[:3000]),
    st.tuples(st.sampled_from(PIECES[:1] + PIECES), st.sampled_from(PIECES), st.integers(1, 1500)).map(
        lambda parts: (parts[0] + parts[1] * parts[2]).encode()[:3000]
    ),
)


CARDS = [
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lopez;Ana,Maria;;;\r\nFN:Ana Lopez\r\nORG:ACME;Sales\r\nitem1.EMAIL:a@x.org"
    "\r\nitem1.X-ABLabel:Work\r\nTEL;TYPE=WORK,FAX:1\r\nADR:;;1 Main;Town\r\n NOTE:x\r\nEND:VCARD\r\n",
    "BEGIN:VCARD\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=CE=93=\n=CE=9A\nAGENT:\nBEGIN:VCARD\nFN:B\nEND:VCARD"
    "\nPHOTO;ENCODING=BASE64:/9j/4AAQSkZJRg\n\nEMAIL:a@x.org\nEND:VCARD",
    "MECARD:N:Lopez,Ana;TEL:1;EMAIL:a@x.org;ADR:,,1 Main,Town,CA,9,USA;;",
    '["vcard",[["fn",{},"text","Ana"],["n",{},"text",["L","A"]],["tel",{"type":["work"]},"uri","tel:1"]]]',
    "<vcards><vcard><fn><text>Ana</text></fn><adr><street>1</street></adr></vcard></vcards>",
    "Name: Ana Lopez\nFirma: ACME\nE-Mail: a@x.org\nID: 17",
    "https://x.org/u?name=Ana+Lopez&email=a%40x.org#d=eyJhIjoxfQ",
    "4711/Ana/Lopez/ana.lopez@x.org/X",
    "17^王^小明^北京",
]
"""One of each kind, to be mutated as printers and scanners do."""


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a card with pieces inserted, repeated and removed, in any character set."""
    text = draw(st.sampled_from(CARDS))
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(text)))
        piece, times = draw(st.sampled_from(PIECES)), draw(st.sampled_from([0, 1, 1, 1, 40]))
        text = text[:at] + piece * times + text[at + draw(st.integers(0, 12)) :]
    charset = draw(st.sampled_from(["utf-8", "utf-8", "gbk", "cp1251", "cp1252", "utf-16"]))
    return text.encode(charset, "replace")[:3000]


def text_of(payload: bytes) -> str:
    """Decode *payload* as the camera does."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload.decode("latin-1")


# About 5 ms of this thread's own time on the machine where the readers were measured. A busy or slower machine takes
# longer for this and for reading alike, so that a ratio holds there, too.
REFERENCE_STEPS = 200_000

MAX_ROUNDS = 6


def measure_reference() -> float:
    """Measure a fixed amount of work, in seconds of this thread's own time."""
    began = time.thread_time()
    sum(number * number for number in range(REFERENCE_STEPS))
    return time.thread_time() - began


def is_quick(payload: bytes, profile: BadgeProfile) -> bool:
    """Return whether reading takes less time than the reference; each is measured until it does, at most six times."""
    readings, references = [], []
    for _ in range(MAX_ROUNDS):
        began = time.thread_time()
        read_badge(payload, text_of(payload), profile)
        readings.append(time.thread_time() - began)
        references.append(measure_reference())
        if min(readings) < min(references):
            return True
    return False


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(payload=st.one_of(payloads, mutated()), profile=st.sampled_from(PROFILES))
def test_every_payload_is_read_quickly_into_clean_text(payload: bytes, profile: BadgeProfile) -> None:
    """Whatever a code contains: an answer in time, as bounded text that any table and any database accepts."""
    reading = read_badge(payload, text_of(payload), profile)

    assert is_quick(payload, profile)
    if isinstance(reading, Badge):
        for value in (*astuple(reading.contact), reading.badge_id):
            assert len(value) <= MAX_FIELD_CHARACTERS
            assert not [mark for mark in value if unicodedata.category(mark) in ("Cc", "Cs")]
        json.dumps([reading.badge_id, dict(reading.answers), reading.unread], ensure_ascii=False).encode()


SLOW_PAYLOADS = [
    *("{" * 3000, "[" * 3000, '{"a":' * 600, '{"a":[' * 500, '{"a":' + "9" * 2900 + "}", '{"' + "a" * 2990 + '":1}'),
    "{" + ",".join(f'"{number:03}":"x"' for number in range(290)) + "}",
    *("BEGIN:VCARD" + piece * 1500 for piece in ("N", "N;", "\n", "=\n", "\n ", "TEL;", '"', "\\", ";", ":", "FN:")),
    *("BEGIN:VCARD\n" + piece * 300 for piece in ("TEL:1\n", "N:;;;;;\n", "EMAIL;PREF:\n", "A;;;;;;;;:", "\\nN:")),
    "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:=\n" + "a=\n" * 900,
    "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=punycode:" + "=E4-99a" * 400,
    *("MECARD:" + piece * 1400 for piece in (";", "N:", "\\;", "\\", ",", "N:,;")),
    *("https://x.org/" + piece * 900 for piece in ("/t/id", "?a=b&", "TEST", "%41", "linkedin.com/in/", "order/ABC/")),
    *(piece * 1500 for piece in ("^", "::", "a@", "a.", "@.", "1;", " <", "TE", "QA", "A", "|1", ",\n")),
    *("BEGIN:VCARD" + piece * 900 for piece in ("AGENT:", "item1.", ";TYPE=A", "X-A:", "\\r\\n", "N:n;", "EMAIL:a@")),
    *("MECARD:" + piece * 900 for piece in ("\n", "ADR:,;", "N:")),
    *(
        piece * 700
        for piece in ("Name: a\n", "a: b  ", "<vcard>", '["vcard",', "a,b\n", "1_a@x.y_", "Ö ", "王", "a@x.org ")
    ),
    *("https://x.org/?" + piece * 500 for piece in ("a=b&", "name=a&", "%0A", "d=ey")),
    "yETCKAaAOAQA" * 250,  # many ends of a signed ticket
    *(" " * 2999 + "x", "x" + " " * 2998 + "x", '"' * 3000, "a" * 3000, "1" * 3000, "QA".rjust(3000, "A")),
]


@pytest.mark.parametrize("number", range(len(SLOW_PAYLOADS)))
def test_a_payload_made_to_be_slow_is_read_quickly(number: int) -> None:
    """Depth, repetition and near misses of every format are read just as quickly."""
    payload = SLOW_PAYLOADS[number].encode()[:3000]

    assert all(is_quick(payload, profile) for profile in PROFILES)
