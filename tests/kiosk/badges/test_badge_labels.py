"""Badges that name their fields: labelled lines, header rows, links to write or call, cards as JSON and XML."""

import base64
import json

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


ANA = Contact("Ana Lopez", email="ana@example.org", company="ACME")

LABELS = [
    ("Name: Ana Lopez\nCompany: ACME\nEmail: ana@example.org", ANA),
    ("Name: Ana Lopez; Company: ACME; Email: ana@example.org", ANA),
    ("Name: Ana Lopez, Company: ACME, E-mail: ana@example.org", ANA),
    ("Name = Ana Lopez | Organisation = ACME | Mail = ana@example.org", ANA),
    ("NAME\tAna Lopez\r\nCOMPANY\tACME\r\nEMAIL\tana@example.org", ANA),
    ("Name - Ana Lopez\nCompany - ACME\nEmail - ana@example.org", ANA),
    (
        "Vorname: Ana\nName: Lopez\nFirma: ACME\nE-Mail: ana@example.org",
        Contact("", "Ana", "Lopez", "ana@example.org", company="ACME"),
    ),
    (
        "Nom : Dupont\nPrénom : Léa\nSociété : ACME\nFonction : DSI",
        Contact("", "Léa", "Dupont", company="ACME", job_title="DSI"),
    ),
    (
        "Nombre: Ana\nApellidos: López Díaz\nEmpresa: ACME\nCargo: CTO",
        Contact("", "Ana", "López Díaz", company="ACME", job_title="CTO"),
    ),
    (
        "Nome: Ugo\nCognome: Riva\nAzienda: ACME\nCellulare: +39 1",
        Contact("", "Ugo", "Riva", phone="+39 1", company="ACME"),
    ),
    (
        "Voornaam: Jan\nAchternaam: de Wit\nBedrijf: ACME\nE-mailadres: jan@example.org",
        Contact("", "Jan", "de Wit", "jan@example.org", company="ACME"),
    ),
    (
        "Imię: Łucja\nNazwisko: Żak\nFirma: ACME\nStanowisko: CTO",
        Contact("", "Łucja", "Żak", company="ACME", job_title="CTO"),
    ),
    (
        "Förnamn: Åsa\nEfternamn: Ek\nFöretag: ACME\nE-post: asa@example.org",
        Contact("", "Åsa", "Ek", "asa@example.org", company="ACME"),
    ),
    ("姓名：王伟\n公司：ACME\n手机：13800000000", Contact("王伟", phone="13800000000", company="ACME")),
    ("氏名: 山田太郎\n会社名: ACME\n役職: 部長", Contact("山田太郎", company="ACME", job_title="部長")),
    ("Title: Mr\nName: Bo Roe", Contact("Bo Roe")),
    ("Email: ana@example.org", Contact(email="ana@example.org")),
    ("name,email,company\nAna Lopez,ana@example.org,ACME", ANA),
    ('Firma;Name;E-Mail\n"ACME";"Ana Lopez";ana@example.org', ANA),
]


@pytest.mark.parametrize(("text", "contact"), LABELS)
def test_labelled_lines_are_read(text: str, contact: Contact) -> None:
    """In the languages of trade shows, with any separator."""
    assert read(text) == Badge("labels", contact)


def test_unknown_labels_become_answers() -> None:
    """Text without a label is unread. The ID is the badge's; a kind of badge is not an ID."""
    badge = read("Expo 2026\nName: Ana Lopez\nBadge-ID: 000017\nDiet: vegan\nWelcome!")
    kind = read("Name: Ana Lopez\nBadge: Visitor")

    assert badge == Badge("labels", Contact("Ana Lopez"), "000017", {"Diet": "vegan"}, unread=("Expo 2026", "Welcome!"))
    assert kind == Badge("labels", Contact("Ana Lopez"))


@pytest.mark.parametrize("label", ["Ticket", "Secret", "Code"])
def test_a_secret_under_a_label_is_not_stored(label: str) -> None:
    """Its hash identifies the badge."""
    badge = read(f"Name: Ana Lopez\n{label}: {SECRET}")

    assert badge == Badge(
        "labels", Contact("Ana Lopez"), HASH, stored_payload=f"Name: Ana Lopez\n{label}: {HASH}".encode()
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Session name: Keynote\nRoom: 5",
            "Note: bring tea",
            "Company: ACME",
            "geo:37.78,-122.39",
            "bitcoin:1A1zP1eP",
        ),
        *("market://details?id=org.example", "MEBKM:TITLE:Expo;URL:http\\://example.org;;", "Welcome: hello"),
        *("BEGIN:VEVENT\nSUMMARY:Talk by Ana\nEND:VEVENT", "Platz 7: links"),
    ],
)
def test_text_without_a_person_is_not_a_person(text: str) -> None:
    """A room, a map location, an appointment."""
    badge = read(text)

    assert isinstance(badge, Badge)
    assert (badge.kind, badge.contact, badge.badge_id) == ("unknown", Contact(), "")
    assert tuple(text.splitlines()) == badge.unread


