"""The best of several values, addresses as a whole: PREF, then work; ALTID; companies; several values in one."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge


def read(lines: str) -> Badge:
    """Read the vCard of *lines*."""
    text = f"BEGIN:VCARD\nVERSION:4.0\n{lines}\nEND:VCARD"
    badge = read_badge(text.encode(), text, BadgeProfile())
    assert isinstance(badge, Badge)
    return badge


BEST = [
    ("EMAIL;TYPE=HOME:h@example.org\nEMAIL:u@example.org", {"email": "u@example.org"}),
    ("EMAIL:u@example.org\nEMAIL;TYPE=HOME;PREF=1:h@example.org", {"email": "h@example.org"}),
    ("EMAIL:not known\nEMAIL;TYPE=HOME:h@example.org", {"email": "h@example.org"}),
    ("EMAIL:not known", {"email": "not known"}),
    ("EMAIL:Ana Lopez <ana@example.org>", {"email": "ana@example.org"}),
    ("EMAIL:ana@example.org\\, b@example.org", {"email": "ana@example.org"}),
    ("EMAIL:mailto:ana%40example.org?subject=Hi", {"email": "ana@example.org"}),
    ("TEL;TYPE=HOME:1\nTEL;TYPE=CELL:2", {"phone": "2"}),
    ("TEL;TYPE=HOME:1\nTEL:2", {"phone": "2"}),
    ("TEL;TYPE=CELL:1\nTEL;TYPE=WORK:2", {"phone": "2"}),
    ("TEL;PAGER;PREF:1\nTEL;WORK:2", {"phone": "2"}),
    ("TEL;TYPE=WORK,MODEM:1\nTEL;HOME:2", {"phone": "2"}),
    ("TEL;TYPE=PAGER:1", {"phone": "1"}),
    ("item1.TEL:1\nitem1.X-ABLabel:Work Fax\nitem2.TEL:2\nitem2.X-ABLabel:_$!<Home>!$_", {"phone": "2"}),
    ("item1.TEL:1\nitem1.X-ABLabel:homeFax\nTEL;TYPE=HOME:2", {"phone": "2"}),
    ("URL;HOME:b\nitem1.URL:a\nitem1.X-ABLabel:_$!<HomePage>!$_", {"website": "a"}),
    ("TEL;VALUE=uri:tel:+1-418-656-9254;ext=102", {"phone": "+1-418-656-9254 ext. 102"}),
    ("TEL;VALUE=uri:tel:+1-418-656-9254;phone-context=+1", {"phone": "+1-418-656-9254"}),
    ("URL;TYPE=HOME:http://a.example.org\nURL;TYPE=WORK:http\\://b.example.org", {"website": "http://b.example.org"}),
    ("URL:http://a.example.org\nURL;PREF=1:http://b.example.org", {"website": "http://b.example.org"}),
    ("TITLE:Clerk\nTITLE;PREF=1:Head", {"job_title": "Head"}),
    ("TITLE;TYPE=HOME:Painter\nTITLE;TYPE=WORK:Head", {"job_title": "Head"}),
    ("ROLE:Buyer", {"job_title": "Buyer"}),
    ("ORG;TYPE=HOME:Choir\nORG;TYPE=WORK:ACME\\, Inc.;Sales", {"company": "ACME, Inc."}),
    ("FN;ALTID=1;LANGUAGE=ja:山田太郎\nFN;ALTID=1;LANGUAGE=en;PREF=1:Taro Yamada", {"name": "Taro Yamada"}),
    (
        "N;ALTID=1;LANGUAGE=ja:山田;太郎;;;\nN;ALTID=1;LANGUAGE=en:Yamada;Taro;;;\nFN;LANGUAGE=en:Taro Yamada",
        {"name": "Taro Yamada", "first_name": "Taro", "last_name": "Yamada"},
    ),
    ("N;PREF=2:Roe;Jo\nN;PREF=1:Doe;Jo", {"last_name": "Doe"}),
    ("N:Lopez;Ana,Maria;;;", {"first_name": "Ana Maria", "last_name": "Lopez"}),
    ("N:Lopez;Ana;Pilar;;", {"name": "Ana Pilar Lopez", "first_name": "Ana"}),
    (r"N:Ab\;Peter\;Paul\;\;" "\nFN:Peter Paul Ab", {"first_name": "Peter", "last_name": "Ab"}),
    ("FN:Lopez;Ana;;;", {"name": "Ana Lopez"}),
    ("NICKNAME:Mimi", {"name": "Mimi"}),
    ("KIND:org\nFN:ACME\nEMAIL:info@example.org", {"name": "", "company": "ACME"}),
    ("KIND:individual\nFN:Ana\nORG:ACME", {"name": "Ana", "company": "ACME"}),
    ("FN:ACME\nN:Lopez;Ana\nORG:ACME\nX-ABShowAs:COMPANY", {"name": "", "first_name": "Ana", "company": "ACME"}),
    ("FN:acme\nN:Lopez;Ana\nORG:ACME", {"name": "", "first_name": "Ana", "last_name": "Lopez"}),
    ("EMAIL;X400:c=us\\;o=x\nEMAIL;HOME:h@example.org", {"email": "h@example.org"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), BEST, ids=[lines[:50] for lines, _ in BEST])
def test_the_best_of_several_values_is_used(lines: str, expected: dict[str, str]) -> None:
    """One order for every property: preferred, work, mobile, untyped, home; a fax or a pager last."""
    contact = read(lines).contact

    assert {name: getattr(contact, name) for name in expected} == expected


HOME = "ADR;TYPE=HOME:;;12 Oak St\\nHome City\\, HM 1234;;;;"
CUSTOM = "item2.ADR:;;34 Custom St;Custom City;TX;98765;USA"
CUSTOM_ADDRESS = Contact(address="34 Custom St", city="Custom City", region="TX", postcode="98765", country="USA")

ADDRESSES = [
    (f"{HOME}\n{CUSTOM}", CUSTOM_ADDRESS),
    (f"{CUSTOM}\n{HOME}", CUSTOM_ADDRESS),
    (HOME, Contact(address="12 Oak St Home City, HM 1234")),
    ("ADR;TYPE=WORK:;;;;;;\nADR;TYPE=HOME:;;1 Main St;Town;;;", Contact(address="1 Main St", city="Town")),
    ("ADR:;;1 Main St;Town;;;\nADR;PREF=1:;;;City;;;Peru", Contact(city="City", country="Peru")),
    ("ADR:PO Box 5;Floor 2;1 Main St;Town", Contact(address="1 Main St Floor 2 PO Box 5", city="Town")),
    ("ADR;WORK:1 Main St\\, Town", Contact(address="1 Main St, Town")),
    ("LABEL;WORK:1 Main St\\nTown", Contact(address="1 Main St Town")),
    ('ADR;LABEL="9 Elm St":;;;;;;\nLABEL:1 Main St', Contact(address="1 Main St")),
]


@pytest.mark.parametrize(("lines", "contact"), ADDRESSES)
def test_an_address_is_taken_as_a_whole(lines: str, contact: Contact) -> None:
    """The city of one is never combined with the street of another."""
    assert read(lines).contact == contact


def test_other_values_become_answers() -> None:
    """Other addresses and numbers, the department, the role, a profile, and anything organisers add."""
    badge = read(
        "FN:Ana\nORG:ACME;Sales;North\nTITLE:Head\nROLE:Buyer\nNICKNAME:Annie\nEMAIL:a@example.org\nTEL;WORK:1\nTEL;FAX:2"
        "\nEMAIL;HOME:h@example.org\nURL:http://example.org\nX-SOCIALPROFILE;type=linkedin:https://www.linkedin.com/in/a"
        "\nADR;WORK:;;1 Main St;Town;;;\nADR;HOME:;;2 Elm St;City;;;Peru\nX-DIET:vegan\nTRACK:Data\nCATEGORIES:Speaker"
        "\nNOTE:one\nNOTE:two\nREV:2026\nX-ABUID:7\nBDAY:1990\nPHOTO:http://example.org/a.jpg"
    )

    assert badge.answers == {
        "note": "one two",
        "role": "Buyer",
        "nickname": "Annie",
        "linkedin": "https://www.linkedin.com/in/a",
        "diet": "vegan",
        "track": "Data",
        "categories": "Speaker",
        "department": "Sales, North",
        "other e-mail": "h@example.org",
        "other phone": "2",
        "other address": "2 Elm St, City, Peru",
        "other website": "https://www.linkedin.com/in/a",
    }
    assert badge.unread == ()


def test_a_linkedin_profile_is_the_website_if_there_is_no_other() -> None:
    """And is not repeated among the answers."""
    badge = read("FN:Ana\nX-SOCIALPROFILE;type=linkedin:https://www.linkedin.com/in/a")

    assert badge == Badge("vcard", Contact("Ana", website="https://www.linkedin.com/in/a"))


def test_no_secret_of_a_card_is_an_answer() -> None:
    """It is stored as its hash, whatever property contains it."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"

    badge = read(f"FN:Ana\nX-TICKET:{secret}\n{secret}")

    assert secret not in repr(badge)
    assert badge.stored_payload is not None and badge.stored_payload.count(b"sha256:") == 2
