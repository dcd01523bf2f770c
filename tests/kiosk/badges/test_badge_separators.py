"""Delimited badges with any separator: never an address as a whole, and only fields that prove what they are count."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


@pytest.mark.parametrize("separator", [*"/#*!=%&~$_:|;,+- ", "\t", "\n", "\x1c", "\x1d", "\x1e", "\x1f", "::"])
@pytest.mark.parametrize("is_last", [True, False])
def test_delimited_text_is_never_an_address(separator: str, is_last: bool) -> None:
    """The ID and the address are used, the rest is unread."""
    parts = ["4711", "Mia", "Lopez", "ACME", "ana@example.org"] if is_last else ["4711", "ana@example.org", "ACME", "x"]

    badge = read(separator.join(parts))

    assert isinstance(badge, Badge)
    assert (badge.kind, badge.badge_id, badge.contact.email) == ("delimited", "4711", "ana@example.org")
    assert badge.contact.company == ""
    if separator != "::":
        assert tuple(part for part in parts[1:] if part != "ana@example.org") == badge.unread


@pytest.mark.parametrize(
    ("text", "contact", "unread"),
    [
        ("17,Ana,Lopez,ana.lopez@example.org,ACME", Contact("", "Ana", "Lopez", "ana.lopez@example.org"), ("ACME",)),
        ("17,Lopez,Ana,ana_lopez@example.org", Contact("", "Ana", "Lopez", "ana_lopez@example.org"), ()),
        ("17/Lopez/Ana/alopez@example.org", Contact("", "Ana", "Lopez", "alopez@example.org"), ()),
        ("17|Zoë Müller|zoe.mueller@example.org", Contact("Zoë Müller", email="zoe.mueller@example.org"), ()),
        ("17|Łukasz Żak|lukasz.zak@example.org", Contact("Łukasz Żak", email="lukasz.zak@example.org"), ()),
        ("17;Ana;Lopez;a.m.lopez@example.org", Contact("", "Ana", "Lopez", "a.m.lopez@example.org"), ()),
        ("17;Ana;Lo;alo@example.org", Contact(email="alo@example.org"), ("Ana", "Lo")),
        ("17;Ana;Lopez;info@example.org", Contact(email="info@example.org"), ("Ana", "Lopez")),
        (
            "17;Ana;a.roe@initech.example;Initech GmbH;x",
            Contact(email="a.roe@initech.example", company="Initech GmbH"),
            ("Ana", "x"),
        ),
        (
            "17;a@example.org;+49 30 123456;https://example.org/a",
            Contact(email="a@example.org", phone="+49 30 123456", website="https://example.org/a"),
            (),
        ),
        ("17;a@example.org;b@example.org", Contact(email="a@example.org"), ("b@example.org",)),
    ],
)
def test_a_name_is_used_if_the_address_confirms_it(text: str, contact: Contact, unread: tuple[str, ...]) -> None:
    """Also the company that the domain is named after, a phone number with a country code, and a link."""
    badge = read(text)

    assert isinstance(badge, Badge)
    assert (badge.contact, badge.badge_id, badge.unread) == (contact, "17", unread)


@pytest.mark.parametrize(
    "address",
    [
        *("ana_b_c@example.org", "tom&jerry@example.org", "o'brien@example.org", "ana+fair@example.org"),
        *("4711@example.org", "4711_ana@example.org", "a-b-c-d@example.org", "ana@sub-domain.example.org"),
        *("ана@пример.рф", "ana@xn--bcher-kva.example", "a@b.co"),
    ],
)
def test_an_address_may_contain_separators(address: str) -> None:
    """People do have such addresses."""
    assert read(address) == Badge("email", Contact(email=address))


@pytest.mark.parametrize(
    "text",
    ["ana@example", "@example.org", "ana@-example.org", "ana@example-.org", "ana@example.c0m"],
)
def test_an_invalid_address_is_not_used(text: str) -> None:
    """No CRM would accept it."""
    badge = read(text)

    assert isinstance(badge, Badge)
    assert badge.contact == Contact()


def test_fields_of_gs1_make_one_id() -> None:
    """With and without the separator between them, which some scanners leave out."""
    assert read("]d20112345678\x1d21ABC") == read("]d2011234567821ABC") == Badge("id", badge_id="011234567821ABC")
