"""No entry secret gets past the readers."""

import base64
import hashlib
import string
from urllib.parse import quote

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


@st.composite
def signed_tickets(draw: st.DrawFn) -> str:
    """Draw a signed ticket of pretix: its signature has 64 bytes, and its padding, if any, is in front."""
    seed = draw(st.text(string.ascii_letters + string.digits, min_size=9, max_size=12)).encode()
    body = b"\n" + bytes([len(seed)]) + seed + draw(st.sampled_from([b"", b"\x10\x01", b"\x10\x81\x02\x18\x07"]))
    signature = hashlib.sha512(draw(st.binary())).digest()
    data = b"\x01" + len(body).to_bytes(2, "big") + len(signature).to_bytes(2, "big") + body + signature
    return base64.b64encode(data).decode()[::-1]


lower_case_secrets = st.text(string.ascii_lowercase + string.digits, min_size=32, max_size=32).filter(
    lambda text: any(mark > "f" for mark in text)
)
# Typed while CapsLock is on. Without a digit, or with hexadecimal digits only, it may be a word or a UUID.
upper_case_secrets = lower_case_secrets.map(str.upper).filter(lambda text: any(mark.isdigit() for mark in text))

secrets = st.one_of(lower_case_secrets, upper_case_secrets, signed_tickets())

# The beginning of a signed ticket is the end of its signature. As much of any secret must not be stored.
LEAKED_CHARACTERS = 24

CARRIERS = [
    *("{}", " {}\n", "17^Ana^{}", "{}::Ana::Lopez::Ana", "{};a@x.org", "BEGIN:VCARD\nFN:Ana\nEVENTYAY:{}\nEND:VCARD"),
    *('{{"ticket":"{}"}}', '{{"ticket":"{}","lead":"AB12"}}', '{{"name":"{}"}}', '{{"code":"{}"}}'),
    *('{{"checkin_secret": "{}", "na', "WIFI:S:x;P:{};;", "otpauth://totp/x?secret={}"),
    *("hello {} there", "Name: Ana\nTicket: {}", "Name: Ana\nNote: my ticket is {}", "name,ticket\nAna,{}"),
    *("MECARD:N:Ana;NOTE:{};;", "MECARD:N:Ana;NOTE:my ticket ({}), row 7;URL:{};;", "BIZCARD:N:Ana;X:Lopez;T:{};;"),
    *("<vcard><fn><text>Ana</text></fn><org><text>{}</text></org></vcard>", "BEGIN:VCARD\nFN:{}\nORG:{}\nEND:VCARD"),
    *("Name: Ana {}\nCompany={}", "Ticket={}\nName=Ana", '{{"name":"Ana","company":"ACME {}"}}', "AB12|{}|a@x.org"),
    *("BEGIN:VCARD\nFN:Ana\nNOTE:ticket {}\nEND:VCARD", "mailto:a@x.org?body={}"),
    *(
        '["vcard",[["fn",{{}},"text","Ana"],["note",{{}},"text","{}"]]]',
        '[{{"name":"Ana"}},{{"code":"{}"}}]',
        "4711/{}/a@x.org",
    ),
    *("<vcard><fn><text>Ana</text></fn><note><text>{}</text></note></vcard>", "SMSTO:+4915112345678:{}"),
    *("https://x.eu/?name=Ana+Lopez&email=a@x.org&ticket={}", "https://x.eu/#BEGIN:VCARD%0AFN:Ana%0ANOTE:{}"),
    *("https://x.eu/#name=Ana+Lopez&email=a@x.org&ticket={}", "https://x.eu/?email=a@x.org&company=my+ticket+{}"),
    *(f"BEGIN:VCARD\nFN:{'Ana ' * count}{{}}\nEND:VCARD" for count in (66, 69, 72)),
    *("https://x.eu/t/id/{}/", "https://x.eu/b?secret={}", "https://x.eu/a/order/AB3CD/{}/"),
]


@pytest.mark.parametrize("carrier", CARRIERS)
@settings(max_examples=20, deadline=None)
@given(secret=secrets)
def test_no_entry_secret_is_stored(carrier: str, secret: str) -> None:
    """Wherever the secret is, neither the ID, the answers nor the stored bytes contain it."""
    # A link has to be percent-encoded: a signed ticket may contain `/`, `+` and `=`.
    written = quote(secret, safe="") if carrier.startswith("http") else secret
    text = carrier.format(*[written] * carrier.count("{}"))

    for profile in PROFILES:
        reading = read_badge(text.encode(), text, profile)

        assert secret[:LEAKED_CHARACTERS] not in repr(reading)
        # Some carriers are refused whole under some profiles; any other must say what may be stored instead.
        assert isinstance(reading, RefusedPayload) or reading.stored_payload is not None


def test_a_stored_secret_is_its_sha_256() -> None:
    """The attendee list is compared with nothing but the hash."""
    secret = "abcdefghjkmnpqrstuvwxyz23456789z"

    reading = read_badge(secret.encode(), secret, BadgeProfile())

    assert isinstance(reading, Badge)
    assert reading.badge_id == f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"
