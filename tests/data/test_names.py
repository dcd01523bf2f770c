"""A name in parts: what an edit of one part does to the others, by what a person would expect."""

import pytest

from data.contact import Contact
from data.lead import Lead
from data.names import NAME_FIELDS, Name, complete_name_parts, fill_name, is_consistent_name, update_name
from sync.outgoing_leads import build_lead_fields

EDITS = [
    # the full name is edited, and its parts follow
    (("Ana Lopez", "Ana", "Lopez"), {"name": "Ana López García"}, ("Ana López García", "Ana", "López García")),
    (("Ana Lopez", "Ana", "Lopez"), {"name": "Anna Lopez"}, ("Anna Lopez", "Anna", "Lopez")),
    (("Ana Lopez", "Ana", "Lopez"), {"name": "Eva Maria Braun"}, ("Eva Maria Braun", "Eva Maria", "Braun")),
    (("Pedro da Costa", "Pedro", "da Costa"), {"name": "João da Silva"}, ("João da Silva", "João", "da Silva")),
    (("Kovács Éva", "Éva", "Kovács"), {"name": "Nagy Éva"}, ("Nagy Éva", "Éva", "Nagy")),
    (("Ana Lopez", "Ana", "Lopez"), {"name": ""}, ("", "", "")),
    (("", "Ana", "Lopez"), {"name": "Ana Ruiz"}, ("Ana Ruiz", "Ana", "Ruiz")),
    (("Ana", "Ana", ""), {"name": "Anna"}, ("Anna", "Anna", "")),
    # where no parts were known none are made up
    (("Juan Carlos García López", "", ""), {"name": "Juan García"}, ("Juan García", "", "")),
    # a part is edited, and the full name follows
    (("Ana Lopez", "Ana", "Lopez"), {"last_name": "López"}, ("Ana López", "Ana", "López")),
    (("Ana Lopez", "Ana", "Lopez"), {"first_name": "Eva"}, ("Eva Lopez", "Eva", "Lopez")),
    (("Dr. Ana M. Lopez", "Ana", "Lopez"), {"last_name": "Ruiz"}, ("Dr. Ana M. Ruiz", "Ana", "Ruiz")),
    (("Annie Lee", "Anne-Marie", "Lee"), {"last_name": "Leigh"}, ("Anne-Marie Leigh", "Anne-Marie", "Leigh")),
    (("王 伟", "伟", "王"), {"first_name": "芳"}, ("王 芳", "芳", "王")),
    (("王伟", "伟", "王"), {"last_name": "李"}, ("李伟", "伟", "李")),
    (("Ana Ana", "Ana", "Ana"), {"last_name": "Ruiz"}, ("Ana Ruiz", "Ana", "Ruiz")),
    (("Ana Lopez", "", ""), {"first_name": "Ana", "last_name": "Ruiz"}, ("Ana Ruiz", "Ana", "Ruiz")),
    (("Ana Lopez", "Ana", "Lopez"), {"last_name": ""}, ("Ana", "Ana", "")),
    (("", "Ana", "Lopez"), {"last_name": "Ruiz"}, ("", "Ana", "Ruiz")),
    # all of it at once
    (("", "", ""), {"name": "Ana Lopez", "first_name": "Ana", "last_name": "Lopez"}, ("Ana Lopez", "Ana", "Lopez")),
    (("A B", "A", "B"), {"name": "Bob X", "first_name": "Ann", "last_name": "Y"}, ("Ann Y", "Ann", "Y")),
    (("A B", "A", "B"), {"name": "Dr. Ann Y", "first_name": "Ann", "last_name": "Y"}, ("Dr. Ann Y", "Ann", "Y")),
    # nothing of the name
    (("Annie Lee", "Anne-Marie", "Lee"), {"city": "Berlin"}, ("Annie Lee", "Anne-Marie", "Lee")),
    (("Ana Lopez", "Ana", "Lopez"), {"name": "Ana Lopez"}, ("Ana Lopez", "Ana", "Lopez")),
]


@pytest.mark.parametrize(("name", "changes", "after"), EDITS)
def test_an_edit_of_one_part_is_followed_by_the_others(name: Name, changes: dict[str, str], after: Name) -> None:
    assert update_name(name, changes) == after


@pytest.mark.parametrize(
    ("name", "other", "filled"),
    [
        (("Ana Lopez", "", ""), ("Ana López", "Ana", "López"), ("Ana Lopez", "Ana", "López")),
        (("Ana Lopez", "", ""), ("Anna Ruiz", "Anna", "Ruiz"), ("Ana Lopez", "", "")),
        (("", "Ana", ""), ("Ana Lopez", "", ""), ("Ana Lopez", "Ana", "")),
        (("", "Ana", "Lopez"), ("Bob Miller", "", ""), ("", "Ana", "Lopez")),
        (("", "", ""), ("Annie Lee", "Anne-Marie", "Lee"), ("Annie Lee", "Anne-Marie", "Lee")),
        (("Annie Lee", "Anne-Marie", "Lee"), ("X", "Y", "Z"), ("Annie Lee", "Anne-Marie", "Lee")),
    ],
)
def test_a_name_is_filled_only_by_what_says_the_same(name: Name, other: Name, filled: Name) -> None:
    """Two scans of one person must not become a name that is half of each."""
    assert fill_name(name, other) == filled


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (("Ana Lopez", "Ana", ""), ("Ana", "Lopez")),
        (("Ana María Lopez", "", "Lopez"), ("Ana María", "Lopez")),
        (("Ana Lopez", "", ""), ("", "")),
        (("Anabel Lopez", "Ana", ""), ("Ana", "")),
        (("Dr. Ana Lopez", "Ana", "Lopez"), ("Ana", "Lopez")),
    ],
)
def test_a_part_that_is_missing_is_the_rest_of_the_whole_name(name: Name, parts: tuple[str, str]) -> None:
    assert complete_name_parts(name) == parts


def test_capitals_accents_and_titles_are_no_contradiction() -> None:
    assert is_consistent_name("Dr. ANA LOPEZ", "Ana", "López") is True
    assert is_consistent_name("王伟", "伟", "王") is True
    assert is_consistent_name("Ana Lopez", "Ana", "Ruiz") is False


def test_a_contact_that_is_edited_keeps_its_name_whole_and_the_rest_as_it_is() -> None:
    """What the form, the API and lists edit leads with."""
    contact = Contact("Ana Lopez", "Ana", "Lopez", email="ana@example.com")

    assert contact.apply_changes({"last_name": "Ruiz", "city": "Berlin"}) == Contact(
        "Ana Ruiz", "Ana", "Ruiz", email="ana@example.com", city="Berlin"
    )
    assert contact.apply_changes({"rating": 3}) == contact


def test_a_contact_is_filled_from_one_that_names_somebody_else_without_that_name() -> None:
    mine, other = Contact("Ana Lopez"), Contact("Bob Miller", "Bob", "Miller", company="Initech")

    assert mine.fill_missing_from(other) == Contact("Ana Lopez", company="Initech")


@pytest.mark.parametrize(
    ("contact", "sent"),
    [
        (Contact("Ana Lopez", "Ana"), ("Ana Lopez", "Ana", "Lopez")),
        (Contact("", "Ana", "Lopez"), ("Ana Lopez", "Ana", "Lopez")),
        (Contact("Ana Lopez"), ("Ana Lopez", "", "")),
    ],
)
def test_every_connector_gets_the_same_name(contact: Contact, sent: Name) -> None:
    fields = build_lead_fields(Lead("1", "Expo", "vcard", contact), 0.0)

    assert tuple(fields[name] for name in NAME_FIELDS) == sent
