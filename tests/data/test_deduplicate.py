"""What tells two people apart, and what does not."""

import pytest

from data.contact import Contact
from data.lead import Lead, derive_email_identity
from data.person_matching import leads_differ, names_differ, people_differ

ONE_PERSON = [
    ("Ana López", "ana lopez"),
    ("Ana López", "LÓPEZ, Ana"),
    ("Ana López", "A. López"),
    ("Ana López", "Ana"),
    ("Ana López", "Ana María López"),
    ("Mr. Percy PassKit", "Percy PassKit"),
    ("Dr. Ana López", "Ana M. López"),
    ("Zoë Müller", "Zoe Mueller"),
    ("Jørgen Ærø", "Joergen Aeroe"),
    ("Łukasz Groß", "Lukasz Gross"),
    ("Anne-Marie O'Brien", "Annemarie OBrien"),
    ("山田太郎", "山田 太郎"),
    ("太郎 山田", "山田 太郎"),
    ("Иван Петров", "ПЕТРОВ Иван"),
    ("محمد علي", "علي محمد"),
    ("Ana", ""),
    ("Ana", " — "),
    ("", ""),
]

TWO_PEOPLE = [
    ("Brian Trainor", "Alice Jones"),
    ("Ana López", "Ana García"),
    ("Ana López", "Anna López"),
    ("A. López", "B. López"),
    ("Ann", "Bob"),
    ("Ana Ana", "Ana López"),
    ("王 伟", "王 伟明"),
    ("李雷", "韩梅梅"),
    ("Иван Петров", "Анна Петрова"),
    ("がとう", "かとう"),
    ("Mr", "Ms"),
]


@pytest.mark.parametrize(("one", "other"), ONE_PERSON)
def test_a_name_that_is_written_in_another_way_may_be_the_same(one: str, other: str) -> None:
    """Capitals, accents, order, titles, initials, fewer words; whoever comes first."""
    assert [names_differ(one, other), names_differ(other, one)] == [False, False]


@pytest.mark.parametrize(("one", "other"), TWO_PEOPLE)
def test_names_that_only_resemble_each_other_are_two_peoples(one: str, other: str) -> None:
    """One word that fits none is enough."""
    assert [names_differ(one, other), names_differ(other, one)] == [True, True]


@pytest.mark.parametrize("email", ["", "n/a", "none", "@", "a@b", "ana@x", "ana @x.org", "-"])
def test_what_is_no_address_identifies_nobody(email: str) -> None:
    """Nor does it tell anybody apart."""
    assert derive_email_identity(email) == ""
    assert not people_differ(Contact("Ana", email=email), Contact("Ana", email="ana@x.org"))


def test_another_address_is_another_person() -> None:
    """Unless one of the person's addresses is known to be the same; capitals do not matter."""
    ana, other = Contact("Ana", email="ana@x.org"), Contact("Ana", email="ana@y.org")

    assert people_differ(ana, other)
    assert not people_differ(ana, other, same_email=True)
    assert not people_differ(ana, Contact("Ana", email="ANA@X.org "))


BADGES = [
    (Contact(phone="+49 (30) 123-4567"), Contact(phone="030 1234567"), False),
    (Contact(phone="+49 30 1234567"), Contact(phone="+49 30 1234568"), True),
    (Contact(company="Initech"), Contact(company="Initech GmbH"), False),
    (Contact(company="Initech"), Contact(company="Acme"), True),
    (Contact("Ana", phone="1234567"), Contact("Ana", phone="7654321"), False),
    (Contact("Ana", phone="1234567"), Contact(phone="7654321"), True),
    (Contact(email="a@x.org", company="Initech"), Contact(email="a@x.org", company="Acme"), False),
]


@pytest.mark.parametrize(("one", "other", "differ"), BADGES)
def test_phone_and_company_tell_only_where_nothing_better_does(one: Contact, other: Contact, differ: bool) -> None:
    """Somebody may have two numbers, and nobody two names."""
    assert leads_differ(Lead("", "Expo", "id", one), Lead("", "Expo", "id", other)) == differ


@pytest.mark.parametrize(("name", "differ"), [("", True), ("Ana", False)])
def test_answers_tell_nameless_badges_apart(name: str, differ: bool) -> None:
    """What stands beside an id that is everybody's is all that there is; behind a name it may change."""
    badges = [Lead("", "Expo", "id", Contact(name), "7", {"field 2": answer}) for answer in ("R1", "R2")]

    assert leads_differ(*badges) == differ
