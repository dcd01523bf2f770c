"""
Delimited badges that do not say what their fields are: RainFocus, alf.io, Aptify, and those with an e-mail address.

A field is used only if it proves what it is, so that no visitor is greeted by a wrong name; all others are unread.
`[badges]` in kiosk.toml describes other badges.
"""

import re

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.event_badge import SELF_DESCRIBING
from kiosk.badges.name_proof import find_names, find_whole_name, is_company_of
from kiosk.badges.stored_id import is_entry_secret, redact_secrets, to_stored_id
from kiosk.badges.text import clean_text, is_email, make_contact

# Separators that nobody types in a sentence. The ID comes first, then the first and the last name.
_STRONG_SEPARATORS = ("^", "::")

# The separators that are tried first, in this order.
_SEPARATORS = (*_STRONG_SEPARATORS, "|", "\t", ";", ",", "\n")

# Separators of badges that have an e-mail address as one of three fields or more.
_UNUSUAL_SEPARATORS = (
    "\x1d",
    "\x1e",
    "\x1f",
    "\x1c",
    "·",
    "¦",
    "§",
    "~",
    "#",
    "*",
    "!",
    "%",
    "=",
    "$",
    "\\",
    "/",
    ":",
    "&",
)

# Separators that also occur inside addresses and sentences, so they need four fields or more, and a number as the
# first.
_ADDRESS_SEPARATORS = ("_", "+", "-", " ")

# The fields of RainFocus's long badge.
_RAINFOCUS_FIELDS = (
    *("id", "first_name", "last_name", "email", "company", "address 1", "address 2", "address 3"),
    *("city", "region", "postcode", "country", "phone"),
)

_ID_PATTERN = re.compile(r"(?=\D{0,63}\d)[\w.-]{1,64}", re.ASCII)

_NUMBER = re.compile(r"\d{3,30}", re.ASCII)

_PHONE = re.compile(r"\+\d[\d\s().-]{5,30}", re.ASCII)

_LINK = re.compile(r"(?:https?://|www\.)[^\s@]{4,290}", re.IGNORECASE)

# How many fields are searched for a name, and the longest that may be one.
_MAX_NAMES = 16
_MAX_NAME_CHARACTERS = 80

# More fields than this are a table, not a badge.
_MAX_FIELDS = 60


def read_delimited(code: ScannedCode) -> Badge | None:
    """Read a badge of several fields that no setting describes, as well as that can be guessed."""
    if SELF_DESCRIBING.match(code.text):
        return None
    for separator in _SEPARATORS:
        parts = _split_fields(code.text, separator)
        if 2 <= len(parts) <= _MAX_FIELDS and (badge := read_parts(code, separator, parts)):
            return badge
    if "@" not in code.text:
        return None
    for separator in (*_UNUSUAL_SEPARATORS, *_ADDRESS_SEPARATORS):
        parts = _split_fields(code.text, separator)
        if _is_plausible_separator(separator, parts) and (badge := read_parts(code, separator, parts)):
            return badge
    return None


def _split_fields(text: str, separator: str) -> list[str]:
    """Split *text* into fields; a placeholder for an empty field becomes empty."""
    parts = (part.strip() for part in text.split(separator, _MAX_FIELDS))
    return [part if part.upper() != "NULL" else "" for part in parts]


def _is_plausible_separator(separator: str, parts: list[str]) -> bool:
    """Return whether an unusual *separator* divides a badge, rather than an address or a sentence."""
    if not any(map(is_email, parts)) or len(parts) > _MAX_FIELDS:
        return False
    if separator in _ADDRESS_SEPARATORS:
        return 4 <= len(parts) <= 12 and _NUMBER.fullmatch(parts[0]) is not None
    return len(parts) >= (3 if separator in ":&" else 2)


def read_parts(code: ScannedCode, separator: str, parts: list[str]) -> Badge | None:
    """Read the badge in *parts*; None if they contain neither an ID in its place nor an e-mail address."""
    at = _locate_id(separator, parts)
    raw_id = parts[at] if at is not None else ""
    values, taken = _find_proven_values(parts), {raw_id}
    if at == 0 and separator == "^" and len(parts) == len(_RAINFOCUS_FIELDS):
        values = dict(zip(_RAINFOCUS_FIELDS, parts, strict=True))
        values["address"] = " ".join(filter(None, parts[5:8]))
    elif at == 0 and separator in _STRONG_SEPARATORS and not any(map(is_email, parts[1:3])):
        values |= dict(zip(("first_name", "last_name"), parts[1:], strict=False))
    elif at == 1 and separator == "^":
        values["name"], _, values["company"] = parts[0].partition("_")
        taken.add(parts[0])
    if not raw_id and not values["email"]:
        return None
    keep = redact_secrets(code.payload, parts)
    values = {name: part for name, part in values.items() if not is_entry_secret(part)}
    answers = _collect_leftovers(parts, taken, values)
    return Badge("delimited", make_contact(values), to_stored_id(raw_id), answers, keep, tuple(answers.values()))


def _find_proven_values(parts: list[str]) -> dict[str, str]:
    """
    Return the fields in *parts* that prove what they are: an e-mail address, the names and company it is made of, a
    phone number, a link.
    """
    email = next((part for part in parts if is_email(part)), "")
    values = {"email": email, "phone": next((part for part in parts if _PHONE.fullmatch(part)), "")}
    values["website"] = next((part for part in parts if _LINK.fullmatch(part)), "")
    if not email:
        return {name: part for name, part in values.items() if name == "email"}
    words = [part for part in parts if 0 < len(part) <= _MAX_NAME_CHARACTERS and not is_email(part)][:_MAX_NAMES]
    values["name"] = find_whole_name(words, email)
    if not values["name"]:
        values["first_name"], values["last_name"] = find_names(words, email)
    names = {values["name"], values.get("first_name"), values.get("last_name")}
    values["company"] = next((part for part in words if part not in names and is_company_of(part, email)), "")
    return values


def _locate_id(separator: str, parts: list[str]) -> int | None:
    """
    Return the index of the ID in *parts*, or None: the first part, or the last of two behind a strong separator.

    With a weak separator something else must confirm it: an e-mail address, or a second ID.
    """
    first, last = (bool(_ID_PATTERN.fullmatch(part)) or is_entry_secret(part) for part in (parts[0], parts[-1]))
    is_pair = len(parts) == 2
    if separator in _STRONG_SEPARATORS:
        return 0 if first else 1 if last and is_pair else None
    is_backed = any(map(is_email, parts)) or (separator == "|" and is_pair and last)
    return 0 if first and is_backed else None


def _collect_leftovers(parts: list[str], taken: set[str], values: dict[str, str]) -> dict[str, str]:
    """Return the parts that were not used, by the number of their field."""
    whole = f"{values.get('first_name', '')} {values.get('last_name', '')}"
    used = {*taken, whole, *values.values()}
    return {
        f"field {number}": clean_text(part)
        for number, part in enumerate(parts, start=1)
        if clean_text(part) and part not in used and not is_entry_secret(part)
    }
