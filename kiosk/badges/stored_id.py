"""
The form in which an ID is stored: entry secrets, which open the door at the event, only as their hash.

Whatever is compared with the IDs of badges, such as the attendee list's, goes through `to_stored_id` first.
"""

import hashlib
import re

from kiosk.badges.signed_ticket import find_tickets, read_ticket_seed
from kiosk.badges.text import MAX_FIELD_CHARACTERS, clean_text

ENTRY_SECRET = re.compile(r"(?=[0-9a-f]*[g-z])[0-9a-z]{32}|(?=[0-9A-F]*[G-Z])(?=[A-Z]*[0-9])[0-9A-Z]{32}")
"""
An entry secret of pretix or eventyay, even if it was typed with Caps Lock on; 32 hexadecimal digits are a UUID instead.
"""

_SECRET_WORD = re.compile(r"(?<![0-9A-Za-z+/])(?:[0-9a-z]{32}|[0-9A-Z]{32})(?![0-9A-Za-z+/=])")


def to_stored_id(raw: str) -> str:
    """
    Return *raw* cleaned; the seed of a signed ticket; `sha256:` and the hex digest of an entry secret.

    Text that is too long for an ID is hashed, too: two such IDs could become equal if they were cut off.
    """
    value = clean_text(raw, len(raw))
    if ENTRY_SECRET.fullmatch(value):
        return hash_secret(value.lower())
    return read_ticket_seed(value) or (value if len(value) <= MAX_FIELD_CHARACTERS else hash_secret(value))


def hash_secret(secret: str) -> str:
    """Return what is stored of *secret*, whatever it looks like."""
    return f"sha256:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()}"


def redact_secrets(payload: bytes, parts: list[str]) -> bytes | None:
    """
    Return *payload* with each of its *parts* that is an entry secret replaced by its stored form.

    Returns None if there is none, so that the payload can be stored as it is.
    """
    secrets = {part.strip(): to_stored_id(part) for part in parts if is_entry_secret(clean_text(part))}
    redacted = payload
    for raw, stored in secrets.items():
        if raw.encode() not in redacted:
            return " ".join(secrets.values()).encode()
        redacted = redacted.replace(raw.encode(), stored.encode())
    return redacted if secrets else None


def find_secrets(text: str) -> list[str]:
    """Return the entry secrets in *text*: signed tickets, and words that have the form of a secret."""
    return [*find_tickets(text), *(word for word in _SECRET_WORD.findall(text) if ENTRY_SECRET.fullmatch(word))]


def is_entry_secret(value: str) -> bool:
    """Return whether *value* opens the door at the event: a secret of pretix or eventyay, or a signed ticket."""
    return ENTRY_SECRET.fullmatch(value) is not None or read_ticket_seed(value) != ""
