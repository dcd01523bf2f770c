"""
The exports of the programs that people have, each as a file with its own headers and invented people.

Each comes out right without `--map`: every column, and the badge of that program finds its person.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from data import attendees
from data.contact import Contact
from data.store import open_store
from kiosk.badges.badge import Badge
from kiosk.badges.reading import read_badge
from kiosk.importing.columns.headings import to_canonical
from tests.kiosk.cli.conftest import Kiosk

PRODUCTS = Path(__file__).parent / "products"


@dataclass(frozen=True)
class Product:
    """An export, and its content."""

    file: str
    fields: str
    """What each column is, in its order; `-` is nothing."""
    badge: str
    """What the badge of the first person holds."""
    person: Contact
    other_badges: tuple[str, ...] = ()
    """What that badge may hold instead."""
    nobody: tuple[str, ...] = field(default=())
    """What finds nobody."""


ANA = Contact(name="", first_name="Ana", last_name="Lopez", email="ana@example.com", company="Initech", job_title="CTO")
JUERGEN = Contact(
    first_name="Jürgen", last_name="Müller", email="j.mueller@example.com", phone="+49 170 5550101",
    company="Initech GmbH", job_title="Einkäufer",
)  # fmt: skip
EVENTBRITE = "badge_id - first_name last_name email - - badge_id badge_id - phone job_title company"


def ana(**fields: str) -> Contact:
    """Return Ana as a list with more fields has her."""
    return ANA.fill_missing_from(Contact(**fields))


ATTENDEES = [
    Product(
        "eventbrite-en.csv",
        "badge_id - first_name last_name email - - - badge_id - - - - - - - - badge_id address city region postcode "
        "country phone job_title company -",
        "1001000500110001001",
        Contact("", "Aarti", "Shah", "aarti@example.com", "+1 512 555 0101", "Initech", "Buyer", "", "12 Main St",
                "Austin", "TX", "78701", "US"),
        ("5001", "10010005001"),
    ),
    Product(
        "eventbrite-en-new.csv",
        "badge_id - - name email - - - - - - - badge_id phone -",
        "1001000500110001001",
        Contact("Aarti Shah", email="aarti@example.com", phone="+1 512 555 0101"),
        nobody=("990011",),
    ),
    Product("eventbrite-de.csv", EVENTBRITE, "589750179740658283001", JUERGEN, ("50001",)),
    Product(
        "eventbrite-fr.csv", EVENTBRITE, "589750179740658283001",
        Contact("", "Chloé", "Dupont", "chloe@example.com", "+33 6 55 55 01 01", "Initech SARL", "Acheteuse"),
        ("50001",),
    ),
    Product(
        "eventbrite-es.csv", EVENTBRITE.replace("phone job_title", "phone job_title"), "589750179740658283001",
        Contact("", "Ana", "López García", "ana@example.com", "+34 600 555 101", "Initech SL", "Compradora"),
        ("50001",),
    ),
    Product(
        "pretix.csv",
        "badge_id - - - phone - - - - - - name first_name last_name email company address postcode city country "
        "region - badge_id badge_id - - -",
        "GYPZHJDQGV",
        Contact("Ana Lopez", "Ana", "Lopez", "ana@example.com", "+49 30 5550199", "Initech", "", "", "Street 1",
                "Berlin", "", "10115", "DE"),
        ("5uhbd49wms2fakafn5nzq7pcqpbjun2v",),
        nobody=("AB1CD", "1"),  # two people have that order
    ),
    Product(
        "eventyay.csv",
        "badge_id - - - - - name email company job_title badge_id badge_id",
        '{"lead": "GYPZHJDQGV", "ticket": "5uhbd49wms2fakafn5nzq7pcqpbjun2v"}',
        Contact("Ana Lopez", email="ana@example.com", company="Initech", job_title="CTO"),
        ("GYPZHJDQGV", "AB1CD"),
        nobody=("1",),
    ),
    Product(
        "indico.csv",
        "- name email company job_title phone country - - - - badge_id",
        "41d9cf0f-9a0b-4d4e-8d2e-5f3c6a7b8c9d",
        Contact("Ana Lopez", "Ana", "Lopez", "ana@example.com", "+41 22 555 01 01", "CERN", "Physicist",
                country="Switzerland"),
    ),
    Product(
        "pgeu.csv",
        "first_name last_name email company job_title phone country - badge_id",
        "https://www.example.org/events/t/at/a1b2c3d4e5f6/",
        Contact("", "Ana", "Lopez", "ana@example.com", "+46 8 555 0101", "Initech", "DBA", country="Sweden"),
        ("a1b2c3d4e5f6",),
    ),
    Product(
        "luma.csv",
        "- name first_name last_name email phone - - - - badge_id - - - - - - - - - - - company job_title website",
        "https://lu.ma/check-in/evt-XYZ9?pk=g-r3DlcAb1",
        Contact("Ana Lopez", "Ana", "Lopez", "ana@example.com", "+34600555101", "Initech", "CTO",
                "https://www.linkedin.com/in/ana-lopez"),
        ("https://luma.com/check-in/evt-XYZ9?pk=g-r3DlcAb1", "https://www.linkedin.com/in/ana-lopez?utm=x"),
    ),
    Product(
        "tito.csv",
        "- - - - name first_name last_name email company phone - - - badge_id - - - - - - - - job_title",
        "ABCD-1",
        ana(name="Ana Lopez", phone="+353 1 555 0101"),
    ),
    Product(
        "cvent.csv",
        "- - name first_name last_name company job_title email phone phone city country badge_id - - - -",
        "VNNDLJ6DKVK",
        ana(name="Ana Lopez", phone="+1 703 555 0101", city="McLean", country="USA"),
    ),
    Product(
        "rainfocus.csv",
        "badge_id badge_id - first_name last_name email company job_title phone city region country - badge_id",
        "SBpax001",
        ana(phone="+1 801 555 0101", city="Lehi", region="UT", country="United States"),
        ("1664300000001001Abcd", "RF100001"),
    ),
    Product(
        "swapcard.csv",
        "badge_id badge_id first_name last_name email job_title company phone phone city country - badge_id",
        "SWP1001XYZ",
        ana(phone="+33 6 55 55 01 01", city="Paris", country="France"),
        ("EXT-1001",),
    ),
    Product(
        "linkedin.csv",
        "first_name last_name website email company job_title -",
        "https://www.linkedin.com/in/ana-lopez-1234?trk=qr",
        ana(website="https://www.linkedin.com/in/ana-lopez-1234"),
    ),
]  # fmt: skip

SALESFORCE = (
    "- first_name last_name job_title company - address city region postcode country email phone phone rating - - -"
)
CONTACTS = [
    Product(
        "google.csv",
        "first_name - last_name - - - - - - - company job_title - - note - tags - email - email - phone - - address "
        "city - region postcode country - website",
        "",
        ana(phone="+34 600 555 101", website="https://initech.example", address="Calle 1", city="Madrid",
            postcode="28001", country="ES"),
    ),
    Product(
        "google-old.csv", "name first_name - last_name - - - - email - phone - company job_title", "",
        ana(name="Ana Lopez", phone="+34 600 555 101"),
    ),
    Product(
        "outlook.csv",
        "first_name - last_name - - - email email email phone phone phone phone phone - job_title - company - - - - - "
        "- address city region postcode country website note tags",
        "",
        ana(phone="+1 425 555 0101", website="https://initech.example", address="1 Way", city="Redmond", region="WA",
            postcode="98052", country="United States"),
    ),
    Product(
        "outlook-de.csv",
        "- first_name - last_name - company - job_title address city region postcode country - - phone phone phone "
        "email - - note website",
        "",
        Contact("", "Jürgen", "Müller", "j.mueller@example.com", "+49 228 5550101", "Initech GmbH", "Leiter",
                "https://initech.example", "Weg 1", "Bonn", "NRW", "53111", "Deutschland"),
    ),
    Product(
        "thunderbird.csv",
        "first_name last_name name - email email - phone phone - - phone - - - - - - address - city region postcode "
        "country job_title - company website website - - - - - - - note",
        "",
        ana(name="Ana Lopez", phone="+34 91 555 0101", website="https://initech.example", address="Calle 1",
            city="Madrid", postcode="28001", country="Spain"),
    ),
    Product("hubspot-en.csv", "- first_name last_name email phone - - - - company - job_title", "",
            ana(phone="+34 600 555 101")),
    Product(
        "hubspot-de.csv", "- first_name last_name email phone - - - company job_title", "",
        Contact("", "Jürgen", "Müller", "j.mueller@example.com", "+49 228 5550101", "Initech GmbH", "Leiter"),
    ),
    Product("salesforce.csv", SALESFORCE, "",
            ana(phone="+1 512 555 0101", address="1 Way", city="Austin", region="TX", postcode="78701",
                country="United States")),
    Product(
        "linkedin.csv", "first_name last_name website email company job_title -", "",
        ana(website="https://www.linkedin.com/in/ana-lopez-1234"),
    ),
    Product(
        "eventyay-leads.csv", "- badge_id scanned_at - - name email note tags", "",
        Contact("Ana Lopez", email="ana@example.com"),
    ),
]  # fmt: skip


def fields_of(mapping: dict[str, str]) -> str:
    """Return the field of each column of a list."""
    return " ".join(field or "-" for field in mapping.values())


def copy_of(kiosk: Kiosk, file: str) -> str:
    """Copy an export to the kiosk's folder, where the rejected rows may be written beside it."""
    return shutil.copy(PRODUCTS / file, kiosk.folder)


