"""No entry secret gets past the readers."""

import base64
import hashlib
import json
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

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
# Typed while Caps Lock is on. Without a digit, or with hexadecimal digits only, it may be a word or a UUID.
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


def as_quoted_printable(text: str) -> str:
    """Return *text* with each byte as `=41`."""
    return "".join(f"={byte:02X}" for byte in text.encode())


def as_character_references(text: str) -> str:
    """Return *text* with each character as `&#65;`."""
    return "".join(f"&#{ord(mark)};" for mark in text)


def as_base64(text: str) -> str:
    """Return *text* in Base64, as links contain it."""
    return quote(base64.b64encode(text.encode()).decode(), safe="")


DECODED = {
    "quoted-printable": lambda text: (
        f"BEGIN:VCARD\nN:L;Ana\nNOTE;ENCODING=QUOTED-PRINTABLE:{as_quoted_printable(text)}\nEND:VCARD"
    ),
    "folded": lambda text: f"BEGIN:VCARD\nFN:Ana\nNOTE:{text[:20]}\n {text[20:]}\nEND:VCARD",
    "JSON": lambda text: json.dumps({"name": "Ana", "company": text}).replace("/", "\\/"),
    "XML": lambda text: (
        f"<vcard><fn><text>Ana</text></fn><note><text>{as_character_references(text)}</text></note></vcard>"
    ),
    "a link": lambda text: (
        f"https://x.eu/?d={as_base64(json.dumps({'name': 'Ana', 'email': 'a@x.org', 'note': text}))}"
    ),
    "a mail": lambda text: f"mailto:a@x.org?body={quote_plus(text)}",
}


@pytest.mark.parametrize("write", DECODED.values(), ids=DECODED)
@settings(max_examples=20, deadline=None)
@given(secret=secrets)
def test_no_secret_is_stored_that_a_reader_decodes(write: Callable[[str], str], secret: str) -> None:
    """Not only the payload as it is printed is searched."""
    text = write(f"my ticket {secret}")

    for profile in PROFILES:
        reading = read_badge(text.encode(), text, profile)

        assert secret[:LEAKED_CHARACTERS] not in repr(reading)
        assert isinstance(reading, RefusedPayload) or reading.stored_payload is not None


def test_a_stored_secret_is_its_sha_256() -> None:
    """The attendee list is compared with nothing but the hash."""
    secret = "abcdefghjkmnpqrstuvwxyz23456789z"

    reading = read_badge(secret.encode(), secret, BadgeProfile())

    assert isinstance(reading, Badge)
    assert reading.badge_id == f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"
