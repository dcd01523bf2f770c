"""
What tells two people apart who share an id or an address.

In doubt they are two: a lead too many is seen by somebody, one that was merged away is not.
"""

import re
import unicodedata

from data.contact import Contact
from data.lead import Lead, derive_email_identity

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme", "mlle"})

LETTER_SPELLINGS = str.maketrans(
    {"ø": "o", "œ": "o", "æ": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)
"""Letters that come apart in no normal form, and what badge printers make of them."""

ACCENTS = re.compile("[\u0300-\u036f]")

_UMLAUT_E = re.compile("(?<=[aou])e")
"""The second letter of `ae`, `oe` and `ue`, as whoever has no umlaut writes it."""

_PHONE_SUFFIX_DIGITS = 7
"""The last digits of a number; what stands before them is written in many ways, or left out."""


def normalize_name(name: str) -> tuple[str, ...]:
    """The words of *name*, without capitals, accents, punctuation and titles."""
    flat = ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold().translate(LETTER_SPELLINGS)))
    letters = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in flat)
    found = _UMLAUT_E.sub("", letters).split()
    return tuple(word for word in found if word not in _TITLES) or tuple(found)


def names_differ(one: str, other: str) -> bool:
    """
    Whether these are the names of two people.

    In another order, with fewer words, or with an initial in place of a word it may be the same person.
    """
    fewer, left = sorted((list(normalize_name(one)), list(normalize_name(other))), key=len)
    if "".join(fewer) == "".join(left):
        return False
    for word in sorted(fewer, key=len, reverse=True):
        found = [other for other in left if other == word] or [other for other in left if _is_initial_of(word, other)]
        if not found:
            return True
        left.remove(found[0])
    return False


def _is_initial_of(one: str, other: str) -> bool:
    """Whether one of the two is the other's first letter; in Chinese a name of one letter is a whole name."""
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and short.isascii() and long.startswith(short)


def people_differ(one: Contact, other: Contact, *, same_email: bool = False) -> bool:
    """Whether these are two people, by address and name; *same_email* says that some address is known to be both's."""
    emails = {derive_email_identity(one.email), derive_email_identity(other.email)} - {""}
    return (len(emails) == 2 and not same_email) or names_differ(one.display_name, other.display_name)


def leads_differ(one: Lead, other: Lead, *, same_email: bool = False) -> bool:
    """Whether these are two people; where neither name nor address can tell, by all else that the badge says."""
    mine, yours = one.contact, other.contact
    if people_differ(mine, yours, same_email=same_email):
        return True
    is_same_email = same_email or (derive_email_identity(mine.email) == derive_email_identity(yours.email) != "")
    if is_same_email or (normalize_name(mine.display_name) and normalize_name(yours.display_name)):
        return False
    phones = {phone for phone in (phone_suffix(mine.phone), phone_suffix(yours.phone)) if phone}
    answers = any(one.answers[key] != other.answers[key] for key in one.answers.keys() & other.answers.keys())
    return answers or len(phones) == 2 or names_differ(mine.company, yours.company)


def phone_suffix(phone: str) -> str:
    """The end of a telephone number, which is the same however it is written."""
    return re.sub(r"\D", "", phone)[-_PHONE_SUFFIX_DIGITS:]


def has_same_name_and_email(one: Lead, other: Lead) -> bool:
    """Whether both have the same name and address, or neither has any."""
    mine, yours = one.contact, other.contact
    is_same_name = normalize_name(mine.display_name) == normalize_name(yours.display_name)
    return is_same_name and derive_email_identity(mine.email) == derive_email_identity(yours.email)