def found_by(kiosk: Kiosk, payload: str) -> Contact | None:
    """Return whom the kiosk finds for the badge with *payload*."""
    badge = read_badge(payload.encode(), payload, kiosk.settings.badges)
    assert isinstance(badge, Badge)
    db = open_store(kiosk.settings.database_file)
    found = attendees.find_contact(db, kiosk.settings.event.name, badge.badge_id)
    db.close()
    return found


@pytest.mark.parametrize("product", ATTENDEES, ids=lambda product: product.file)
def test_an_organisers_export_finds_everybody(kiosk: Kiosk, product: Product) -> None:
    """Each column has the right meaning, and any of a person's codes finds the person."""
    told = kiosk.json("import", "attendees", copy_of(kiosk, product.file))

    assert fields_of(told["mapping"]) == product.fields
    assert (told["imported"], told["problems"]) == (2, [])
    for badge in (product.badge, *product.other_badges):
        assert found_by(kiosk, badge) == product.person
    for badge in product.nobody:
        assert found_by(kiosk, badge) is None


@pytest.mark.parametrize("product", CONTACTS, ids=lambda product: product.file)
def test_an_address_book_is_imported_as_leads(kiosk: Kiosk, product: Product) -> None:
    """Each column has the right meaning, and every e-mail in the file is imported."""
    told = kiosk.json("import", "leads", copy_of(kiosk, product.file))

    people = {entry.lead.contact.first_name or entry.lead.contact.name: entry.lead.contact for entry in kiosk.entries()}
    first = product.person.first_name or product.person.name
    assert fields_of(told["mapping"]) == product.fields
    assert people[first] == product.person
    assert all(contact.email for name, contact in people.items() if name != "Bob")


