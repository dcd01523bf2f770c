"""No entry secret gets past the readers."""

import hashlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile

PROFILES = [
    BadgeProfile(),
    BadgeProfile(separator=";", fields=("id", "name")),
    BadgeProfile(separator="^", fields=("name", "id", "company"), id_pattern=r"\w+"),
    BadgeProfile(separator="::", fields=("name", "email", "id")),
]

secrets = st.text(string.ascii_lowercase + string.digits, min_size=32, max_size=32).filter(
    lambda text: any(mark > "f" for mark in text)
)

CARRIERS = [
    *("{}", " {}\n", "17^Ana^{}", "{}::Ana::Lopez::Ana", "{};a@x.org", "BEGIN:VCARD\nFN:Ana\nEVENTYAY:{}\nEND:VCARD"),
    *('{{"ticket":"{}"}}', '{{"ticket":"{}","lead":"AB12"}}', '{{"name":"{}"}}', '{{"code":"{}"}}'),
    *('{{"checkin_secret": "{}", "na', "WIFI:S:x;P:{};;", "otpauth://totp/x?secret={}"),
    *("hello {} there", "Name: Ana\nTicket: {}", "Name: Ana\nNote: my ticket is {}", "name,ticket\nAna,{}"),
    *("MECARD:N:Ana;NOTE:{};;", "BEGIN:VCARD\nFN:Ana\nNOTE:ticket {}\nEND:VCARD", "mailto:a@x.org?body={}"),
    *(
        '["vcard",[["fn",{{}},"text","Ana"],["note",{{}},"text","{}"]]]',
        '[{{"name":"Ana"}},{{"code":"{}"}}]',
        "4711/{}/a@x.org",
    ),
    *("<vcard><fn><text>Ana</text></fn><note><text>{}</text></note></vcard>", "SMSTO:+4915112345678:{}"),
    *("https://x.eu/?name=Ana+Lopez&email=a@x.org&ticket={}", "https://x.eu/#BEGIN:VCARD%0AFN:Ana%0ANOTE:{}"),
    *("https://x.eu/t/id/{}/", "https://x.eu/b?secret={}", "https://x.eu/a/order/AB3CD/{}/"),
]


@pytest.mark.parametrize("carrier", CARRIERS)
@settings(max_examples=20, deadline=None)
@given(secret=secrets)
def test_no_entry_secret_is_stored(carrier: str, secret: str) -> None:
    """Wherever the secret is, neither the ID, the answers nor the stored bytes contain it."""
    text = carrier.format(secret)

    for profile in PROFILES:
        reading = read_badge(text.encode(), text, profile)

        assert secret not in repr(reading)
        # Some carriers are refused whole under some profiles; any other must say what may be stored instead.
        assert isinstance(reading, RefusedPayload) or reading.stored_payload is not None


def test_a_stored_secret_is_its_sha_256() -> None:
    """The attendee list is compared with nothing but the hash."""
    secret = "abcdefghjkmnpqrstuvwxyz23456789z"

    reading = read_badge(secret.encode(), secret, BadgeProfile())

    assert isinstance(reading, Badge)
    assert reading.badge_id == f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"
