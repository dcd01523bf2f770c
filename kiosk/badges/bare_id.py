"""A badge that is nothing but an ID, which the attendee list turns into a person, now or after the show."""

import re

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.stored_id import ENTRY_SECRET, redact_secrets, to_stored_id

_ID_PATTERN = re.compile(r"[\w.:/#+=*-]{2,120}", re.ASCII)

# An ID that happens to have no digit. A word in lower case is not an ID.
_CAPITALS_PATTERN = re.compile(r"[A-Z]{6,40}")

# FNC1, which separates the fields of GS1 codes; some scanners leave it out.
_FIELD_END = "\x1d"

_DIGIT_PATTERN = re.compile(r"\d", re.ASCII)

# Prefixes of payloads that are meant for a program; they are not IDs of people.
_NON_PERSON_SCHEMES = re.compile(
    r"(?:geo|market|intent|bitcoin|ethereum|lightning|upi|sip|sips|xmpp|skype|facetime|maps|urn|data|javascript|file"
    r"|ftp|irc|magnet|bcd|spc|mebkm|lpa|begin|sms|smsto|mms|mmsto|tel|mailto|smtp):",
    re.IGNORECASE,
)


def read_bare_id(code: ScannedCode) -> Badge | None:
    """Read an ID on its own: `PZD97WTMFJ`, `000012`, a UUID, an entry secret (stored as its hash), and the like."""
    text = code.text.replace(_FIELD_END, "")
    if _NON_PERSON_SCHEMES.match(text):
        return None
    if ENTRY_SECRET.fullmatch(text):
        return Badge("id", badge_id=to_stored_id(text), stored_payload=redact_secrets(code.payload, [text]))
    if _CAPITALS_PATTERN.fullmatch(text) or (_ID_PATTERN.fullmatch(text) and _DIGIT_PATTERN.search(text)):
        return Badge("id", badge_id=to_stored_id(text))
    return None
