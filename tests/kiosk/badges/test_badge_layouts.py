"""Badges that a scanner typed with another keyboard layout, or with Caps Lock on."""

import pytest

from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, RARE_PAIRS, LayoutPair, make_layout_pair
from kiosk.badges.layout_memory import LayoutMemory
from kiosk.badges.layout_repair import repair_text, swap_case
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.badges.stored_id import hash_secret, to_stored_id

TO_OTHERS = [layout for layout in LAYOUT_PAIRS if layout.scanner == "US"]
BY_COMPUTER = {layout.computer: layout for layout in TO_OTHERS}
CARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Lopez;Ana\nFN:Ana Lopez\nORG:Initech-Ost\nEMAIL;TYPE=WORK:ana.lopez@example.org\n"
    "TEL:+49-30-123456\nURL:https://example.org/ana_1?x=1\nEND:VCARD"
)
SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
REFUSED = {
    "WIFI:T:WPA;S:Booth;P:hunter2-secret;;": "wifi",
    "otpauth://totp/Acme:ana@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Acme": "login secret",
    "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8": "login secret",
    "HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC *M0II5XHC9B5G2+$N IOP-IA%NFQGRJPC%OQHIZC4.OI1RM8ZA.A5:S9": "health certificate",
}


def read(text: str) -> Badge | RefusedPayload:
    """Read *text*, from any input."""
    return read_badge(text.encode(), text, BadgeProfile())


def stored_payload(text: str) -> str:
    """Return what the database would contain of it: the stored payload, the ID and the answers."""
    reading = read(text)
    if isinstance(reading, RefusedPayload):
        return ""
    payload = text.encode() if reading.stored_payload is None else reading.stored_payload
    return f"{payload.decode()} {reading.badge_id} {dict(reading.answers)}"


def test_every_layout_has_all_keys() -> None:
    assert {(len(layout.typed_keys), len(layout.intended_keys)) for layout in LAYOUT_PAIRS} == {(94, 94)}


@pytest.mark.parametrize("layout", TO_OTHERS, ids=lambda layout: layout.computer)
def test_a_card_is_read_through_every_layout(layout: LayoutPair) -> None:
    check_card(layout.simulate_typing(CARD))


@pytest.mark.parametrize("name", sorted(BY_COMPUTER.keys() - {"Turkish"}))  # whose i and ı are no pair for Python
def test_a_card_is_read_through_every_layout_with_capslock(name: str) -> None:
    check_card(swap_case(BY_COMPUTER[name].simulate_typing(CARD)))


def check_card(typed: str) -> None:
    """Check that *typed* is read as the card."""
    reading = read(typed)

    assert isinstance(reading, Badge)
    contact = reading.contact
    assert (contact.name, contact.company) == ("Ana Lopez", "Initech-Ost")
    assert (contact.email, contact.phone) == ("ana.lopez@example.org", "+49-30-123456")
    assert contact.website == "https://example.org/ana_1?x=1"


@pytest.mark.parametrize("layout", TO_OTHERS, ids=lambda layout: layout.computer)
@pytest.mark.parametrize("payload", REFUSED)
def test_a_secret_is_refused_through_every_layout(payload: str, layout: LayoutPair) -> None:
    reading = read(layout.simulate_typing(payload))

    assert isinstance(reading, RefusedPayload)
    assert reading.kind == REFUSED[payload]


@pytest.mark.parametrize("layout", TO_OTHERS, ids=lambda layout: layout.computer)
def test_a_ticket_in_json_is_stored_without_its_secret_through_every_layout(layout: LayoutPair) -> None:
    typed = layout.simulate_typing(f'{{"lead": "4711", "ticket": "{SECRET}"}}')

    assert SECRET not in stored_payload(typed)
    assert layout.simulate_typing(SECRET) not in stored_payload(typed)


@pytest.mark.parametrize("layout", TO_OTHERS, ids=lambda layout: layout.computer)
def test_an_entry_secret_is_stored_as_its_hash_through_every_layout(layout: LayoutPair) -> None:
    typed = layout.simulate_typing(SECRET)

    assert typed not in stored_payload(typed)
    assert SECRET not in stored_payload(typed)


