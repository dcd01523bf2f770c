"""
What tells two people apart who share an id or an address.

In doubt they are two: a lead too many is seen by somebody, one that was merged away is not.
"""

import re
import unicodedata

from data.contact import Contact
from data.lead import Lead, email_identity

TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme", "mlle"})

SPELT = str.maketrans(
    {"ø": "o", "œ": "o", "æ": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)
"""Letters that come apart in no normal form, and what badge printers make of them."""

ACCENT = re.compile("[\u0300-\u036f]")

UMLAUT = re.compile("(?<=[aou])e")
"""The second letter of `ae`, `oe` and `ue`, as whoever has no umlaut writes it."""

DIGITS = 7
"""The last digits of a number; what stands before them is written in many ways, or left out."""


def words(name: str) -> tuple[str, ...]:
    """The words of *name*, without capitals, accents, punctuation and titles."""
    flat = ACCENT.sub("", unicodedata.normalize("NFKD", name.casefold().translate(SPELT)))
    letters = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in flat)
    found = UMLAUT.sub("", letters).split()
    return tuple(word for word in found if word not in TITLES) or tuple(found)


def names_differ(one: str, other: str) -> bool:
    """
    Whether these are the names of two people.

    In another order, with fewer words, or with an initial in place of a word it may be the same person.
    """
    fewer, left = sorted((list(words(one)), list(words(other))), key=len)
    if "".join(fewer) == "".join(left):
        return False
    for word in sorted(fewer, key=len, reverse=True):
        found = [other for other in left if other == word] or [other for other in left if is_initial(word, other)]
        if not found:
            return True
        left.remove(found[0])
    return False


def is_initial(one: str, other: str) -> bool:
    """Whether one of the two is the other's first letter; in Chinese a name of one letter is a whole name."""
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and short.isascii() and long.startswith(short)


def people_differ(one: Contact, other: Contact, *, same_email: bool = False) -> bool:
    """Whether these are two people, by address and name; *same_email* says that some address is known to be both's."""
    emails = {email_identity(one.email), email_identity(other.email)} - {""}
    return (len(emails) == 2 and not same_email) or names_differ(one.display_name, other.display_name)


def contradict(one: Lead, other: Lead, *, same_email: bool = False) -> bool:
    """Whether these are two people; where neither name nor address can tell, by all else that the badge says."""
    mine, yours = one.contact, other.contact
    if people_differ(mine, yours, same_email=same_email):
        return True
    is_same_email = same_email or (email_identity(mine.email) == email_identity(yours.email) != "")
    if is_same_email or (words(mine.display_name) and words(yours.display_name)):
        return False
    phones = {phone for phone in (digits(mine.phone), digits(yours.phone)) if phone}
    answers = any(one.answers[key] != other.answers[key] for key in one.answers.keys() & other.answers.keys())
    return answers or len(phones) == 2 or names_differ(mine.company, yours.company)


def digits(phone: str) -> str:
    """The end of a telephone number, which is the same however it is written."""
    return re.sub(r"\D", "", phone)[-DIGITS:]


def say_the_same(one: Lead, other: Lead) -> bool:
    """Whether both have the same name and address, or neither has any."""
    mine, yours = one.contact, other.contact
    is_same_name = words(mine.display_name) == words(yours.display_name)
    return is_same_name and email_identity(mine.email) == email_identity(yours.email)
