"""Cleans text from badges, so that it fits on one line of a screen, a table and a CRM."""

import re
from collections.abc import Mapping

from data.contact import CONTACT_FIELDS, Contact

# The longest text of a field. More is cut off; the scan keeps the payload.
MAX_FIELD_CHARACTERS = 300

# The bytes that Latin-1 decodes to control characters, decoded as Windows-1252, which the badge's printer meant.
_WINDOWS_CONTROLS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

# Control characters, direction overrides, and lone surrogates, which no database accepts.
_INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

# An e-mail address. RFC 5322 allows more characters before the @, but on a badge those separate its fields.
_EMAIL_PATTERN = re.compile(
    r"[^\s@,;:<>\"()/#*!=%~$|^{}\\?\[\]]{1,64}@(?=[^\W_])[\w.-]{1,190}(?<=[^\W_])\.(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})",
    re.IGNORECASE,
)

# What JavaScript prints for a missing value; exactly in this spelling, because there are people called Null.
_EMPTY_VALUES = re.compile(r"(?<!\S)(?:undefined|null|\(null\)|\[object Object\])(?!\S)")

_CJK_CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean_text(value: str, limit: int = MAX_FIELD_CHARACTERS) -> str:
    """Return *value* trimmed, on one line, without control characters, cut off after *limit* characters."""
    visible = _INVISIBLE_CHARACTERS.sub("", value.translate(_WINDOWS_CONTROLS))
    return " ".join(visible.split())[:limit].rstrip()


def make_contact(values: Mapping[str, str]) -> Contact:
    """Return a contact with these fields, each cleaned. Unknown fields and placeholders for nothing are left out."""
    return Contact(*(clean_text(_EMPTY_VALUES.sub("", values.get(name, ""))) for name in CONTACT_FIELDS))


def split_unread_lines(text: str) -> tuple[str, ...]:
    """Return the lines of *text*, which no reader understood, without control characters and empty lines."""
    return tuple(filter(None, (clean_text(line, len(line)) for line in text.splitlines())))


def is_email(value: str) -> bool:
    """Return whether *value* looks like an e-mail address and nothing else."""
    return _EMAIL_PATTERN.fullmatch(value) is not None


def join_family_first(first: str, last: str) -> str:
    """Return the full name if its script puts the family name first; else an empty string."""
    return f"{last} {first}" if _CJK_CHARACTER.search(first) and _CJK_CHARACTER.search(last) else ""