SECRETS = {
    **{kind: payload for payload, kind in REFUSED.items()},
    "entry secret": SECRET,
    "ticket in JSON": f'{{"lead": "4711", "ticket": "{SECRET}"}}',
    "signed ticket": "E4BibyTSylQOgeKjuMPiTDxi5HXPuTVsx1qCli3IL0143gj0EZXOB9iQInANxRFJTt4Pf9nXnHdB91Qk/RN0L5AIBABSxw2TK"
    "FnSUNUCKAEAPAQA",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("has_capslock", [False, True])
def test_no_secret_is_stored_whatever_both_keyboards_are(kind: str, has_capslock: bool) -> None:
    """Of all pairs, with Caps Lock, too: neither as it is nor as it was typed, from which it can be restored."""
    secret = SECRET if kind == "ticket in JSON" else SECRETS[kind]
    for layout in (*LAYOUT_PAIRS, *RARE_PAIRS):
        if has_capslock and layout.computer == "Turkish":
            continue  # whose i and ı are no pair for Python
        typed, typed_secret = layout.simulate_typing(SECRETS[kind]), layout.simulate_typing(secret)
        if has_capslock:
            typed, typed_secret = swap_case(typed), swap_case(typed_secret)
        stored = stored_payload(typed)

        middle = slice(8, 40)
        assert typed_secret[middle] not in stored, (layout.scanner, layout.computer)
        assert secret[middle] not in stored, (layout.scanner, layout.computer)


def test_a_scanner_set_to_another_layout_types_brackets_and_at_signs_with_alt_on_a_us_keyboard() -> None:
    """Which terminals send as an escape character and a key."""
    german = make_layout_pair("German", "US")
    typed = german.simulate_typing('{"name": "Zoe Lopez", "email": "zoe@example.org"}')
    assert typed.startswith("\x1b7@name")

    reading = read(typed)

    assert isinstance(reading, Badge)
    assert (reading.contact.name, reading.contact.email) == ("Zoe Lopez", "zoe@example.org")
    assert repair_text("\x1b000777") is None  # a scanner that types Esc before each badge


def test_an_entry_secret_in_capitals_is_the_same_secret() -> None:
    """As a badge's ID, too, and in the attendee list."""
    assert read(SECRET.upper()) == Badge(
        "id", badge_id=hash_secret(SECRET), stored_payload=hash_secret(SECRET).encode()
    )
    assert to_stored_id(SECRET.upper()) == to_stored_id(SECRET)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("BEGINÖVCARD\nVERSIONÖ3.0\nNÖLopezöZoe\nENDÖVCARD", "N:Lopey;Yoe"),
        ("httpsÖ--example.org-t-4711", "https://example.org/t/4711"),
        ("0e9a7c0eßb1c2ß4d3eß8f90ßa1b2c3d4e5f6", "0e9a7c0e-b1c2-4d3e-8f90-a1b2c3d4e5f6"),
        ('BEGIN:VCARD\nFN:Zoe\nEMAIL:zoe.lopez"example.org\nEND:VCARD', "zoe.lopez@example.org"),
        ('ann"example.org', "ann@example.org"),
        ("otpauthÖ--totp-Acme_secret´abcd", "secret=abcd"),
        ("otpauthÖ--totp-Acme_secretábcd", "secret=abcd"),
        ("begin:vcard\nfn:zOE lOPEZ\nend:vcard", "FN:Zoe Lopez"),
    ],
)
def test_text_is_repaired_if_its_content_proves_the_layout(typed: str, meant: str) -> None:
    mended = repair_text(typed)

    assert mended is not None
    assert meant in mended.text


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        'BEGIN:VCARD\nFN:Ölwechsel Größ\nORG:"Quotes" Inc\nEMAIL:a@example.org\nEND:VCARD',
        "begin:vcard\nfn:Zoe Lopez\nend:vcard",
        "BEGIN:VCARD\nFN:ZOE LOPEZ\nORG:eVENTS iPAD\nEMAIL:Z@EXAMPLE.ORG\nEND:VCARD",
        "PZD97WTMFJ",
        "PYD97WTMFJ",
        "123-456",
        'Müller; Ana "die" Große',
        '{"name": "Zoë", "company": "Süß & Co"}',
        "HTTPS://EXAMPLE.ORG/T/4711",
        "https://example.org/ü?q=ö",
        "iPhone",
        "https://x.example.org/?d=eyJuYW1lIjoiQW5hIExvcGV6IiwiZW1haWwiOiJhbmFAZXhhbXBsZS5vcmcifQ",
        "eyJuYW1lIjoiQW5hIExvcGV6IiwiZW1haWwiOiJhbmFAZXhhbXBsZS5vcmcifQ",
        "",
    ],
)
def test_correct_text_is_not_changed(text: str) -> None:
    assert repair_text(text) is None


@pytest.mark.parametrize(
    ("typed", "badge_id"), [("QCß157", "QC-157"), ("PWDçèZT?FJ", "PZD97WTMFJ"), ("àà&\"è'", "001374")]
)
def test_an_id_with_impossible_characters_is_repaired(typed: str, badge_id: str) -> None:
    assert read(typed) == Badge("id", badge_id=badge_id)


def test_later_text_that_is_no_id_is_repaired_with_the_proven_layout() -> None:
    """An ID that may be right as typed stays: another scanner may have typed it. A notice names the layout."""
    memory = LayoutMemory()
    german = BY_COMPUTER["German"]
    assert memory.repair_scan("PYD97WTMFJ") == ("PYD97WTMFJ", "")

    text, notice = memory.repair_scan(german.simulate_typing(CARD))
    assert text == CARD
    assert "German" in notice
    assert memory.repair_scan(german.simulate_typing("NAME;ZOE"))[0] == "NAME;ZOE"
    assert memory.repair_scan("123-456")[0] == "123-456"
    assert "German" in memory.repair_scan("123-456")[1]

    assert memory.repair_scan(CARD) == (CARD, "")  # somebody set it right
    assert memory.repair_scan("PZD97WTMFJ") == ("PZD97WTMFJ", "")
