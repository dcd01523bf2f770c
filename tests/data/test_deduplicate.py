"""What tells two people apart, and what does not: the rows of docs/deduplication.md."""

import re
from pathlib import Path

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
    """Capitals, accents, order, titles, initials and fewer words, in either direction."""
    assert [names_differ(one, other), names_differ(other, one)] == [False, False]


@pytest.mark.parametrize(("one", "other"), TWO_PEOPLE)
def test_names_that_only_resemble_each_other_are_two_peoples(one: str, other: str) -> None:
    """One word that matches nothing is enough."""
    assert [names_differ(one, other), names_differ(other, one)] == [True, True]


@pytest.mark.parametrize("email", ["", "n/a", "none", "@", "a@b", "ana@x", "ana @x.org", "-"])
def test_what_is_no_address_identifies_nobody(email: str) -> None:
    """Nor does it tell people apart."""
    assert derive_email_identity(email) == ""
    assert not people_differ(Contact("Ana", email=email), Contact("Ana", email="ana@x.org"))


def test_another_address_is_another_person() -> None:
    """Unless they are known to share an address; capitals do not matter."""
    ana, other = Contact("Ana", email="ana@x.org"), Contact("Ana", email="ana@y.org")

    assert people_differ(ana, other)
    assert not people_differ(ana, other, same_email=True)
    assert not people_differ(ana, Contact("Ana", email="ANA@X.org "))


ANA, QUESTION = Contact("Ana", email="ana@x.org"), "shirt size"

ROWS = [
    ("A", ANA, Contact("Ana", email="ana@y.org"), {}, True),
    ("B", Contact("Ana"), Contact("Bob"), {}, True),
    ("C", Contact(email="a@x.org", company="Initech"), Contact(email="a@x.org", company="Acme"), {}, False),
    ("D", Contact("Ana", phone="1234567"), Contact("Ana", phone="7654321"), {}, False),
    ("D", Contact("Ana"), Contact("Ana"), {QUESTION: ("S", "L")}, False),
    ("E", Contact(phone="+49 30 1234567"), Contact(phone="+49 30 1234568"), {}, True),
    ("E", Contact("Ana", phone="1234567"), Contact(phone="7654321"), {}, True),
    ("F", Contact(), Contact(), {QUESTION: ("S", "L")}, True),
    ("G", Contact(company="Initech"), Contact(company="Acme"), {}, True),
    ("H", Contact(company="Initech"), Contact(company="Initech GmbH"), {}, False),
    ("H", Contact(phone="+49 (30) 123-4567"), Contact(phone="030 1234567"), {}, False),
    ("H", Contact(), Contact("Ana", email="ana@x.org"), {QUESTION: ("S", "S")}, False),
]
"""Row of docs/deduplication.md, two badges, their answers, and whether they are two people."""


@pytest.mark.parametrize(("row", "one", "other", "answers", "differ"), ROWS)
def test_each_row_of_the_table_decides(
    row: str, one: Contact, other: Contact, answers: dict[str, tuple[str, str]], differ: bool
) -> None:
    """The first row that applies, whichever badge comes first."""
    badges = [
        Lead("", "Expo", "id", contact, answers={question: pair[at] for question, pair in answers.items()})
        for at, contact in enumerate((one, other))
    ]

    assert leads_differ(*badges) == differ
    assert leads_differ(*reversed(badges)) == differ


def test_the_document_has_the_rows_that_are_tested() -> None:
    """With the same results."""
    document = (Path(__file__).parents[2] / "docs" / "deduplication.md").read_text(encoding="utf-8")

    found = re.findall(r"^\| ([A-H]) \| .* \| (one person|two people) \|$", document, re.MULTILINE)

    assert found == sorted({(row, "two people" if differ else "one person") for row, *_, differ in ROWS})
