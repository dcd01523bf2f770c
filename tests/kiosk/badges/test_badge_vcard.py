"""vCards in all the variants that badge printers and keyboard scanners produce."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge


def read(payload: bytes) -> Badge:
    """Read the badge in *payload*, decoded as the camera does if the code declares no character set."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("latin-1")
    badge = read_badge(payload, text, BadgeProfile())
    assert isinstance(badge, Badge)
    return badge


PASSKIT = """BEGIN:VCARD
VERSION:3.0
N:PassKit;Percy
FN:Mr. Percy PassKit
ORG:PassKit;Customer Support
TITLE:Agent
TEL;CELL:(555) 123-4567
EMAIL;WORK:support@passkit.com
END:VCARD"""

PERCY = Contact("Mr. Percy PassKit", "Percy", "PassKit", "support@passkit.com", "(555) 123-4567", "PassKit", "Agent")

LOST = PASSKIT.replace("\n", "")

SHAPES = {
    "LF": PASSKIT,
    "CRLF": PASSKIT.replace("\n", "\r\n"),
    "CR": PASSKIT.replace("\n", "\r"),
    "a literal backslash and n": PASSKIT.replace("\n", "\\n"),
    "line breaks lost by a keyboard": LOST,
    "dozens of blank lines": PASSKIT.replace("\n", "\n" + "\r\n \r\n" * 30),
    "lower case": PASSKIT.replace("EMAIL;WORK", "email;work").replace("TEL;CELL", "tel;cell").replace("BEGIN", "begin"),
    "no VERSION": PASSKIT.replace("VERSION:3.0\n", ""),
    "no END": PASSKIT.replace("\nEND:VCARD", ""),
    "cut off in the END": PASSKIT[:-6],
    "groups": PASSKIT.replace("EMAIL", "item1.EMAIL").replace("TEL", "item2.TEL"),
    "empty values": PASSKIT.replace("TITLE", "EMAIL:\nTEL:\nURL:\nNOTE:\nADR:;;;;;;\nTITLE"),
    "indented lines": PASSKIT.replace("\n", "\n  "),
    "folded lines": PASSKIT.replace("Mr. Percy", "Mr. \n Per\r\n\tcy"),
    "a prefix and a byte order mark": "\ufeff]Q1" + PASSKIT,
    "two cards": PASSKIT + "\n" + PASSKIT.replace("Percy", "Petra"),
    "a picture": PASSKIT.replace("TITLE", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ\n  AAAQABAAD//gA7Q1JF\nTITLE"),
}


@pytest.mark.parametrize("card", SHAPES.values(), ids=SHAPES)
def test_a_card_reads_the_same_in_every_variant(card: str) -> None:
    """Line ends, folding, capitals, a missing VERSION or END do not change the person."""
    badge = read(card.encode())

    assert (badge.kind, badge.contact) == ("vcard", PERCY)


LINES = [
    ("N:Müller;Zoë;;Dr.;", {"first_name": "Zoë", "last_name": "Müller", "name": ""}),
    ("N:山田;太郎", {"first_name": "太郎", "last_name": "山田", "name": "山田 太郎"}),
    ("N:John Doe", {"name": "John Doe", "last_name": ""}),
    (r"N:O\;Neil;Anne\, Marie", {"first_name": "Anne, Marie", "last_name": "O;Neil"}),
    ("FN:محمد الأحمد", {"name": "محمد الأحمد"}),
    ("FN:Иван Петров", {"name": "Иван Петров"}),
    ("FN:김철수", {"name": "김철수"}),
    (r"FN:Anna\, the \\ first\nof her name", {"name": "Anna, the \\ first of her name"}),
    ("FN:\u202eevil\x1b[31m\u2066 name", {"name": "evil[31m name"}),
    ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller=20=\n=E2=82=AC", {"name": "Müller €"}),
    ("FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller", {"name": "Müller"}),
    ("FN;ENCODING=QUOTED-PRINTABLE:M=FCller =92", {"name": "Müller ’"}),
    ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=SHIFT_JIS:=8ER=93c=91=BE=98Y", {"name": "山田太郎"}),
    ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=punycode:M=C3=BCller", {"name": "Müller"}),
    ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=cp999:M=C3=BCller", {"name": "Müller"}),
    ("FN;ENCODING=BASE64:TcO8bGxlcg==", {"name": "Müller"}),
    ("FN;ENCODING=BASE64:not Base64!", {"name": "not Base64!"}),
    ("EMAIL:a@home.org\nEMAIL;TYPE=WORK:b@work.org", {"email": "b@work.org"}),
    ("EMAIL;WORK:b@work.org\nEMAIL;HOME;PREF:a@home.org", {"email": "a@home.org"}),
    ('EMAIL;TYPE="work,x":b@work.org\nEMAIL;PREF=1:a@home.org', {"email": "a@home.org"}),
    ("EMAIL;PREF=20:b@x.org\nEMAIL;PREF=10:a@x.org\nEMAIL;PREF=100:c@x.org", {"email": "a@x.org"}),
    ("EMAIL;TYPE=WORK:b@work.org\nEMAIL;PREF=90:a@home.org", {"email": "a@home.org"}),
    ("EMAIL;PREF=high:b@home.org\nEMAIL;PREF=²:c@home.org\nEMAIL;TYPE=WORK:a@work.org", {"email": "a@work.org"}),
    ("TEL;TYPE=FAX;PREF=1:1\nTEL;PREF=50:2\nTEL;PREF=9:3", {"phone": "3"}),
    ("EMAIL:mailto:a@home.org", {"email": "a@home.org"}),
    ('TEL;VALUE=uri;TYPE="voice,work":tel:+1-555-555;ext=1', {"phone": "+1-555-555 ext. 1"}),
    ('TEL;LABEL="a:b":+49 1', {"phone": "+49 1"}),
    ('TEL;LABEL="a:+49 1', {"phone": "+49 1"}),
    ("TEL;WORK;FAX:1\nTEL;HOME:2", {"phone": "2"}),
    ("TEL;FAX:1", {"phone": "1"}),
    ("URL:https://x.org/a?b=1", {"website": "https://x.org/a?b=1"}),
    (
        "ADR;WORK:;Floor 2;Main St 1;Berlin;BE;10115;Germany",
        {"address": "Main St 1 Floor 2", "city": "Berlin", "region": "BE", "postcode": "10115", "country": "Germany"},
    ),
    ("ADR:;;Main St 1;Berlin", {"address": "Main St 1", "city": "Berlin", "country": ""}),
    ("no colon here\nFN:Ana", {"name": "Ana"}),
]


@pytest.mark.parametrize(("lines", "expected"), LINES, ids=[lines[:40] for lines, _ in LINES])
def test_properties_follow_their_version_of_the_standard(lines: str, expected: dict[str, str]) -> None:
    """Names, addresses and numbers come out whole, in every script and encoding."""
    contact = read(f"BEGIN:VCARD\nVERSION:2.1\n{lines}\nEND:VCARD".encode()).contact

    assert {name: getattr(contact, name) for name in expected} == expected


@pytest.mark.parametrize("line", ["EVENTYAY:941", "X-SOCIALPROFILE;TYPE=EVENTYAY:941", "item3.X-BADGE-ID: 941 "])
def test_an_id_inside_a_card_is_the_badge_id(line: str) -> None:
    """Organisers put the badge's ID into properties of their own."""
    badge = read(f"BEGIN:VCARD\nFN:Ana\n{line}\nEND:VCARD".encode())

    assert badge.badge_id == "941"


def test_an_entry_secret_inside_a_card_is_stored_as_its_hash() -> None:
    """The ID of a card may be an entry secret."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"

    badge = read(f"BEGIN:VCARD\nFN:Ana\nEVENTYAY:{secret}\nEND:VCARD".encode())

    assert badge.badge_id.startswith("sha256:")
    assert badge.stored_payload == f"BEGIN:VCARD\nFN:Ana\nEVENTYAY:{badge.badge_id}\nEND:VCARD".encode()


def test_a_note_becomes_an_answer() -> None:
    """Whatever the contact has no field for is kept beside it."""
    badge = read(b"BEGIN:VCARD\nFN:Ana\nNOTE:vegan\\, talks\\nSpanish\nEND:VCARD")

    assert badge.answers == {"note": "vegan, talks Spanish"}


def test_an_endless_field_is_cut_off() -> None:
    """A field has at most 300 characters."""
    badge = read(b"BEGIN:VCARD\nFN:" + b"a" * 2900)

    assert badge.contact.name == "a" * 300
