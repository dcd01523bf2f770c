"""The event's own badges: `[badges]` in kiosk.toml."""

import signal
import time

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"

PIPES = BadgeProfile("||", ("last_name", "first_name", "", "company", "id"), "NULL", r"EV-(\d+)|[a-z]{3}")
SEMICOLONS = BadgeProfile(";", ("id", "name"))

READINGS = [
    (PIPES, "Müller||Zoë||x||NULL||17", Badge("event", Contact("", "Zoë", "Müller"), "17")),
    (PIPES, "山田||太郎", Badge("event", Contact("", "太郎", "山田"))),
    (PIPES, "NULL||||a||b||17||more||fields", Badge("event", Contact(company="b"), "17", unread=("more", "fields"))),
    (PIPES, f"NULL||||||||{SECRET}", Badge("event", badge_id=HASH, stored_payload=f"NULL||||||||{HASH}".encode())),
    (PIPES, "NULL||||||", Badge("unknown", unread=("NULL||||||",))),
    (PIPES, "EV-0042", Badge("event", badge_id="0042")),
    (PIPES, "abc", Badge("event", badge_id="abc")),
    (PIPES, "EV-0042 ", Badge("event", badge_id="0042")),
    (PIPES, "EV-", Badge("unknown", unread=("EV-",))),
    (SEMICOLONS, "17;Ana", Badge("event", Contact("Ana"), "17")),
    (SEMICOLONS, "BEGIN:VCARD\nN:Lopez;Ana\nEND:VCARD", Badge("vcard", Contact("", "Ana", "Lopez"))),
    (SEMICOLONS, "MECARD:N:Lopez,Ana;;", Badge("mecard", Contact("", "Ana", "Lopez"))),
    (SEMICOLONS, '{"name":"Ana;Lopez"}', Badge("json", Contact("Ana;Lopez"))),
    (BadgeProfile(id_pattern="[0-9a-z]{32}"), SECRET, Badge("event", badge_id=HASH, stored_payload=HASH.encode())),
]


@pytest.mark.parametrize(("profile", "text", "badge"), READINGS)
def test_the_events_own_badges_are_read_by_its_description(profile: BadgeProfile, text: str, badge: Badge) -> None:
    """Order, skipped fields, the placeholder for empty, and the pattern. Self-describing formats are not affected."""
    assert read_badge(text.encode(), text, profile) == badge


def test_secrets_are_refused_before_the_profile() -> None:
    """No separator turns a WiFi code into a badge."""
    reading = read_badge(b"WIFI:S:x;P:y;;", "WIFI:S:x;P:y;;", SEMICOLONS)

    assert reading.kind == "wifi"


@pytest.mark.parametrize(
    ("profile", "complaint"),
    [
        (BadgeProfile("^", ("id", "e-mail")), "fields: unknown field 'e-mail'. Choose from id, name, first_name,"),
        (BadgeProfile("^", ("id", "", "", "id")), "fields: 'id' is listed 2 times. List each field once."),
        (BadgeProfile("^"), "fields: list the fields that the separator divides"),
        (BadgeProfile(fields=("id",)), "separator: set what separates the fields"),
        (BadgeProfile(id_pattern="(["), "id_pattern: not a regular expression: "),
        (BadgeProfile(id_pattern=r"\d*"), "id_pattern: it matches an empty badge, too"),
    ],
)
def test_an_invalid_setting_is_refused_with_its_key(profile: BadgeProfile, complaint: str) -> None:
    """The sentence begins with the key, and says what to change."""
    with pytest.raises(ValueError) as raised:
        profile.check()

    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize("profile", [BadgeProfile(), PIPES, SEMICOLONS])
def test_a_valid_setting_is_accepted(profile: BadgeProfile) -> None:
    """Nothing is said of what is in order."""
    profile.check()


SLOW = [
    *(
        r"(a+)+b",
        r"(a*)*b",
        r"(a|aa)+b",
        r"(?:a|a)*[b-z]",
        r"PZD-(\d+)+X",
        r"\d{4}-(?:[A-Z]+)*-",
        r"([^-]+)+-",
        r"(.+)+\d",
    ),
    *(r"(\w+\d*)+x", r"(?i)(é+)+x", r"(\s*x?)+y", r"(\w*){20}!x", r"\w*\w*\w*\w*\w*x", r"(?:(?:ab)+)+c", r"(a+?)+?b"),
]


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_takes_forever_is_refused(pattern: str) -> None:
    """Before the show, and not when a badge that triggers it is held up."""
    began = time.process_time()

    with pytest.raises(ValueError, match="id_pattern: some badges would take it forever"):
        BadgeProfile(id_pattern=pattern).check()

    assert time.process_time() - began < 5
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL


FAST = [
    *("[A-Z0-9]{10}", r"EV-(\d+)|[a-z]{3}", r"\w+", ".+", "[0-9a-z]{32}", r"(?:[A-Z]{2}\d{3}-)*\d+", r"[A-Z]+-\d+-\d+"),
    *(
        r"(?=.*\d)\w{6,}",
        r"(?P<id>\w+)/(?P=id)",
        r"(?>a+)+b",
        r"(?:a++)+b",
        r"[^|]+\|(\d+)",
        r"(?i:pzd)\d{1,9}(?:/\d)?",
        r"\bx\b$",
    ),
]


@pytest.mark.parametrize("pattern", FAST)
def test_patterns_that_events_use_are_fast(pattern: str) -> None:
    """Look-ahead, named groups and bounded repeats are allowed, and matching a badge takes no time."""
    profile = BadgeProfile(id_pattern=pattern)
    profile.check()

    texts = [mark * count for mark in "aA0-é" for count in (40, 200)]
    began = time.process_time()
    for text in texts:
        read_badge(text.encode(), text, profile)
    assert time.process_time() - began < 0.5
