"""What the columns of a list mean, by header, values and neighbours."""

from typing import Any

import pytest

from kiosk.badges.field_names import FIELD_BY_KEY, fold_key
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.headings import find_meanings
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.values import normalize_field
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS, OTHER_HEADINGS, PERSON_HEADINGS

HEADERS = [
    ("Badge ID;First Name;Last Name;E-Mail;Company", "badge_id first_name last_name email company"),
    ("Company,email,LAST NAME,first_name,badge-id", "company email last_name first_name badge_id"),
    ("id,badge_id,name", "- badge_id name"),
    ("Title,Job title,Id", "- job_title badge_id"),
    ("Title,Id", "job_title badge_id"),
    ("Ausweisnummer;Vorname;Nachname;Firma;PLZ;Ort", "badge_id first_name last_name company postcode city"),
    ("Ticket ID,Prénom,Nom,Société,Courriel", "badge_id first_name last_name company email"),
    ("Código;Nombre;Apellidos;Empresa;País", "badge_id first_name last_name company country"),
    ("ID,氏名,会社名,電話番号", "badge_id name company phone"),
    ("Attendee name,Attendee email,Secret,Order code", "name email badge_id badge_id"),
    ("Ticket First Name,Ticket Last Name,Ticket Email,Ticket Reference", "first_name last_name email badge_id"),
    ("Barcode #,First Name,Email,Email", "badge_id first_name email email"),
    ("Phone (mobile),Zip/Postal Code,Barcode", "phone postcode badge_id"),
    ("Favourite colour,Shoe size,,", "- - - -"),
    ("Badge-Nr.,Teilnehmername", "badge_id name"),
    ("N° de billet,Nom complet", "badge_id name"),
    ("guest_id,uid,Confirmation Number,Name", "badge_id - badge_id name"),
    ("attendee.email,attendee.firstName,attendee.lastName,attendee.id", "email first_name last_name badge_id"),
    ("Buyer Name,Buyer Email,Order ID", "name email badge_id"),
    ("Buyer Name,Buyer Email,Attendee Name,Attendee Email,Barcode", "- - name email badge_id"),
    ("Emergency Contact Name,Emergency Contact Phone,Name,Badge", "- - name badge_id"),
    ("Barcode;Voornaam;Tussenvoegsel;Achternaam", "badge_id first_name name_prefix last_name"),
    ("Vorname / First name;Nachname / Last name;E-Mail (geschäftlich);Badge", "first_name last_name email badge_id"),
]


@pytest.mark.parametrize(("header", "fields"), HEADERS)
def test_headers_are_understood(header: str, fields: str) -> None:
    """
    In any order and case, in many languages. Of two columns the better one is used, and the other where it is
    empty.
    """
    names = header.replace(";", ",").split(",")

    columns = map_columns(names, [], PERSON_HEADINGS)

    assert [column.field or "-" for column in columns] == fields.split()


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("E-mail (private),E-mail (business)", "E-mail (business)"),
        ("Email address,Work email", "Work email"),
        ("E-Mail privat,E-Mail dienstlich", "E-Mail dienstlich"),
        ("Email,Other Email", "Email"),
    ],
)
def test_a_work_address_comes_first(header: str, best: str) -> None:
    """As on badges; also if the header says so in brackets."""
    columns = map_columns(header.split(","), [], PERSON_HEADINGS)

    found = columns.find_first("email")
    assert found is not None
    assert found.header == best


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("phone", "+1 555 0100 ::: +1 555 0101", "+1 555 0100"),
        ("phone", "+1 555 0100; +1 555 0101", "+1 555 0100"),
        ("phone", "+1 555 0100 +1 555 0101", "+1 555 0100"),
        ("phone", "p:+15550100", "+15550100"),
        ("phone", "tel:555-0100", "555-0100"),
        ("phone", "'0301234567", "0301234567"),
        ("phone", "+49 30 1234 / 56", "+49 30 1234 / 56"),
        ("phone", "555-0100, ask for Ana", "555-0100, ask for Ana"),
        ("email", "a@x.example ::: b@x.example", "a@x.example"),
    ],
)
def test_the_first_of_several_values_in_a_cell_is_kept(field: str, value: str, kept: str) -> None:
    """As Google, ownCloud and Facebook write them."""
    assert normalize_field(field, value) == kept


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("company", "NULL", ""),
        ("email", "null", ""),
        ("phone", "\\N", ""),
        ("first_name", "undefined", ""),
        ("company", " #N/A ", ""),
        ("last_name", "Null", "Null"),
        ("last_name", "NULL", "NULL"),
        ("name", "Ana Null", "Ana Null"),
        ("company", "Nullsoft", "Nullsoft"),
        ("company", "M&uuml;ller &amp; S&ouml;hne", "Müller & Söhne"),
        ("name", "Conan O&amp;#039;Brien", "Conan O'Brien"),
        ("company", "Smith&Partners; AT&T", "Smith&Partners; AT&T"),
    ],
)
def test_cells_are_normalized(field: str, cell: str, said: str) -> None:
    """Databases and web pages write them differently."""
    assert normalize_cell(field, cell) == said


