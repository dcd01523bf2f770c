"""
Lists as people reported them, of programs that have no file in `products`: headers of theirs, invented people.

The places are where such a list, or such trouble with one, can be read of in public.
"""

from pathlib import Path
from typing import Any

import pytest

from kiosk.badges.profile import BadgeProfile
from kiosk.importing.attendees import AttendeeRow, ListOptions, list_sample_texts, open_attendees
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS, PERSON_HEADINGS
from kiosk.importing.tables.opening import open_table

ATTENDEES = {
    "hi.events": (
        "First Name,Last Name,Email,Status,Ticket ID,Ticket Name,Event ID,Public ID,Created Date\n"
        "Ana,Lopez,a@x.example,ACTIVE,5,General,1,A-77HQ2,2026-05-05\n"
        "Bob,Ray,b@x.example,ACTIVE,5,General,1,A-78HQ3,2026-05-05\n",
        "first_name last_name email - badge_id - - badge_id -",
    ),
    "attendize": (
        "First Name,Last Name,Email,Ticket,Reference,Order Reference,Purchase Date\n"
        "Ana,Lopez,a@x.example,VIP,ABC123-1,ABC123,2026\nBob,Ray,b@x.example,Std,ABC124-1,ABC124,2026\n",
        "first_name last_name email - badge_id badge_id -",
    ),
    "event tickets for WordPress": (
        "Order ID,Customer Name,Customer Email Address,Ticket #,Ticket Type,"
        "Ticket Holder Name,Ticket Holder Email Address\n"
        "11,Buyer B,buy@x.example,701,VIP,Ana Lopez,a@x.example\n",
        "badge_id - - badge_id - name email",
    ),
    "tickets of a WooCommerce shop": (
        "Order ID,Ticket ID,Attendee First Name,Attendee Last Name,Attendee Email,"
        "Purchaser First Name,Purchaser Email\n"
        "11,9001-1,Ana,Lopez,a@x.example,Buy,buy@x.example\n",
        "badge_id badge_id first_name last_name email - -",
    ),
    "sched": (
        "email,username,name,company,position,location,url,role,external ID\n"
        "a@x.example,ana,Ana L,ACME,CTO,,,guest,E01\n",
        "email - name company job_title - website - badge_id",
    ),
    "bizzabo": (
        "Order ID,Ticket Name,First Name,Last Name,Email,Company,Job Title,Ticket #,QR Code\n"
        "77,VIP,Ana,Lopez,a@x.example,ACME,CTO,1001,BZ-001\n",
        "badge_id - first_name last_name email company job_title badge_id badge_id",
    ),
    "a German fair": (
        "lfd. Nr.;Anrede;Titel;Name, Vorname;Firma;Tel.-Nr.;E-Mail;Ausweis-Nr.\n"
        "1;Frau;Dr.;Müller, Anna;ACME;0228 5550101;a@x.example;X001\n2;Herr;;Weiß, Bo;ACME;;b@x.example;X002\n",
        "- - - name company phone email badge_id",
    ),
    "a French salon": (
        "Civilité;Nom;Prénom;Société;Fonction;Mail;Tél.;CP;Ville;Pays;N° badge\n"
        "Mme;Dupont;Anne;ACME;DG;a@x.example;;75001;;;B1\n",
        "- last_name first_name company job_title email phone postcode city country badge_id",
    ),
    "a Japanese exhibition": (
        "No.,受付番号,会社名,部署名,役職,氏名,フリガナ,郵便番号,住所,TEL,メールアドレス\n"
        "1,A001,株式会社,営業,部長,山田 太郎,ヤマダ タロウ,100-0001,東京都,03-1234-5678,a@x.example\n",
        "- badge_id company - job_title name - postcode address phone email",
    ),
    "a Korean one": (
        "번호,이름,소속,직책,휴대폰,이메일,등록번호\n1,김철수,회사,부장,010-1234-5678,a@x.example,R001\n",
        "- name company job_title phone email badge_id",
    ),
    "a college in India": (
        "E mail id,Candidate Name,Contact No.,Organisation Name,Reg. No.\na@x.example,Ana Lopez,9876543210,ACME,R01\n",
        "email name phone company badge_id",
    ),
    "headers with marks": (
        "\u200bBadge\u00a0ID,First\u00a0Name*,E-mail (required)\n1,Ana,a@x.example\n", "badge_id first_name email",
    ),
    "carets": ("Badge^Name^Email\n1^Ana^a@x.example\n", "badge_id name email"),
    "a separator at the end": ("Badge;Name;Email;\n1;Ana;a@x.example;\n", "badge_id name email"),
    "decimal commas": ("Badge;Name;Preis\n1;Ana;10,50\n2;Bob;9,99\n", "badge_id name -"),
}  # fmt: skip

