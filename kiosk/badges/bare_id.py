"""An id alone, which the attendee list turns into a person, now or after the show."""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.stored_id import SECRET, stored_id, without_secrets

ID = re.compile(r"[\w.:/#+=*-]{2,120}", re.ASCII)

CAPITALS = re.compile(r"[A-Z]{6,40}")
"""An id that happens to have no digit; a word in small letters is none."""

DIGIT = re.compile(r"\d", re.ASCII)


def read_bare_id(code: Code) -> Badge | None:
    """`PZD97WTMFJ`, `752327237937711035001`, `SBpax001`, `000012`, a UUID, an entry secret (kept as its hash) ..."""
    text = code.text
    if SECRET.fullmatch(text):
        return Badge("id", badge_id=stored_id(text), keep=without_secrets(code.payload, [text]))
    if CAPITALS.fullmatch(text) or (ID.fullmatch(text) and DIGIT.search(text)):
        return Badge("id", badge_id=stored_id(text))
    return None
