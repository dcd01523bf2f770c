"""What the columns of a list mean, guessed from the header."""

import pytest

from kiosk.list_columns import PEOPLE, chosen, guess_mapping

GUESSES = [
    ("Badge ID;First Name;Last Name;E-Mail;Company", "badge_id first_name last_name email company"),
    ("Company,email,LAST NAME,first_name,badge-id", "company email last_name first_name badge_id"),
    ("id,badge_id,name", "- badge_id name"),
    ("Title,Job title,Id", "- job_title badge_id"),
    ("Title,Id", "job_title badge_id"),
    ("Ausweisnummer;Vorname;Nachname;Firma;PLZ;Ort", "badge_id first_name last_name company postcode city"),
    ("Ticket ID,Prénom,Nom,Société,Courriel", "badge_id first_name last_name company email"),
    ("Código;Nombre;Apellidos;Empresa;País", "- first_name last_name company country"),
    ("ID,氏名,会社名,電話番号", "badge_id name company phone"),
    ("Attendee name,Attendee email,Secret,Order code", "name email badge_id -"),
    ("Ticket First Name,Ticket Last Name,Ticket Email,Ticket Reference", "first_name last_name email badge_id"),
    ("Barcode #,First Name,Email,Email", "badge_id first_name email email"),
    ("Phone (mobile),Zip/Postal Code,Barcode", "phone - badge_id"),
    ("Favourite colour,Shoe size,,", "- - - -"),
]


@pytest.mark.parametrize(("header", "fields"), GUESSES)
def test_a_header_is_understood_as_people_write_it(header: str, fields: str) -> None:
    """In any order and case, in many languages; of two columns the one that says it best, and each field once."""
    names = header.replace(";", ",").split(",")

    mapping = guess_mapping(names, PEOPLE)

    assert fields.split() == [mapping.get(name, "-") for name in names]
    assert len(mapping) == len(set(mapping.values()))


def test_every_header_that_is_known_is_found_alone() -> None:
    """None is shadowed by another field's."""
    known = {name: field for field, names in PEOPLE.items() for name in names}

    assert known == {name: guess_mapping([name], PEOPLE).get(name) for name in known}


@pytest.mark.parametrize(
    ("choices", "fields"),
    [
        ([], "badge_id name company"),
        (["Firma="], "badge_id name "),
        (["Nr=badge_id"], "badge_id name company"),
        (["Firma=name"], "badge_id  name"),
        (["Name=company", "Firma=name"], "badge_id company name"),
    ],
    ids=str,
)
def test_what_a_person_says_counts_and_the_rest_is_guessed(choices: list[str], fields: str) -> None:
    """A field that was given to a column is taken from the one that was guessed."""
    header = ["Nr" if choices == ["Nr=badge_id"] else "Badge", "Name", "Firma"]

    assert fields.split(" ") == list(chosen(header, choices, PEOPLE).values())


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        (["Nme=name"], "there is no column 'Nme'; there is 'Name', 'Firma'."),
        (["Name=nam"], "'Name=nam': write HEADER=FIELD, where FIELD is badge_id, name, first_name,"),
        (["name"], "'name': write HEADER=FIELD"),
        (["Name=company", "Firma=company"], "only one column can be company."),
    ],
    ids=str,
)
def test_what_a_person_says_and_cannot_be_is_told(choices: list[str], sentence: str) -> None:
    """With what there is."""
    with pytest.raises(ValueError) as raised:
        chosen(["Name", "Firma"], choices, PEOPLE)

    assert str(raised.value).startswith(sentence)
