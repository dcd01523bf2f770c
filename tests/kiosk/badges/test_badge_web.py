"""
What web pages, JavaScript and input methods leave on badges: entities, `undefined`, links to cards, invisible
characters.
"""

import pytest

from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"


def read(text: str) -> Badge:
    """Read the badge in *text*."""
    badge = read_badge(text.encode(), text, BadgeProfile())
    assert isinstance(badge, Badge)
    return badge


def card(lines: str) -> str:
    """Return a vCard of *lines*."""
    return f"BEGIN:VCARD\nVERSION:3.0\n{lines}\nEND:VCARD"


ANA = {"name": "Ana Lopez", "email": "ana@example.org"}

CONTACTS = {
    "jeroendesloovere/vcard#151": (card("FN:Ana Lopez\nORG:AT&amp;T"), {"name": "Ana Lopez", "company": "AT&T"}),
    "entities with accents": (
        card("FN:Ana L&oacute;pez\nORG:M&uuml;ller &amp; S&#246;hne;R&amp;D"),
        {"name": "Ana López", "company": "Müller & Söhne"},
    ),
    "escaped twice": (card("FN:Conan O&amp;#039;Brien"), {"name": "Conan O'Brien"}),
    "no entity": (card("FN:Ana Lopez\nORG:Smith&Partners"), {"name": "Ana Lopez", "company": "Smith&Partners"}),
    "MeCard": ("MECARD:N:Lopez,Ana;ORG:AT&amp;T;;", {"first_name": "Ana", "last_name": "Lopez", "company": "AT&T"}),
    "link": ("https://example.org/u?name=Ana+Lopez&amp;email=ana%40example.org", ANA),
    "gaia#31097": (
        card("FN:Ana undefined\nEMAIL:undefined\nORG:null\nTEL:5550100"),
        {"name": "Ana", "phone": "5550100"},
    ),
    "nothing but nothing": (
        card("FN:undefined undefined\nN:null;null\nEMAIL:b@example.org"),
        {"email": "b@example.org"},
    ),
    "people called Null": (
        card("FN:Ana Null\nN:Null;Ana"),
        {"name": "Ana Null", "first_name": "Ana", "last_name": "Null"},
    ),
    "endroid/qr-code#421": (f"vcard:{card('FN:Ana Lopez' + chr(10) + 'EMAIL:ana@example.org')}", ANA),
    "data link": (
        "data:text/vcard;charset=utf-8,BEGIN%3AVCARD%0AFN%3AAna%20Lopez%0AEMAIL%3Aana%40example.org%0AEND%3AVCARD",
        ANA,
    ),
    "owncloud apps#724": (
        "BEGIN:VCARD\nGroup: \nFirst name:Eddie\nLast name: Kim\nCell phone:063333333\nE-Mail:e@example.org\nEND:VCARD",
        {"first_name": "Eddie", "last_name": "Kim", "phone": "063333333", "email": "e@example.org"},
    ),
    "nextcloud/contacts#1850": (
        card("FN:Ana Lopez\nEMAIL;PREF=10,TYPE=OTHER:o@example.org\nEMAIL;PREF=1,TYPE=HOME:ana@example.org"),
        ANA,
    ),
    "vCards-js#40": (card("FN:Ana Lopez\nORG:Foo Co.\\\\, Ltd."), {"name": "Ana Lopez", "company": "Foo Co., Ltd."}),
    "N with a comma": (card("N:Lopez, Ana"), {"first_name": "Ana", "last_name": "Lopez"}),
    "two family names": (card("N:Lopez,Ruiz;Ana"), {"first_name": "Ana", "last_name": "Lopez Ruiz"}),
}


@pytest.mark.parametrize("name", CONTACTS)
def test_leftovers_of_web_pages_are_cleaned(name: str) -> None:
    """Each as somebody reported it, or as its generator writes it."""
    payload, expected = CONTACTS[name]
    contact = read(payload).contact

    assert {field: value for field in contact.__dataclass_fields__ if (value := getattr(contact, field))} == expected


@pytest.mark.parametrize(
    "payload",
    ['"PZD97WTMFJ"', "\u200bPZD97WTMFJ\u200b", "\u202aPZD97WTMFJ\u202c", "\u2060PZD97WTMFJ", "ＰＺＤ９７ＷＴＭＦＪ"],
    ids=ascii,
)
def test_an_id_is_the_same_whatever_is_around_it(payload: str) -> None:
    """Quotation marks, invisible characters (mobile_scanner#428), and full-width letters of an input method."""
    assert read(payload).badge_id == "PZD97WTMFJ"


@pytest.mark.parametrize(
    "payload", [f'"{SECRET}"', "".join(chr(ord(c) + 0xFEE0) for c in SECRET)], ids=["quoted", "wide"]
)
def test_a_secret_is_hashed_whatever_is_around_it(payload: str) -> None:
    """In the ID, and in the stored payload."""
    badge = read(payload)

    assert read(SECRET).badge_id == badge.badge_id
    assert badge.stored_payload is not None
    assert SECRET not in badge.stored_payload.decode()
    assert payload.strip('"') not in badge.stored_payload.decode()
