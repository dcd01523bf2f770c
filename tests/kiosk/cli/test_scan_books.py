"""`kiosk scan -`: whole address books, and badges that have several lines."""

import json

import pytest

from kiosk.cli.stdin_vcards import MAX_CARD_LINES
from tests.kiosk.cli.conftest import Kiosk

PICTURE = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAM"


def card(name: str, *lines: str) -> str:
    """Return a vCard of *name* with more *lines*."""
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *lines, "END:VCARD", ""])


def folded(count: int) -> list[str]:
    """Return a picture in *count* lines, folded as in vCard 3.0."""
    return [f"PHOTO;ENCODING=b;TYPE=JPEG:{PICTURE}", *[f" {PICTURE}"] * (count - 2), " 4AAQSk=="]


def unindented(count: int) -> list[str]:
    """Return the same as in vCard 2.1: not indented, and followed by an empty line."""
    return [f"PHOTO;ENCODING=BASE64;JPEG:{PICTURE}", *[PICTURE] * (count - 2), "AAABBBCC1", ""]


BOOK = [
    card("Ana Lopez", *folded(400), "EMAIL:ana@example.org"),
    card("Ben Roe", *unindented(300), "EMAIL:ben@example.org"),
    card("Cem Aydın", f"PHOTO:data:image/jpeg;base64,{PICTURE * 200}", "EMAIL:cem@example.org"),
    card("Dana Cruz", "X-" + "VERY-LONG-" * 9 + "NAME;TYPE=a:b", "EMAIL:dana@example.org"),
    card("Eva Held", "AGENT:BEGIN:VCARD", " VERSION:3.0", " FN:Help", " END:VCARD", "EMAIL:eva@example.org"),
    card("Fay Odell", "AGENT:", "BEGIN:VCARD", "FN:Help", "END:VCARD", "EMAIL:fay@example.org"),
    card("Gus Lind", *[f"X-NUMBER-{number}:{number}" for number in range(MAX_CARD_LINES)]),
    card("Hal Iyer", "NOTE;ENCODING=QUOTED-PRINTABLE:one=", "ABCDEF12=", "", "EMAIL:hal@example.org"),
    card("Ida Juhl", "KEY;ENCODING=B:" + PICTURE, " " + PICTURE, "item1.EMAIL;type=INTERNET:ida@example.org"),
]

PEOPLE = [
    ("Ana Lopez", "ana@example.org"),
    ("Ben Roe", "ben@example.org"),
    ("Cem Aydın", "cem@example.org"),
    ("Dana Cruz", "dana@example.org"),
    ("Eva Held", "eva@example.org"),
    ("Fay Odell", "fay@example.org"),
    ("Gus Lind", None),
    ("Hal Iyer", "hal@example.org"),
    ("Ida Juhl", "ida@example.org"),
]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["CRLF", "LF", "CR"])
def test_a_book_of_contacts_is_read_card_by_card(kiosk: Kiosk, end: str) -> None:
    """Pictures of any size, nested cards and long extension names are never taken for badges."""
    found = kiosk.json("scan", "-", stdin="".join(BOOK).replace("\r\n", end))

    assert [(result["contact"].get("name"), result["contact"].get("email")) for result in found] == PEOPLE


def test_a_book_of_contacts_is_saved_as_a_lead_a_card(kiosk: Kiosk) -> None:
    """There is one lead for each card."""
    done = kiosk("scan", "-", "--save", "--json", stdin="".join(BOOK))

    assert [result["kind"] for result in json.loads(done.stdout)] == ["saved"] * len(PEOPLE)
    assert sorted(entry.lead.label for entry in kiosk.entries()) == sorted(name for name, _ in PEOPLE)


def test_a_card_in_the_middle_without_an_end_costs_no_other(kiosk: Kiosk) -> None:
    """The next card begins at its own BEGIN line."""
    text = card("Ana Lopez").replace("END:VCARD\r\n", "") + card("Ben Roe", *folded(30))

    found = kiosk.json("scan", "-", stdin=text)

    assert [result["contact"]["name"] for result in found] == ["Ana Lopez", "Ben Roe"]


MECARD = "MECARD:N:Nilsen,Olga;\nTEL:+47 555 0100;\nEMAIL:olga@example.org;\nORG:ACME;;\n"
LABELS = "Name: Ana Lopez\nCompany: ACME\nEmail: ana@example.org\nTrack: Data\n"
OBJECT = '{\n  "name": "Ana Lopez",\n  "tags": [\n    "a@x"\n  ],\n  "email": "ana@example.org"\n}\n'
XML = """<?xml version='1.0'?>
<vcards xmlns='urn:ietf:params:xml:ns:vcard-4.0'>
 <vcard>
  <fn><text>Ana</text></fn>
 </vcard>
</vcards>
"""

OLGA = ("mecard", "Olga Nilsen, ACME, olga@example.org")
ANA = ("labels", "Ana Lopez, ACME, ana@example.org")
BEN = "https://www.linkedin.com/in/ben"

TALK = "BEGIN:VEVENT\nSUMMARY:Talk\nEND:VEVENT"

SEVERAL_LINES = [
    (MECARD, [OLGA]),
    (MECARD.removesuffix(";\n") + "\nPZD97WTMFJ\n", [OLGA, ("id", "PZD97WTMFJ")]),
    (LABELS, [ANA]),
    (LABELS + "Name: Ben Roe\nEmail: ben@example.org\n", [ANA, ("labels", "Ben Roe, ben@example.org")]),
    (LABELS + f"{BEN}\n", [ANA, ("link", BEN)]),
    (LABELS + "\n000012\n", [ANA, ("id", "000012")]),
    (OBJECT + OBJECT, [("json", "Ana Lopez, ana@example.org")] * 2),
    (XML + "000012\n", [("vcard", "Ana"), ("id", "000012")]),
    ("begin: vcard\nversion: 3.0\nfn: Ana Lopez\nend: vcard\n", [("vcard", "Ana Lopez")]),
    ("]Q1BEGIN:VCARD\nFN:Ana\nEND:VCARD\n", [("vcard", "Ana")]),
    (f"{TALK}\n000012\n", [("unknown", TALK.replace("\n", " ")), ("id", "000012")]),
    ("000012\r000013\r", [("id", "000012"), ("id", "000013")]),
]


@pytest.mark.parametrize(("text", "expected"), SEVERAL_LINES)
def test_a_badge_of_several_lines_is_one(kiosk: Kiosk, text: str, expected: list[tuple[str, str]]) -> None:
    """This holds for MeCards, labelled lines, JSON and XML; what follows is another badge."""
    found = kiosk.json("scan", "-", stdin=text)

    assert [(result["kind"], result["who"].replace("\n", " ")) for result in found] == expected


def test_what_was_not_understood_is_told(kiosk: Kiosk) -> None:
    """People and scripts get it together with what was understood."""
    text = "4711;Mia;Lopez;ana@example.org\n"

    [found] = kiosk.json("scan", "-", stdin=text)
    said = kiosk("scan", "-", stdin=text).output

    assert found["unread"] == ["Mia", "Lopez"]
    assert found["answers"] == {"field 2": "Mia", "field 3": "Lopez"}
    assert said == "line 1: ana@example.org (typed, delimited); not understood: Mia, Lopez\n"
