"""The test badge, and codes that are somebody's secret."""

import pytest

from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


@pytest.mark.parametrize(
    "text", ["TESTTEST", "testtesttesttest", "https://x.eu/ev/t/at/TESTTESTTESTTEST/", " TESTTEST\n"]
)
def test_the_test_badge_is_not_a_lead(text: str) -> None:
    """Organisers print TESTTEST…, alone and in a link."""
    assert read(text) == Badge("test")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC", "health certificate"),
        ("shc:/567629095243", "health certificate"),
        ("WIFI:S:Conference;T:WPA;P:hunter2;;", "wifi"),
        ("wifi:S:Conference;;", "wifi"),
        ("otpauth://totp/ACME:ana?secret=JBSWY3DP", "login secret"),
        ("otpauth-migration://offline?data=CjEK", "login secret"),
        ("https://x.eu/events/pg/t/id/8f1c0a/", "entry secret"),
        ("https://pretix.eu/acme/conf/order/AB3CD/k3kf0m2sj4h5k6l7/", "entry secret"),
        ("https://pretix.eu/acme/conf/ticket/AB3CD/1/k3kf0m2sj4h5k6l7/", "entry secret"),
        (f'{{"ticket":"{SECRET}","le', "entry secret"),
        ('{"registrant_id":1,"checkin_secret":"8b7e', "entry secret"),
    ],
)
def test_secrets_are_refused(text: str, kind: str) -> None:
    """A refusal says what it was, and repeats nothing of it."""
    refused = read(text)

    assert isinstance(refused, RefusedPayload) and refused.kind == kind
    assert not any(word in refused.message for word in text.replace("/", ":").split(":") if len(word) > 7)


PREFIXES = ["]Q1", "\x02", "s", "\x02]Q1", "]d2\x1d", "SCAN-7 ", "\ufeff", "]Q3\ufeff"]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "secret", ["WIFI:S:hall;P:hunter2pass;;", "HC1:6BFOXN%TS3DH0YOJ58S", "otpauth://totp/ACME?secret=JBSWY3DP"]
)
def test_a_scanners_prefix_does_not_hide_a_secret(prefix: str, secret: str) -> None:
    """A control character, the symbology identifier, or a configured word."""
    assert isinstance(read(prefix + secret), RefusedPayload)


@pytest.mark.parametrize(
    "text",
    ["17^Ana^wifi: yes", "https://hc1:8080/x", "17;wifi:no;ana@x.org", "BEGIN:VCARD\nFN:Ana\nNOTE:WIFI:no\nEND:VCARD"],
)
def test_a_badge_that_mentions_wifi_is_a_badge(text: str) -> None:
    """The word in a field is not a WiFi code."""
    assert isinstance(read(text), Badge)
