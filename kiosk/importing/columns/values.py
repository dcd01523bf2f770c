"""What the values below a heading look like: addresses, numbers, names, IDs, or a few categories."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from uuid import UUID

from kiosk.badges.text import is_email
from kiosk.importing.columns.headings import to_canonical
from kiosk.importing.columns.vocabulary import HEADING_WORDS

_PHONE = re.compile(r"[+(]?[\d\s().\-/–]{5,}(?:\s*(?:x|ext\.?|#)\s*\d{1,6})?", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?", re.IGNORECASE)
_ID = re.compile(r"[\w.:/#+=*-]{1,120}", re.ASCII)
_TURNED = re.compile(r"[^\d,@]+,\s[^\d,@]+")
_MARKED = re.compile(r"\A'(?=[\d+(])")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_CAPITALS = re.compile(r"[A-Z]{6,40}")
_DIGIT = re.compile(r"\d")
_LINKEDIN = re.compile(r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/(?:in|pub)/", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,3}", re.IGNORECASE)
_LOST = re.compile(r"\d{15}0{4,}")
_DATE = re.compile(r"(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d)(?:[T ,].{0,30})?")
_BETWEEN_PHONES = re.compile(r"\s*(?::::|[;,|])\s*|(?<=\d)\s+(?=\+\d)")
_PHONE_MARK = re.compile(r"\A(?:tel|phone|p)\s?:\s?", re.IGNORECASE)

# How many values a column needs before it means anything that they repeat.
MIN_REPEATING_VALUES = 12


@dataclass(frozen=True, slots=True)
class ValueShape:
    """For each kind of value, the share of a column's non-empty values that look like it, from 0 to 1."""

    count: int
    """Number of values that are not empty."""
    distinct: float
    emails: float
    with_at: float
    phones: float
    links: float
    linkedin: float
    single_words: float
    numbers: float
    """Nothing but digits."""
    ids: float
    """Without spaces, and with a digit, all in capitals, or with capitals in the middle."""
    digits: float
    """With a digit anywhere."""
    payloads: float
    """Like the content of a code: a link, JSON, a vCard."""
    salutations: float
    uuids: float
    reversed_names: float
    """Two words or more with one comma between them, as in `Lopez, Ana`."""
    dates: float
    lost_digits: float
    """Like a number that lost digits in a spreadsheet."""
    is_counter: bool
    """Whether the values are 1, 2, 3 ..., as rows are numbered."""
    example: str


def measure_shape(values: Sequence[str]) -> ValueShape:
    """Return what *values* look like."""
    filled = [value.strip() for value in values if value.strip()]
    number = len(filled)

    def share(matching: int) -> float:
        return matching / number if number else 0.0

    return ValueShape(
        count=number,
        distinct=share(len({value.casefold() for value in filled})),
        emails=share(sum(map(has_email, filled))),
        with_at=share(sum("@" in value for value in filled)),
        phones=share(sum(_extract_first_phone(value) != "" for value in filled)),
        links=share(sum(_LINK.fullmatch(value) is not None and not is_email(value) for value in filled)),
        linkedin=share(sum(_LINKEDIN.match(value) is not None for value in filled)),
        single_words=share(sum(" " not in value for value in filled)),
        numbers=share(sum(value.isdecimal() for value in filled)),
        ids=share(sum(is_id(value) for value in filled)),
        digits=share(sum(_DIGIT.search(value) is not None for value in filled)),
        payloads=share(sum(is_payload(value) for value in filled)),
        salutations=share(sum(_is_salutation(value) for value in filled)),
        uuids=share(sum(is_uuid(value) for value in filled)),
        reversed_names=share(sum(_TURNED.fullmatch(value) is not None for value in filled)),
        dates=share(sum(_DATE.fullmatch(value) is not None for value in filled)),
        lost_digits=share(sum(map(has_lost_digits, filled))),
        is_counter=_is_counter(filled),
        example=filled[0] if filled else "",
    )


def has_email(value: str) -> bool:
    """Return whether *value* contains an e-mail address, perhaps with a name around it, or several."""
    return "@" in value and any(is_email(part.strip("<>\"'() ")) for part in re.split(r"[,;\s]+", value))


def normalize_field(field: str, value: str) -> str:
    """
    Return *value* as *field* stores it: the first of several addresses or numbers, without a spreadsheet's apostrophe.
    """
    if field == "email" and not is_email(value):
        parts = (part.strip("<>\"'() ").removeprefix("mailto:") for part in re.split(r"[,;|\s]+", value))
        return next((part for part in parts if is_email(part)), value)
    if field == "phone":
        return _extract_first_phone(value) or _MARKED.sub("", value)
    return _MARKED.sub("", value) if field == "postcode" else value


def _extract_first_phone(value: str) -> str:
    """Return the first phone number in *value* if it contains nothing but numbers; else an empty string."""
    parts = [value] if _is_phone(value) else _BETWEEN_PHONES.split(value)
    numbers = [_MARKED.sub("", _PHONE_MARK.sub("", part)) for part in parts]
    return numbers[0] if all(map(_is_phone, numbers)) else ""


def _is_phone(value: str) -> bool:
    """Return whether *value* looks like a phone number."""
    return _PHONE.fullmatch(value) is not None and 5 <= len(_DIGIT.findall(value)) <= 20


def is_id(value: str) -> bool:
    """Return whether *value* looks like an ID that a badge may hold."""
    has_digit = _ID.fullmatch(value) is not None and _DIGIT.search(value) is not None
    return has_digit or _CAPITALS.fullmatch(value) is not None or _is_mixed(value)


def _is_mixed(value: str) -> bool:
    """Return whether *value* has capitals in the middle more than once, as Base64 has and no word does."""
    return _ID.fullmatch(value) is not None and len(_INNER_CAPITAL.findall(value)) > 1


def is_payload(value: str) -> bool:
    """Return whether *value* is the content of a code, to be read like a badge, rather than an ID."""
    return value.startswith(("{", "[")) or "://" in value or value[:11].upper() == "BEGIN:VCARD"


def _is_salutation(value: str) -> bool:
    """Return whether *value* is a form of address: Mr, Dr, Frau."""
    return to_canonical(value) in _load_salutations()


@cache
def _load_salutations() -> frozenset[str]:
    """Return all forms of address in canonical form."""
    return frozenset(map(to_canonical, HEADING_WORDS["salutations"]))


def is_uuid(value: str) -> bool:
    """Return whether *value* is a UUID."""
    try:
        return len(value) >= 32 and bool(UUID(value))
    except ValueError:
        return False


def has_lost_digits(value: str) -> bool:
    """Return whether *value* is what a spreadsheet made of a long number: `7.52328E+20`, or zeros after 15 digits."""
    return _SCIENTIFIC.fullmatch(value) is not None or _LOST.fullmatch(value) is not None


def _is_counter(values: list[str]) -> bool:
    """Return whether *values* number the rows: consecutive whole numbers from 0 or 1."""
    if len(values) < 3 or not all(value.isdecimal() and len(value) < 8 for value in values):
        return False
    numbers = list(map(int, values))
    return all(after - before == 1 for before, after in pairwise(numbers)) and numbers[0] <= 1
