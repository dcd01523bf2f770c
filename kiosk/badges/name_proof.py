"""Names confirmed by an e-mail address: `ana.lopez@`, `alopez@` and `a.m.lopez@` confirm Ana Lopez."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})

# The shortest last name that an address may confirm together with an initial; a shorter one may match by accident.
_MIN_LETTERS = 3


def find_names(parts: Sequence[str], email: str) -> tuple[str, str]:
    """
    Return the first and the last name, two neighbours among *parts* that *email* confirms; empty if there are none.
    """
    for one, two in pairwise(parts):
        if _is_name_of(one, two, email):
            return one, two
        if _is_name_of(two, one, email):
            return two, one
    return "", ""


def find_whole_name(parts: Sequence[str], email: str) -> str:
    """Return the one of *parts* that is a full name confirmed by *email*; empty if there is none."""
    for part in parts:
        words = part.replace(",", " ").split()
        if 2 <= len(words) <= 4 and (
            _is_name_of(words[0], words[-1], email) or (len(words) == 2 and _is_name_of(words[1], words[0], email))
        ):
            return part
    return ""


def _is_name_of(first: str, last: str, email: str) -> bool:
    """Return whether *email* consists of *first* (or its initial) and *last*, in this order."""
    local = _keep_letters(email.partition("@")[0])
    return any(
        local == one + two or (len(two) >= _MIN_LETTERS and local in (one[:1] + two, f"{one[:1]}{local[1:2]}{two}"))
        for one, two in zip(_spell_name(first), _spell_name(last), strict=True)
        if one and two
    )


def is_company_of(name: str, email: str) -> bool:
    """Return whether the domain of *email* is the company's name: `ana@initech.com` and Initech GmbH."""
    domain = email.rpartition("@")[2].split(".")
    word = _keep_letters(name.split()[0]) if name.split() else ""
    return len(word) >= _MIN_LETTERS and len(domain) > 1 and word == _keep_letters(domain[-2])


def _spell_name(name: str) -> tuple[str, str]:
    """Return the two spellings of *name* in e-mail addresses: Müller is muller, or mueller."""
    return _keep_letters(name), _keep_letters(name.casefold().translate(_UMLAUTS))


def _keep_letters(text: str) -> str:
    """Return the letters of *text* in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isalpha())
