"""Turns the payload of a code into a badge: the formats are tried in order."""

import re
from dataclasses import astuple, replace
from unicodedata import normalize

from kiosk.badges.badge import Badge, BadgeReader, RefusedPayload, ScannedCode
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.charset.double_encoding import fix_double_encoding
from kiosk.badges.charset.guess import guess_text
from kiosk.badges.contact_links import read_address, read_contact_link
from kiosk.badges.delimited import read_delimited
from kiosk.badges.event_badge import read_event_badge
from kiosk.badges.forbidden import read_forbidden
from kiosk.badges.header_row import read_header_row
from kiosk.badges.html import decode_entities
from kiosk.badges.json_object import read_json
from kiosk.badges.labels import read_labels
from kiosk.badges.layout_repair import keep_alt_key, repair_text
from kiosk.badges.link import read_link
from kiosk.badges.mecard import read_mecard
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.redaction import hide_secrets
from kiosk.badges.signed_ticket import read_signed_ticket
from kiosk.badges.text import split_unread_lines
from kiosk.badges.trial_badge import read_test_badge
from kiosk.badges.typed_id import read_typed_id
from kiosk.badges.vcard.card import read_vcard
from kiosk.badges.vcard.xcard import read_xcard

# Order matters: the first reader that understands the payload wins, so formats that identify themselves come first. The
# last two fit almost anything: a bare ID, then an ID typed with the wrong keyboard layout.
_READERS: tuple[BadgeReader, ...] = (
    read_test_badge,
    read_forbidden,
    read_event_badge,
    read_vcard,
    read_mecard,
    read_json,
    read_xcard,
    read_contact_link,
    read_link,
    read_signed_ticket,
    read_header_row,
    read_labels,
    read_delimited,
    read_address,
    read_bare_id,
    read_typed_id,
)

# How much text is read: more than any single symbol holds, and so little that readers are fast on any input.
_MAX_TEXT_CHARACTERS = 8000

# A line of a Base64 picture. Cards exported from an address book may contain one, and are long only because of it.
_BASE64_PICTURE = re.compile(r"(?:\r\n|\r|\n)?[ \t]{0,2}[A-Za-z0-9+/]{50,}={0,2}")

# White space, control characters and invisible marks that scanners, printers and web pages put around a payload.
_STRIPPED_CHARACTERS = "\ufeff\x7f\u2060" + "".join(
    map(chr, (*range(33), *range(0x200B, 0x2010), *range(0x202A, 0x202F)))
)

# A payload in quotation marks, as JSON and CSV write strings.
_QUOTED = re.compile(r'"([^"{}\[\]\\]{2,})"')

# Full-width characters, which a scanner types while a Japanese or Chinese input method is on.
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]+")

# The AIM symbology identifier, such as `]Q1`, that a scanner may type before the payload.
_AIM_PREFIX = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def read_badge(payload: bytes, text: str, profile: BadgeProfile) -> Badge | RefusedPayload:
    """
    Read the badge in *payload*, whose text is *text*; its kind is `unknown` if no reader understands it.

    Never raises, whatever the payload.
    """
    fixed = fix_double_encoding(text) if _is_utf8(payload) else text
    text, is_sure = (fixed, True) if fixed != text else guess_text(payload, text)
    bare = _unwrap_text(text)
    if _FULL_WIDTH.fullmatch(bare):
        bare = normalize("NFKC", bare)
        # The bytes of full-width text are not those of the ID.
        payload = bare.encode()
    code = ScannedCode(payload, bare, profile)
    if repaired := ("\x1b" in text and repair_text(keep_alt_key(text))) or repair_text(bare):
        code = ScannedCode(repaired.text.encode(), repaired.text, profile)
    for read in _READERS:
        reading = read(code)
        if isinstance(reading, Badge):
            doubtful = () if is_sure else _find_doubtful_fields(reading)
            return hide_secrets(replace(reading, unread=(*reading.unread, *doubtful)), code)
        if reading is not None:
            return reading
    return hide_secrets(Badge("unknown", unread=split_unread_lines(code.text)), code)


def _unwrap_text(text: str) -> str:
    """Return *text*, limited in length, without what scanners, printers and other programs put around it."""
    limited = text if len(text) <= _MAX_TEXT_CHARACTERS else _BASE64_PICTURE.sub("", text)
    # Neither a URL nor the database can hold lone surrogates.
    limited = limited[:_MAX_TEXT_CHARACTERS].encode("utf-8", "replace").decode()
    bare = limited.strip(_STRIPPED_CHARACTERS)
    if _AIM_PREFIX.match(bare):
        bare = bare[3:].strip(_STRIPPED_CHARACTERS)
    return found[1].strip(_STRIPPED_CHARACTERS) if (found := _QUOTED.fullmatch(bare)) else decode_entities(bare)


def _is_utf8(payload: bytes) -> bool:
    """Return whether *payload* is UTF-8 text and not empty."""
    try:
        return bool(payload.decode())
    except UnicodeDecodeError:
        return False


def _find_doubtful_fields(badge: Badge) -> list[str]:
    """Return the contact's fields whose letters may be wrong, because the code does not declare its character set."""
    return [value for value in astuple(badge.contact) if not value.isascii() and value not in badge.unread]
