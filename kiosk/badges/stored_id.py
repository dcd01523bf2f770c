"""
The form in which an id is kept: an entry secret, which opens the door at the event, only as its hash.

Whatever compares ids with those of badges, such as the attendee list, puts its own through `stored_id` first.
"""

import hashlib
import re

from kiosk.badges.signed_ticket import read_ticket_seed
from kiosk.badges.text import MAX_FIELD_CHARACTERS, clean_text

ENTRY_SECRET = re.compile(r"(?=[0-9a-f]*[g-z])[0-9a-z]{32}|(?=[0-9A-F]*[G-Z])(?=[A-Z]*[0-9])[0-9A-Z]{32}")
"""An entry secret as pretix and eventyay make them, also typed with CapsLock; 32 hexadecimal digits are a UUID."""

_SECRET_WORD = re.compile(r"(?<![0-9A-Za-z+/])[0-9a-z]{32}(?![0-9A-Za-z+/=])")


def to_stored_id(raw: str) -> str:
    """
    *raw* cleaned; the seed of a signed ticket; `sha256:` and the hash, in hex, of an entry secret.

    The hash also stands for what is too long to be an id, as two that were cut off could become one.
    """
    value = clean_text(raw, len(raw))
    if ENTRY_SECRET.fullmatch(value):
        return hash_secret(value.lower())
    return read_ticket_seed(value) or (value if len(value) <= MAX_FIELD_CHARACTERS else hash_secret(value))


def hash_secret(secret: str) -> str:
    """What is kept of *secret*, whatever it looks like."""
    return f"sha256:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()}"


def redact_secrets(payload: bytes, parts: list[str]) -> bytes | None:
    """
    What to keep of *payload*: itself with each of its *parts* that is an entry secret in its stored form.

    None where none is, so that the payload can be kept as it is.
    """
    secrets = {part.strip(): to_stored_id(part) for part in parts if is_entry_secret(clean_text(part))}
    kept = payload
    for raw, stored in secrets.items():
        if raw.encode() not in kept:
            return " ".join(secrets.values()).encode()
        kept = kept.replace(raw.encode(), stored.encode())
    return kept if secrets else None


def find_secrets(text: str) -> list[str]:
    """The words of *text* that are entry secrets."""
    return [word for word in _SECRET_WORD.findall(text) if ENTRY_SECRET.fullmatch(word)]


def is_entry_secret(value: str) -> bool:
    """Whether *value* opens the door at the event: a secret of pretix' or eventyay's, or a signed ticket."""
    return ENTRY_SECRET.fullmatch(value) is not None or read_ticket_seed(value) != ""
