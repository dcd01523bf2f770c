"""MeCards."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
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
    ("MECARD:N:Cher;TEL:1;", Contact("Cher", phone="1")),
    (
        "MECARD:N:Ana;ADR:,,Main St 1,Berlin,BE,10115,Germany;",
        Contact("Ana", address="Main St 1", city="Berlin", region="BE", postcode="10115", country="Germany"),
    ),
    ("MECARD:N:Ana;ADR:Main St 1, Berlin;;", Contact("Ana", address="Main St 1, Berlin")),
    ("MECARD:", Contact()),
    ("MECARD:N:Ana\\", Contact("Ana\\")),
]


@pytest.mark.parametrize(("text", "contact"), MECARDS)
def test_a_mecard_is_parsed(text: str, contact: Contact) -> None:
    """A comma means last,first; a backslash escapes."""
    assert read(text) == Badge("mecard", contact)


def test_a_mecards_division_and_note_become_answers() -> None:
    """The contact has no field for them."""
    badge = read("MECARD:N:Ana;DIV:Sales;NOTE:vegan;;")

    assert badge == Badge("mecard", Contact("Ana"), answers={"division": "Sales", "note": "vegan"})


SEVERAL = [
    (
        "MECARD:N:Cher;TEL:1;TEL:2;EMAIL:;EMAIL:c@example.org;;",
        Contact("Cher", email="c@example.org", phone="1"),
        {"other phone": "2"},
    ),
    (
        "MECARD:N:Ana;ADR:,,1 Main,Town,CA,90210,USA;ADR:Other Street 5;;",
        Contact("Ana", address="1 Main", city="Town", region="CA", postcode="90210", country="USA"),
        {"other address": "Other Street 5"},
    ),
    (
        "MECARD:N:Ana;ADR:Other Street 5;ADR:,,1 Main,Town,,,;;",
        Contact("Ana", address="Other Street 5"),
        {"other address": "1 Main, Town"},
    ),
    ("MECARD:N:Ana;ADR:Box 5,Room 2,1 Main,Town,,,;;", Contact("Ana", address="1 Main Room 2 Box 5", city="Town"), {}),
    (
        "MECARD:NICKNAME:Mimi;TEL:tel:+1-555;NOTE:a;NOTE:b;BDAY:19900101;X-DIET:vegan;;",
        Contact("Mimi", phone="+1-555"),
        {"note": "a b", "x-diet": "vegan"},
    ),
    (
        "MECARD:N:Nilsen,Olga;\nTEL:5;\nEMAIL:olga@example.org;\nORG:ACME;;\n",
        Contact("", "Olga", "Nilsen", "olga@example.org", "5", "ACME"),
        {},
    ),
    ("MECARD:N:Nilsen,Olga\nTEL:5\nEMAIL:olga@example.org", Contact("", "Olga", "Nilsen", "olga@example.org", "5"), {}),
    (
        "BIZCARD:N:Sean;X:Owen;T:CTO;C:Initech;A:1 Main St;B:+1 555 0100;M:+1 555 0101;E:sean@example.org;;",
        Contact("", "Sean", "Owen", "sean@example.org", "+1 555 0100", "Initech", "CTO", address="1 Main St"),
        {"other phone": "+1 555 0101"},
    ),
    ("BIZCARD:N:Sean Owen;E:sean@example.org;", Contact("Sean Owen", email="sean@example.org"), {}),
    (
        "MATMSG:TO:ana@example.org;SUB:Hello;BODY:Call me;;",
        Contact(email="ana@example.org"),
        {"subject": "Hello", "body": "Call me"},
    ),
    (
        "MEMORY:vegan\r\nNAME1:山田太郎\r\nNAME2:ヤマダタロウ\r\nMAIL1:t@example.org\r\nTEL1:+81 3\r\nADD:Tokyo\r\n",
        Contact("山田太郎", email="t@example.org", phone="+81 3", address="Tokyo"),
        {"note": "vegan"},
    ),
]


@pytest.mark.parametrize(("text", "contact", "answers"), SEVERAL)
def test_the_first_of_several_values_counts(text: str, contact: Contact, answers: dict[str, str]) -> None:
    """None is lost. A postal address is taken as a whole. MeCard's relatives, also on several lines, are read, too."""
    assert read(text) == Badge("mecard", contact, answers=answers)


def test_unknown_text_of_a_mecard_is_unread() -> None:
    """It is never hidden."""
    badge = read("MECARD:N:Ana;hall 7;;")

    assert badge == Badge("mecard", Contact("Ana"), unread=("hall 7",))
