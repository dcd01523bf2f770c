"""An id alone, which the attendee list turns into a person, now or after the show."""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.stored_id import SECRET, stored_id, without_secrets

ID = re.compile(r"[\w.:/#+=*-]{2,120}", re.ASCII)

CAPITALS = re.compile(r"[A-Z]{6,40}")
"""An id that happens to have no digit; a word in small letters is none."""

_FIELD_END = "\x1d"
"""FNC1, which GS1 codes have between their fields; some scanners leave it out."""

DIGIT = re.compile(r"\d", re.ASCII)


NOT_OF_A_PERSON = re.compile(
    r"(?:geo|market|intent|bitcoin|ethereum|lightning|upi|sip|sips|xmpp|skype|facetime|maps|urn|data|javascript|file"
    r"|ftp|irc|magnet|bcd|spc|mebkm|lpa|begin|sms|smsto|mms|mmsto|tel|mailto|smtp):",
    re.IGNORECASE,
)
"""How payloads begin that are for a program, and not somebody's id."""


def read_bare_id(code: Code) -> Badge | None:
    """`PZD97WTMFJ`, `752327237937711035001`, `SBpax001`, `000012`, a UUID, an entry secret (kept as its hash) ..."""
    text = code.text.replace(_FIELD_END, "")
    if NOT_OF_A_PERSON.match(text):
        return None
    if SECRET.fullmatch(text):
        return Badge("id", badge_id=stored_id(text), keep=without_secrets(code.payload, [text]))
    if CAPITALS.fullmatch(text) or (ID.fullmatch(text) and DIGIT.search(text)):
        return Badge("id", badge_id=stored_id(text))
    return None
