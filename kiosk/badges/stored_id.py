"""
The form in which an id is kept: an entry secret, which opens the door at the event, only as its hash.

Whatever compares ids with those of badges, such as the attendee list, puts its own through `stored_id` first.
"""

import hashlib
import re

from kiosk.badges.signed import signed_id
from kiosk.badges.text import LIMIT, clean

SECRET = re.compile(r"(?=[0-9a-f]*[g-z])[0-9a-z]{32}|(?=[0-9A-F]*[G-Z])(?=[A-Z]*[0-9])[0-9A-Z]{32}")
"""An entry secret as pretix and eventyay make them, also typed with CapsLock; 32 hexadecimal digits are a UUID."""

_WORD = re.compile(r"(?<![0-9A-Za-z+/])[0-9a-z]{32}(?![0-9A-Za-z+/=])")


def stored_id(raw: str) -> str:
    """
    *raw* cleaned; the seed of a signed ticket; `sha256:` and the hash, in hex, of an entry secret.

    The hash also stands for what is too long to be an id, as two that were cut off could become one.
    """
    value = clean(raw, len(raw))
    if SECRET.fullmatch(value):
        return hashed(value.lower())
    return signed_id(value) or (value if len(value) <= LIMIT else hashed(value))


def hashed(secret: str) -> str:
    """What is kept of *secret*, whatever it looks like."""
    return f"sha256:{hashlib.sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()}"


def without_secrets(payload: bytes, parts: list[str]) -> bytes | None:
    """
    What to keep of *payload*: itself with each of its *parts* that is an entry secret in its stored form.

    None where none is, so that the payload can be kept as it is.
    """
    secrets = {part.strip(): stored_id(part) for part in parts if is_secret(clean(part))}
    kept = payload
    for raw, stored in secrets.items():
        if raw.encode() not in kept:
            return " ".join(secrets.values()).encode()
        kept = kept.replace(raw.encode(), stored.encode())
    return kept if secrets else None


def secrets_in(text: str) -> list[str]:
    """The words of *text* that are entry secrets."""
    return [word for word in _WORD.findall(text) if SECRET.fullmatch(word)]


def is_secret(value: str) -> bool:
    """Whether *value* opens the door at the event: a secret of pretix' or eventyay's, or a signed ticket."""
    return SECRET.fullmatch(value) is not None or signed_id(value) != ""
