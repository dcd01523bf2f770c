"""Addresses, IDs and anything else that is the whole badge."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


ADDRESSES = [
    (" ana@x.org\r\n", Badge("email", Contact(email="ana@x.org"))),
    ("Ana Lopez <ana@x.org>", Badge("email", Contact("Ana Lopez", email="ana@x.org"))),
    ('"Łukasz" <l@x.org>', Badge("email", Contact("Łukasz", email="l@x.org"))),
    ("MAILTO:ana%2Bfair@x.org?subject=Hi", Badge("email", Contact(email="ana+fair@x.org"), answers={"subject": "Hi"})),
    ("tel:+34 600 123", Badge("phone", Contact(phone="+34 600 123"))),
    ("ana@x", Badge("unknown", unread=("ana@x",))),
]


@pytest.mark.parametrize(("text", "badge"), ADDRESSES)
def test_an_address_alone_is_a_person(text: str, badge: Badge) -> None:
    """E-mail addresses, with and without a name, and phone numbers."""
    assert read(text) == badge


@pytest.mark.parametrize(
    "text",
    [
        "PZD97WTMFJ", "PZDXYWTMFJ", "752327237937711035001", "SBpax001", "000012", "17",
        "0e9a7c0e-7b1c-4b7e-9c55-0f6b61aa3f10", "0e9a7c0e-7b1c-4b7e-9c55-0f6b61aa3f10-2",
        "0e9a7c0e7b1c4b7e9c550f6b61aa3f10", HASH,
    ],
)  # fmt: skip
def test_an_id_is_stored_unchanged(text: str) -> None:
    """Every ticket system's IDs, with their leading zeros and capitals."""
    assert read(text) == Badge("id", badge_id=text)


def test_an_entry_secret_is_stored_as_its_hash() -> None:
    """The secret never reaches the disk, and the badge still matches the attendee list."""
    assert read(SECRET) == Badge("id", badge_id=HASH, stored_payload=HASH.encode())


@pytest.mark.parametrize("text", ["", " ", "hello", "Welcome to the fair!", "你好", "مرحبا", "\x00\x01", "{", "[1]"])
def test_anything_else_is_unknown_and_stored_raw(text: str) -> None:
    """An unknown badge is a lead that needs details, never an error."""
    assert Badge("unknown", unread=tuple(filter(None, [text.strip(" \x00\x01")]))) == read(text)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("]Q1PZD97WTMFJ", "PZD97WTMFJ"),
        ("]C1000012", "000012"),
        ("\x02000012\x03", "000012"),
        ("]d2MECARD:N:Lopez,Ana;;", "MECARD:N:Lopez,Ana;;"),
        ("]Q1\ufeffBEGIN:VCARD\nFN:Ana\nEND:VCARD", "BEGIN:VCARD\nFN:Ana\nEND:VCARD"),
        ("\x1d]Q12024^Ana^Lopez\x04", "2024^Ana^Lopez"),
    ],
)
def test_a_scanners_prefix_and_suffix_are_removed(typed: str, plain: str) -> None:
    """Control characters, and the AIM symbology identifier."""
    badge = read_badge(plain.encode(), plain, BadgeProfile())

    assert badge.kind != "unknown"
    assert read_badge(typed.encode(), typed, BadgeProfile()) == badge


@pytest.mark.parametrize(
    ("typed", "badge_id"),
    [
        ("àà&\"è'", "001374"),
        ("à&é\"'(-è_ç", "0123456789"),
        ("à&é\"'(§è!ç", "0123456789"),
        ("+ěščřžýáíé", "1234567890"),
        ("+ľščťžýáíé", "1234567890"),
        ("]C1àà&\"è'\r", "001374"),
    ],
)
def test_digits_garbled_by_a_keyboard_layout_are_restored(typed: str, badge_id: str) -> None:
    """A scanner presses the keys of a US keyboard, whatever is printed on them here."""
    assert read(typed) == Badge("id", badge_id=badge_id)


@pytest.mark.parametrize("text", ["éééé", "à&é", "çà là", "naïve", "été-là", "((((", '""--'])
def test_an_ambiguous_id_is_not_changed(text: str) -> None:
    """`éééé` is 2222 in France and 0000 in Prague."""
    assert read(text) == Badge("unknown", unread=(text,))


def test_typed_digits_are_read_by_the_events_pattern_too() -> None:
    """The event's pattern decides what the ID is."""
    profile = BadgeProfile(id_pattern=r"00(\d+)")

    assert read_badge("àà&\"è'".encode(), "àà&\"è'", profile) == Badge("event", badge_id="1374")


@pytest.mark.parametrize(
    ("text", "can_be_id"), [("PZD97WTMFJ", True), ("hello there", True), ("MECARD:N:Ana;;", False)]
)
def test_a_format_that_identifies_itself_is_not_an_id(text: str, can_be_id: bool) -> None:
    """Wherever an ID is posted or imported, such a badge is read instead."""
    badge = read(text)

    assert isinstance(badge, Badge)
    assert badge.can_be_id == can_be_id
    assert not Badge("a format that is written next year").can_be_id