LINKS = [
    ("tel:+1-418-656-9254;ext=5", Badge("phone", Contact(phone="+1-418-656-9254 ext. 5"))),
    ("SMSTO:+15551234567:Hi there", Badge("phone", Contact(phone="+15551234567"), answers={"message": "Hi there"})),
    (
        "sms:+15551234567?body=Hi%20there",
        Badge("phone", Contact(phone="+15551234567"), answers={"message": "Hi there"}),
    ),
    ("smsto:5551234567", Badge("phone", Contact(phone="5551234567"))),
    ("https://wa.me/15551234567?text=Hi", Badge("phone", Contact(phone="+15551234567"), answers={"message": "Hi"})),
    ("https://api.whatsapp.com/send?phone=15551234567", Badge("phone", Contact(phone="+15551234567"))),
    ("mailto:?to=ana@example.org", Badge("email", Contact(email="ana@example.org"))),
    (
        "mailto:ana@example.org,ben@example.org",
        Badge("email", Contact(email="ana@example.org"), answers={"other e-mail": "ben@example.org"}),
    ),
    (
        "mailto:ana@example.org?cc=ben@example.org&subject=Hi&body=Call",
        Badge(
            "email",
            Contact(email="ana@example.org"),
            answers={"subject": "Hi", "body": "Call", "other e-mail": "ben@example.org"},
        ),
    ),
    ("mailto:Ana%20Lopez%20%3Cana@example.org%3E", Badge("email", Contact("Ana Lopez", email="ana@example.org"))),
    ("SMTP:ana@example.org:Hello", Badge("email", Contact(email="ana@example.org"), answers={"subject": "Hello"})),
]


@pytest.mark.parametrize(("text", "badge"), LINKS)
def test_a_contact_link_is_the_person_it_reaches(text: str, badge: Badge) -> None:
    """The text of the message is an answer."""
    assert read(text) == badge


WHOLE = Contact(
    *("Ana Lopez", "Ana", "Lopez", "ana@example.org", "+1-555-0100 ext. 3", "ACME", "CTO", ""),
    *("1 Main St", "Town", "TX", "78626", "USA"),
)

JCARD = json.dumps(
    [
        "vcard",
        [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Ana Lopez"],
            ["n", {}, "text", ["Lopez", "Ana", "", "", ""]],
            ["email", {"type": "home"}, "text", "h@example.org"],
            ["email", {"pref": "1"}, "text", "ana@example.org"],
            ["tel", {"type": ["work", "voice"]}, "uri", "tel:+1-555-0100;ext=3"],
            ["title", {}, "text", "CTO"],
            ["adr", {"type": "work"}, "text", ["", "", "1 Main St", "Town", "TX", "78626", "USA"]],
            ["org", {}, "text", ["ACME", "Sales"]],
        ],
    ]
)

XCARD = """<?xml version="1.0" encoding="UTF-8"?>
<vcards xmlns="urn:ietf:params:xml:ns:vcard-4.0"><vcard>
 <fn><text>Ana Lopez</text></fn><n><surname>Lopez</surname><given>Ana</given><additional/><prefix/><suffix/></n>
 <email><parameters><type><text>home</text></type></parameters><text>h@example.org</text></email>
 <email><parameters><pref><integer>1</integer></pref></parameters><text>ana@example.org</text></email>
 <group name="item1">
  <tel><parameters><type><text>work</text></type></parameters><uri>tel:+1-555-0100;ext=3</uri></tel></group>
 <title><text>CTO</text></title><org><text>ACME</text><text>Sales</text></org>
 <adr><pobox/><ext/><street>1 Main St</street><locality>Town</locality><region>TX</region><code>78626</code>
  <country>USA</country></adr>
</vcard></vcards>"""

