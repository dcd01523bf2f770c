"""Text from badges: made fit for one line of a screen, a table and a CRM."""

import re
from collections.abc import Mapping

from data.contact import CONTACT_FIELDS, Contact

LIMIT = 300
"""Characters of a field; the scan keeps the rest."""

WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""What Latin-1 reads as control characters, and what whoever printed the badge meant by them."""

UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Controls, what turns the direction of writing around, and half characters, which no database takes."""

EMAIL = re.compile(
    r"[^\s@,;:<>\"()/#*!=%~$|^{}\\?\[\]]{1,64}@(?=[^\W_])[\w.-]{1,190}(?<=[^\W_])\.(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})",
    re.IGNORECASE,
)
"""RFC 5322 allows more marks in front of the @; where they stand on a badge they separate its fields."""

_NOTHING = re.compile(r"(?<!\S)(?:undefined|null|\(null\)|\[object Object\])(?!\S)")
"""What JavaScript writes where it has nothing; in these very letters, as there are people called Null."""

CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean(value: str, limit: int = LIMIT) -> str:
    """*value* on one line, without control characters, trimmed, of at most *limit* characters."""
    visible = UNSEEN.sub("", value.translate(WINDOWS))
    return " ".join(visible.split())[:limit].rstrip()


def contact_of(values: Mapping[str, str]) -> Contact:
    """The contact with these fields, each cleaned; what is no field, or stands for nothing, is left out."""
    return Contact(*(clean(_NOTHING.sub("", values.get(name, ""))) for name in CONTACT_FIELDS))


def unread_lines(text: str) -> tuple[str, ...]:
    """The lines of *text*, which no reader understood, each without control characters; empty ones are left out."""
    return tuple(filter(None, (clean(line, len(line)) for line in text.splitlines())))


def is_email(value: str) -> bool:
    """Whether *value* looks like an e-mail address and nothing else."""
    return EMAIL.fullmatch(value) is not None


def family_first(first: str, last: str) -> str:
    """The whole name where its script puts the family name first; else an empty string."""
    return f"{last} {first}" if CJK.search(first) and CJK.search(last) else ""