CONTACTS = {
    "zoom registrants": (
        "Attendee Report\nReport Generated:,2026-05-05\nTopic,Webinar ID\nExpo,1234\n\nAttendee Details\n"
        "First Name,Last Name,Email,City,Country/Region Name,Phone,Industry,Organization,Job Title\n"
        "Ana,Lopez,a@x.example,Bonn,DE,555123,IT,ACME,CTO\n",
        "first_name last_name email city country phone - company job_title",
    ),
    "suitecrm": (
        '"First Name:","Last Name:","Title:","Account Name:","Email Address:","Office Phone:","Mobile:","ID:"\n'
        '"Ana","Lopez","CTO","ACME","a@x.example","555123","","b1d9f0aa-aaaa-4bbb-8ccc-1234567890ab"\n',
        "first_name last_name job_title company email phone phone -",
    ),
    "odoo": (
        "id,name,parent_id/name,email,phone,function,is_company\n__export__.p1,Ana,ACME,a@x.example,555123,CTO,False\n",
        "- name - email phone job_title -",
    ),
    "mautic": (
        "First name,Last name,Email,Company,Position,Mobile,Country,Stage,Points\n"
        "Ana,Lopez,a@x.example,ACME,CTO,,DE,,0\n",
        "first_name last_name email company job_title phone country - -",
    ),
    "pipedrive": (
        "Person - Name,Person - Email - Work,Person - Phone - Work,Person - Organization,Person - Label\n"
        "Ana Lopez,a@x.example,555123,ACME,Hot\n",
        "name email phone company tags",
    ),
    "zoho": (
        "Lead Id,Lead Owner,First Name,Last Name,Company,Title,Email,Phone,Lead Source,"
        "Rating,Street,City,State,Zip Code\n"
        "zcrm_1,Sam,Ana,Lopez,ACME,CTO,a@x.example,555123,Fair,Active,1 Rd,Bonn,,53111\n",
        "- - first_name last_name company job_title email phone - rating address city region postcode",
    ),
    "icloud": (
        "Title,First name,Last name,Company,Job title,Home email,Work email,Home phone,Mobile phone,Work address\n"
        ",Ana,Lopez,ACME,CTO,home@x.example,a@x.example,,555123,\n",
        "- first_name last_name company job_title email email phone phone address",
    ),
    "a lead app": (
        "Lead Id,Scanned At,Scanned By,First Name,Company,Email,Comments,Star Rating\n"
        "1,2026-05-05 10:00,Sam,Ana,ACME,a@x.example,hi,★★★\n",
        "- scanned_at operator first_name company email note rating",
    ),
}  # fmt: skip


def fields(path: Path, text: str, known: Any) -> str:
    """Return the meaning of the columns of a list."""
    path.write_text(text, encoding="utf-8")
    table = open_table(path)
    columns = map_columns(table.header, list_sample_texts(list(table.rows)), known)
    table.close()
    return " ".join(column.field or "-" for column in columns)


@pytest.mark.parametrize("place", ATTENDEES)
def test_an_attendee_list_is_understood(tmp_path: Path, place: str) -> None:
    """Without any option."""
    text, expected = ATTENDEES[place]

    assert fields(tmp_path / "x.csv", text, PERSON_HEADINGS) == expected


@pytest.mark.parametrize("place", CONTACTS)
def test_a_list_of_contacts_is_understood(tmp_path: Path, place: str) -> None:
    """The IDs of a CRM's own records are not badge IDs."""
    text, expected = CONTACTS[place]

    assert fields(tmp_path / "x.csv", text, LEAD_HEADINGS) == expected


REFUSED = {
    "1,Ana Lopez,a@x.example\n2,Bob Ray,b@x.example\n": "line 1 has an e-mail address instead of headers",
    "<html><body><table><tr><td>Badge</td></tr></table>": "this is a web page, or a table that a website calls",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_list_without_headers_is_refused(tmp_path: Path, text: str) -> None:
    """The first person would be taken for the headers."""
    path = tmp_path / "x.csv"
    path.write_text(text)

    with pytest.raises(ValueError) as raised:
        open_table(path)

    assert str(raised.value).startswith(REFUSED[text])


VALUES = [
    ("Name,Badge", '"Lopez, Ana",1\n"Ray, Bob",2\n', ("Ana Lopez", "Ana", "Lopez", "", "")),
    ("Name,Badge", '"Lopez, Ana",1\nBob Ray,2\nCy Wu,3\n', ("Lopez, Ana", "", "", "", "")),
    ("Name,Email,Badge", '"Ana","a@x.example; b@x.example",1\n', ("Ana", "", "", "a@x.example", "")),
    ("Name,Email,Badge", "Ana,Ana Lopez <a@x.example>,1\n", ("Ana", "", "", "a@x.example", "")),
    ("Name,Email,Badge", "Ana,mailto:a@x.example,1\n", ("Ana", "", "", "a@x.example", "")),
    ("Name,Phone,Badge", "Ana,'0170 5550101,1\n", ("Ana", "", "", "", "0170 5550101")),
    ("Name,Phone,Badge", "Ana,4.93012E+11,1\n", ("Ana", "", "", "", "")),
]


@pytest.mark.parametrize(("header", "rows", "person"), VALUES)
def test_values_are_normalized(tmp_path: Path, header: str, rows: str, person: tuple[str, ...]) -> None:
    """The first of several addresses; no number that lost digits; a name as it is said."""
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n{rows}")

    with open_attendees(path, ListOptions(), BadgeProfile()) as found:
        first = next(found.read_people())

    assert isinstance(first, AttendeeRow)
    contact = first.attendee.contact
    assert (contact.name, contact.first_name, contact.last_name, contact.email, contact.phone) == person