JABBER = """<vCard xmlns='vcard-temp'><FN>Ana Lopez</FN><N><FAMILY>Lopez</FAMILY><GIVEN>Ana</GIVEN></N>
<EMAIL><HOME/><USERID>h@example.org</USERID></EMAIL><EMAIL><INTERNET/><PREF/><USERID>ana@example.org</USERID></EMAIL>
<TEL><WORK/><VOICE/><NUMBER>+1-555-0100 ext. 3</NUMBER></TEL><TITLE>CTO</TITLE>
<ORG><ORGNAME>ACME</ORGNAME><ORGUNIT>Sales</ORGUNIT></ORG>
<ADR><WORK/><STREET>1 Main St</STREET><LOCALITY>Town</LOCALITY><REGION>TX</REGION>
<PCODE>78626</PCODE><CTRY>USA</CTRY></ADR>
</vCard>"""


@pytest.mark.parametrize("text", [JCARD, XCARD, JABBER, f"[{JCARD}]"], ids=["jCard", "xCard", "Jabber", "jCards"])
def test_a_card_as_json_or_xml_is_a_vcard(text: str) -> None:
    """RFC 7095, RFC 6351 and XEP-0054 give the same person as a vCard."""
    assert read(text) == Badge("vcard", WHOLE, answers={"department": "Sales", "other e-mail": "h@example.org"})


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE v [<!ENTITY a 'Ana'>]><vcard><fn><text>&a;</text></fn></vcard>",
        "<?xml version='1.0'?><!DOCTYPE v [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><vcard><note>&a;</note></vcard>",
        "<vcard><fn><text>Ana",
        "<vcards></vcards>",
    ],
)
def test_xml_that_declares_entities_or_is_broken_is_not_read(text: str) -> None:
    """Entities can make a short document grow without limit."""
    assert read(text) == Badge("unknown", unread=(text,))


INNER = '{"name":"Ana Lopez","email":"ana@example.org","company":"ACME"}'

PERSON_LINKS = [
    ("https://x.example.org/u?email=ana%40example.org&name=Ana+Lopez&company=ACME", Badge("link", ANA)),
    (
        "https://x.example.org/u?fn=Ana&ln=Lopez&id=17&utm_source=qr&diet=vegan",
        Badge("link", Contact("", "Ana", "Lopez"), "17", {"diet": "vegan"}),
    ),
    (
        "https://x.example.org/?firstName=Ana&lastName=Lopez&emailAddress=ana@example.org",
        Badge("link", Contact("", "Ana", "Lopez", "ana@example.org")),
    ),
    (
        "https://x.example.org/#/card?full_name=Ana%20Lopez&mobile=%2B34%20600%20100",
        Badge("link", Contact("Ana Lopez", phone="+34 600 100")),
    ),
    ("https://x.example.org/?d=" + base64.urlsafe_b64encode(INNER.encode()).decode().rstrip("="), Badge("json", ANA)),
    ("https://x.example.org/?d=%7B%22name%22%3A%22Ana%20Lopez%22%7D", Badge("json", Contact("Ana Lopez"))),
    (
        "https://x.example.org/#" + base64.b64encode(b"BEGIN:VCARD\nFN:Ana Lopez\nEND:VCARD").decode(),
        Badge("vcard", Contact("Ana Lopez")),
    ),
    (
        "https://x.example.org/session?name=Keynote&title=AI",
        Badge("link", badge_id="https://x.example.org/session?name=Keynote&title=AI"),
    ),
    ("https://x.example.org/?name=Expo", Badge("link", badge_id="https://x.example.org/?name=Expo")),
    (
        f"https://x.example.org/?email=ana@example.org&ticket={SECRET}",
        Badge("link", badge_id=HASH, stored_payload=b"https://x.example.org/?email=ana%40example.org"),
    ),
    ('{"vcard":"BEGIN:VCARD\\nFN:Ana Lopez\\nEND:VCARD"}', Badge("vcard", Contact("Ana Lopez"))),
    (f"[{INNER}]", Badge("json", ANA)),
    (f'[{INNER},{{"name":"Ben Roe"}}]', Badge("json", ANA, unread=('{"name": "Ben Roe"}',))),
    (
        '["4711","Ana","Lopez","ana.lopez@example.org"]',
        Badge("delimited", Contact("", "Ana", "Lopez", "ana.lopez@example.org"), "4711"),
    ),
]


@pytest.mark.parametrize(("text", "badge"), PERSON_LINKS)
def test_a_person_inside_a_link_or_json_is_found(text: str, badge: Badge) -> None:
    """In the query, in the fragment, as a card, JSON or Base64. A page with a name is not a person."""
    assert read(text) == badge
