"""Delimited badges without a description in kiosk.toml."""

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


DELIMITED = [
    (
        "155148186443500172ft^Brian^Trainor^",
        Badge("delimited", Contact("", "Brian", "Trainor"), "155148186443500172ft"),
    ),
    (
        "17^Zoë^Müller^z@x.org^ACME^Main St 1^NULL^Floor 2^Bonn^NW^53111^Germany^+49 1",
        Badge(
            "delimited",
            Contact(
                "",
                "Zoë",
                "Müller",
                "z@x.org",
                "+49 1",
                "ACME",
                "",
                "",
                "Main St 1 Floor 2",
                "Bonn",
                "NW",
                "53111",
                "Germany",
            ),
            "17",
        ),
    ),
    ("17^NULL^NULL^NULL^NULL^NULL^NULL^NULL^NULL^NULL^NULL^NULL^NULL", Badge("delimited", badge_id="17")),
    (
        "12345-678::Ana::Lopez::Ana Lopez::::red::blue",
        Badge(
            "delimited",
            Contact("", "Ana", "Lopez"),
            "12345-678",
            {"field 6": "red", "field 7": "blue"},
            unread=("red", "blue"),
        ),
    ),
    (
        "AieshaAaronson_DanubePartner^2427",
        Badge("delimited", Contact("AieshaAaronson", company="DanubePartner"), "2427"),
    ),
    ("4711|820", Badge("delimited", badge_id="4711", answers={"field 2": "820"}, unread=("820",))),
    ("17;Ana;a@x.org", Badge("delimited", Contact(email="a@x.org"), "17", {"field 2": "Ana"}, unread=("Ana",))),
    ("Ana\ta@x.org", Badge("delimited", Contact(email="a@x.org"), answers={"field 1": "Ana"}, unread=("Ana",))),
    ("Ana\na@x.org", Badge("delimited", Contact(email="a@x.org"), answers={"field 1": "Ana"}, unread=("Ana",))),
    (
        f"{SECRET}^Ana^Lopez",
        Badge("delimited", Contact("", "Ana", "Lopez"), HASH, stored_payload=f"{HASH}^Ana^Lopez".encode()),
    ),
    (
        f"17^Ana^Lopez^{SECRET}",
        Badge("delimited", Contact("", "Ana", "Lopez"), "17", stored_payload=f"17^Ana^Lopez^{HASH}".encode()),
    ),
    ("see you at 5; bring tea, 2 cups", Badge("unknown", unread=("see you at 5; bring tea, 2 cups",))),
    ("^^^", Badge("unknown", unread=("^^^",))),
    (";" * 3000, Badge("unknown", unread=(";" * 3000,))),
]


@pytest.mark.parametrize(("text", "badge"), DELIMITED)
def test_a_delimited_badge_is_read_as_far_as_possible(text: str, badge: Badge) -> None:
    """Known layouts are read. Of others only an ID and an e-mail address are used."""
    assert read(text) == badge