def test_every_known_heading_is_recognised() -> None:
    """None is shadowed by another field's, unless it is ambiguous for people, too."""
    known = {(name, field) for field, names in PERSON_HEADINGS.items() for name in names}

    lost = {
        (name, field)
        for name, field in known
        if field not in {one.field for one in find_meanings(name, PERSON_HEADINGS)}
    }

    assert lost == set()


def test_other_known_headings_are_not_fields() -> None:
    """A ticket type is not a name, and a discount code is not an ID."""
    taken = {
        name: one.field
        for names in OTHER_HEADINGS.values()
        for name in names
        for one in find_meanings(name, PERSON_HEADINGS)
    }

    assert taken == {}


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
def test_choices_overrule_and_the_rest_is_guessed(choices: list[str], fields: str) -> None:
    """A field that was chosen for a column is not guessed for another."""
    header = ["Nr" if choices == ["Nr=badge_id"] else "Badge", "Name", "Firma"]

    assert list(map_columns(header, [], PERSON_HEADINGS, choices).mapping.values()) == fields.split(" ")


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        (["Nme=name"], "there is no column 'Nme'. Columns: 'Name', 'Firma'."),
        (["Name=nam"], "'Name=nam': write HEADER=FIELD, with one of these fields: badge_id, name, first_name,"),
        (["name"], "'name': write HEADER=FIELD"),
        (["Name=company", "Firma=company"], "only one column can be company."),
    ],
    ids=str,
)
def test_impossible_choices_are_refused(choices: list[str], sentence: str) -> None:
    """With a list of what is possible."""
    with pytest.raises(ValueError) as raised:
        map_columns(["Name", "Firma"], [], PERSON_HEADINGS, choices)

    assert str(raised.value).startswith(sentence)


VALUES = [
    # A last name beside a first name is not the whole name; one that holds the first name is.
    ("Vorname;Name;Badge", ["Anna;Müller;1", "Bo;Li;2"], "first_name last_name badge_id"),
    ("Vorname;Name;Badge", ["Anna;Anna Müller;1", "Bo;Bo Li;2"], "first_name name badge_id"),
    ("Firstname;Name;Badge", ["Anna;Müller;1"], "first_name last_name badge_id"),
    ("Name;Surname;Badge", ["Anna;Müller;1"], "first_name last_name badge_id"),
    ("Name;First Name;Last Name;Badge", ["Lopez;Ana;Lopez;1"], "- first_name last_name badge_id"),
    ("Name;First Name;Last Name;Badge", ["Ana Lopez;Ana;Lopez;1"], "name first_name last_name badge_id"),
    ("Nom;Badge", ["Anne Dupont;1"], "name badge_id"),
    ("Nom;Prénom;Badge", ["Dupont;Anne;1"], "last_name first_name badge_id"),
    ("Nombre;Badge", ["Ana López;1", "Eva Ruiz;2"], "name badge_id"),
    ("성;이름;배지번호", ["김;철수;1"], "last_name first_name badge_id"),
    ("attendee_Name;attendee_LastName;ticket_id", ["Ana;Lopez;7"], "first_name last_name badge_id"),
    # Numbers, kinds of tickets and forms of address are no names.
    ("Attendee;Name;Badge", ["5001;Ana Lopez;1"], "- name badge_id"),
    ("Ticket Name;Code", ["Std;A1", "Std;A2"], "- badge_id"),
    ("Badge Name;Code;Full Name", ["Annie;A1;Ana Lopez"], "- badge_id name"),
    ("Title;Name;Badge", ["Mr;Al Ng;1", "Dr.;Bo Li;2"], "- name badge_id"),
    ("Title;Name;Badge", ["CEO;Al Ng;1", "Head of Dr. Oetker;Bo Li;2"], "job_title name badge_id"),
    # What is in the column counts against the header.
    ("Badge;Barcode;Name", ["Visitor;A1;Al Ng", "Visitor;A2;Bo Li", "Press;A3;Cy Wu"], "- badge_id name"),
    ("E-Mail;Kontakt;Badge", ["yes;a@x.example;1", "no;b@x.example;2", "yes;c@x.example;3"], "- email badge_id"),
    ("Reach me at;Name;Badge", ["a@x.example;Al Ng;1", "b@x.example;Bo Li;2"], "email name badge_id"),
    ("Wristband;Name", ["QX7731;Al Ng", "QX7732;Bo Li"], "badge_id name"),
    ("No.;Wristband;Name", ["1;QX7731;Al Ng", "2;QX7732;Bo Li", "3;QX7733;Cy Wu"], "- badge_id name"),
    ("URL;Name", ["https://www.linkedin.com/in/ana;Ana"], "website name"),
    # alf.io's export: a confirmation is a date there, and the id is the ticket's.
    ("ID;First Name;Confirmation", ["5a3c1f9e-0b1d-4e7a-9a67-1f2c3d4e5f60;Ana;2026-01-01"], "badge_id first_name -"),
    (
        "Phones;Name;Badge",
        ["+1 555 0100 ::: +1 555 0101;Al;1", "p:+15550102;Bo;2", "tel:555-0103;Cy;3"],
        "phone name badge_id",
    ),
]