def test_crm_words_are_ratings(kiosk: Kiosk) -> None:
    """
    Hot is 5, as the kiosk sends it. Another word only costs the rating; the lines below a Salesforce report are not
    leads.
    """
    told = kiosk.json("import", "leads", copy_of(kiosk, "salesforce.csv"))

    ratings = {entry.lead.contact.first_name: entry.lead.rating for entry in kiosk.entries()}
    assert ratings == {"Ana": 5, "Bob": None}
    assert (told["new"], told["unread"], told["rejected"]) == (2, {"rating": 1}, 5)


def test_the_second_address_is_used_if_the_first_is_empty(kiosk: Kiosk) -> None:
    """And a row that Outlook wrote without its empty cells at the end is a person."""
    kiosk("import", "leads", copy_of(kiosk, "google.csv"))
    kiosk("import", "leads", copy_of(kiosk, "outlook.csv"))

    people = sorted((entry.lead.contact.first_name, entry.lead.contact.email) for entry in kiosk.entries())
    assert people == [("Ana", "ana@example.com"), ("Bob", ""), ("Bob", "bob@example.org")]


def test_two_barcodes_in_one_cell_are_two_codes_of_one_person(kiosk: Kiosk) -> None:
    """As Eventbrite exports people who bought two tickets."""
    kiosk("import", "attendees", copy_of(kiosk, "eventbrite-en.csv"))

    found = [found_by(kiosk, f"100100050021000100{last}") for last in (1, 2)]
    assert [person and person.first_name for person in found] == ["Bo", "Bo"]


def test_no_entry_secret_of_a_list_is_in_the_database(kiosk: Kiosk) -> None:
    """Neither on its own nor in the JSON that eventyay prints."""
    for product in ("pretix.csv", "eventyay.csv"):
        kiosk("import", "attendees", copy_of(kiosk, product))

    stored = b"".join(path.read_bytes() for path in kiosk.settings.database_file.parent.glob("kiosk.db*"))
    assert b"GYPZHJDQGV" in stored
    assert [secret for secret in (b"5uhbd49wms", b"6uhbd49wms") if secret in stored] == []


def test_headings_of_the_products_are_compared_in_canonical_form() -> None:
    """The words for "number" and the punctuation around them make no difference."""
    same = ["Attendee #", "attendee no.", "Attendee Number", "attendee_nr", "ATTENDEE N°", "Attendee Nº"]

    assert {to_canonical(heading) for heading in same} == {"attendeenumber"}
