"""MeCards."""

import pytest

from data.contact import Contact
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.profile import BadgeProfile


def read(text: str) -> Badge | Refused:
    """What the badge *text*, printed as UTF-8, is read as."""
    return read_badge(text.encode(), text, BadgeProfile())


MECARDS = [
    (
        "MECARD:N:Doe,John;TEL:13035551212;EMAIL:john.doe@example.com;ORG:Initech;;",
        Contact("", "John", "Doe", "john.doe@example.com", "13035551212", "Initech"),
    ),
    ("mecard:n:山田,太郎;til:部長;;", Contact("山田 太郎", "太郎", "山田", job_title="部長")),
    (
        r"MECARD:N:Doe\, Jr.,John;ORG:A\;B\\C\:D;URL:https://x.org/a",
        Contact("", "John", "Doe, Jr.", company="A;B\\C:D", website="https://x.org/a"),
    ),
    ("MECARD:N:Cher;TEL:1;TEL:2;", Contact("Cher", phone="1")),
    (
        "MECARD:N:Ana;ADR:,,Main St 1,Berlin,BE,10115,Germany;",
        Contact("Ana", address="Main St 1", city="Berlin", region="BE", postcode="10115", country="Germany"),
    ),
    ("MECARD:N:Ana;ADR:Main St 1, Berlin;;", Contact("Ana", address="Main St 1, Berlin")),
    ("MECARD:", Contact()),
    ("MECARD:N:Ana\\", Contact("Ana\\")),
]


@pytest.mark.parametrize(("text", "contact"), MECARDS)
def test_a_mecard_says_who_it_is(text: str, contact: Contact) -> None:
    """A comma is last,first; a backslash escapes; of several numbers the first counts."""
    assert Badge("mecard", contact) == read(text)


def test_a_mecards_division_and_note_become_answers() -> None:
    """No field of a contact holds them."""
    badge = read("MECARD:N:Ana;DIV:Sales;NOTE:vegan;;")

    assert Badge("mecard", Contact("Ana"), answers={"division": "Sales", "note": "vegan"}) == badge