@pytest.mark.parametrize(("header", "rows", "fields"), VALUES)
def test_values_and_neighbours_decide_if_the_header_does_not(header: str, rows: list[str], fields: str) -> None:
    """Each is a list that people have made."""
    columns = map_columns(header.split(";"), [row.split(";") for row in rows], PERSON_HEADINGS)

    assert [column.field or "-" for column in columns] == fields.split()


def test_a_decision_by_values_has_a_reason() -> None:
    """The person who imports the list should see it."""
    rows = [["Ana", "Lopez", "VIP", f"QX773{number}"] for number in range(3)]
    columns = map_columns(["Vorname", "Name", "Ticket", "Wristband"], rows, PERSON_HEADINGS)

    assert [column.reason for column in columns] == [
        "", "there is a first name, too", "words, not IDs", "its values look like IDs, and all are different",
    ]  # fmt: skip


LANGUAGES = {
    "en": "Badge number,First name,Surname,E-mail address,Mobile,Organisation,Position",
    "de": "Badge-Nr.,Vorname,Nachname,E-Mail-Adresse,Mobilnummer,Firma,Funktion",
    "fr": "N° de badge,Prénom,Nom de famille,Adresse e-mail,Téléphone portable,Société,Fonction",
    "es": "Nº de acreditación,Nombre,Apellidos,Correo electrónico,Teléfono móvil,Empresa,Cargo",
    "it": "Codice badge,Nome,Cognome,Indirizzo e-mail,Cellulare,Azienda,Ruolo",
    "pt": "Número do crachá,Nome,Sobrenome,E-mail,Telefone,Empresa,Cargo",
    "nl": "Badgenummer,Voornaam,Achternaam,E-mailadres,Telefoonnummer,Bedrijf,Functie",
    "sv": "Biljettnummer,Förnamn,Efternamn,E-post,Mobiltelefon,Företag,Befattning",
    "no": "Billettnummer,Fornavn,Etternavn,E-postadresse,Mobilnummer,Bedrift,Stilling",
    "da": "Billetnummer,Fornavn,Efternavn,E-mailadresse,Telefonnummer,Virksomhed,Stilling",
    "fi": "Lipun numero,Etunimi,Sukunimi,Sähköposti,Puhelinnumero,Yritys,Tehtävänimike",
    "pl": "Numer identyfikatora,Imię,Nazwisko,Adres e-mail,Numer telefonu,Firma,Stanowisko",
    "cs": "Číslo visačky,Jméno,Příjmení,E-mailová adresa,Telefonní číslo,Společnost,Pozice",
    "hu": "Vonalkód,Keresztnév,Vezetéknév,E-mail cím,Telefonszám,Cégnév,Beosztás",
    "tr": "Yaka Kartı No,Ad,Soyad,E-posta,Cep Telefonu,Şirket,Unvan",
    "ru": "Номер бейджа,Имя,Фамилия,Электронная почта,Номер телефона,Компания,Должность",
    "ja": "受付番号,名,姓,メールアドレス,携帯電話番号,会社名,役職",
    "zh-Hans": "胸卡号,名,姓,电子邮箱,手机号码,公司名称,职位",
    "zh-Hant": "識別證號碼,名,姓,電子郵件,手機號碼,公司名稱,職稱",
    "ko": "참가번호,이름,성,이메일,휴대폰번호,회사명,직책",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("known", [PERSON_HEADINGS, LEAD_HEADINGS], ids=["attendees", "leads"])
def test_the_languages_of_european_and_asian_shows_are_known(language: str, known: Any) -> None:
    """Each with all fields that a kiosk needs."""
    row = ["QX7731", "Ana", "Lopez", "ana@example.com", "+49 30 1234567", "Initech", "CEO"]

    columns = map_columns(LANGUAGES[language].split(","), [row], known)

    assert list(columns.mapping.values()) == [
        "badge_id", "first_name", "last_name", "email", "phone", "company", "job_title",
    ]  # fmt: skip


def test_badges_and_lists_agree_on_field_names() -> None:
    """Both have words of their own, but no word may be a company in one and a name in the other."""
    fields: dict[str, set[str]] = {}
    for field, names in PERSON_HEADINGS.items():
        for name in names:
            fields.setdefault(fold_key(name), set()).add(field)

    contradicting = {key for key, field in FIELD_BY_KEY.items() if key in fields and field not in fields[key]}

    # Italian and Czech for "name", and the first one beside "cognome" and "příjmení": a list's neighbours tell.
    assert contradicting == {"nome", "jmeno"}
