"""Text from badges: made fit for one line of a screen, a table and a CRM."""

import re
from collections.abc import Mapping

from data.contact import CONTACT_FIELDS, Contact

MAX_FIELD_CHARACTERS = 300
"""Characters of a field; the scan keeps the rest."""

_WINDOWS_CONTROLS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What Latin-1 reads as control characters, and what whoever printed the badge meant by them."""

_INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Controls, what turns the direction of writing around, and half characters, which no database takes."""

EMAIL_PATTERN = re.compile(
    r"[^\s@,;:<>\"()/#*!=%~$|^{}\\?\[\]]{1,64}@(?=[^\W_])[\w.-]{1,190}(?<=[^\W_])\.(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})",
    re.IGNORECASE,
)
"""RFC 5322 allows more marks in front of the @; where they stand on a badge they separate its fields."""

_EMPTY_VALUES = re.compile(r"(?<!\S)(?:undefined|null|\(null\)|\[object Object\])(?!\S)")
"""What JavaScript writes where it has nothing; in these very letters, as there are people called Null."""

_CJK_CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean_text(value: str, limit: int = MAX_FIELD_CHARACTERS) -> str:
    """*value* on one line, without control characters, trimmed, of at most *limit* characters."""
    visible = _INVISIBLE_CHARACTERS.sub("", value.translate(_WINDOWS_CONTROLS))
    return " ".join(visible.split())[:limit].rstrip()


def make_contact(values: Mapping[str, str]) -> Contact:
    """The contact with these fields, each cleaned; what is no field, or stands for nothing, is left out."""
    return Contact(*(clean_text(_EMPTY_VALUES.sub("", values.get(name, ""))) for name in CONTACT_FIELDS))


def split_unread_lines(text: str) -> tuple[str, ...]:
    """The lines of *text*, which no reader understood, each without control characters; empty ones are left out."""
    return tuple(filter(None, (clean_text(line, len(line)) for line in text.splitlines())))


def is_email(value: str) -> bool:
    """Whether *value* looks like an e-mail address and nothing else."""
    return EMAIL_PATTERN.fullmatch(value) is not None


def join_family_first(first: str, last: str) -> str:
    """The whole name where its script puts the family name first; else an empty string."""
    return f"{last} {first}" if _CJK_CHARACTER.search(first) and _CJK_CHARACTER.search(last) else ""
