"""
Whether two leads are the same person, for leads that share an id or an e-mail address.

When in doubt they are two people: staff notice a superfluous lead, but not one that was merged away. The letters in
comments are the rows of the table in docs/deduplication.md.
"""

import re
import unicodedata

from data.contact import Contact
from data.lead import Lead, derive_email_identity

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme", "mlle"})

LETTER_SPELLINGS = str.maketrans(
    {"ø": "o", "œ": "o", "æ": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)
"""Letters that Unicode does not decompose, and what badge printers make of them."""

ACCENTS = re.compile("[\u0300-\u036f]")

_UMLAUT_E = re.compile("(?<=[aou])e")
"""
The `e` of `ae`, `oe` and `ue`: how an umlaut is written on a keyboard that has none.

It also matches where there is no umlaut, as in "Joel"; both names of a pair lose it, so that they still compare.
"""

# How many last digits of phone numbers are compared: what precedes them is written in many ways, or left out.
_PHONE_SUFFIX_DIGITS = 7


def normalize_name(name: str) -> tuple[str, ...]:
    """
    Return the words of *name*, without capitals, accents, punctuation and titles.

    `ae`, `oe` and `ue` count as `a`, `o` and `u` in every name, umlaut or not: "Joel" becomes "jol".
    """
    flat = ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold().translate(LETTER_SPELLINGS)))
    letters = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in flat)
    found = _UMLAUT_E.sub("", letters).split()
    return tuple(word for word in found if word not in _TITLES) or tuple(found)


def names_differ(one: str, other: str) -> bool:
    """
    Return whether these are the names of two people.

    Two spellings may be one person's if they differ only in the order of words, in words left out, or in initials.
    """
    shorter, longer = sorted((list(normalize_name(one)), list(normalize_name(other))), key=len)
    if "".join(shorter) == "".join(longer):
        return False
    # Long words first, so that an initial does not use up a word that a whole word needs.
    for word in sorted(shorter, key=len, reverse=True):
        matches = [each for each in longer if each == word] or [each for each in longer if _is_initial_of(word, each)]
        if not matches:
            return True
        longer.remove(matches[0])
    return False


def _is_initial_of(one: str, other: str) -> bool:
    """Return whether one word is the initial of the other. A single Chinese character is a full name."""
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and short.isascii() and long.startswith(short)


def people_differ(one: Contact, other: Contact, *, same_email: bool = False) -> bool:
    """Return whether e-mail or name say that these are two people; *same_email*: they are known to share one."""
    emails = {derive_email_identity(one.email), derive_email_identity(other.email)} - {""}
    if len(emails) == 2 and not same_email:
        return True  # row A
    return names_differ(one.display_name, other.display_name)  # row B


def leads_differ(one: Lead, other: Lead, *, same_email: bool = False) -> bool:
    """Return whether these are two people, by e-mail and name, and if those do not decide, by everything else."""
    first, second = one.contact, other.contact
    if people_differ(first, second, same_email=same_email):
        return True  # rows A, B
    if same_email or (derive_email_identity(first.email) == derive_email_identity(second.email) != ""):
        return False  # row C
    if normalize_name(first.display_name) and normalize_name(second.display_name):
        return False  # row D
    phones = {get_phone_suffix(first.phone), get_phone_suffix(second.phone)} - {""}
    if len(phones) == 2:
        return True  # row E
    if any(one.answers[key] != other.answers[key] for key in one.answers.keys() & other.answers.keys()):
        return True  # row F
    return names_differ(first.company, second.company)  # rows G, H


def get_phone_suffix(phone: str) -> str:
    """Return the last digits of a phone number, which are the same however it is written."""
    return re.sub(r"\D", "", phone)[-_PHONE_SUFFIX_DIGITS:]


def have_same_name_and_email(one: Lead, other: Lead) -> bool:
    """Return whether name and e-mail are the same. An empty name differs from a known one, and equals an empty one."""
    first, second = one.contact, other.contact
    is_same_name = normalize_name(first.display_name) == normalize_name(second.display_name)
    return is_same_name and derive_email_identity(first.email) == derive_email_identity(second.email)
