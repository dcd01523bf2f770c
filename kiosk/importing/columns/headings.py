"""What a heading means: its field, whose field it is, and which one of several."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from kiosk.importing.columns.vocabulary import HEADING_WORDS, OTHER_HEADINGS

_FieldOwner: TypeAlias = Literal["attendee", "", "buyer", "another"]

# How much of a heading is compared. Longer ones are questions of a form.
_MAX_HEADING_CHARACTERS = 120

_NUMBER = frozenset(HEADING_WORDS["number"])
_ARTICLES = frozenset(HEADING_WORDS["articles"])
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GLUED_NUMBER = re.compile(r"(?<=\w{4})(?:nummer|numero|number|numarasi|nr)$")
_TOKEN = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"[(\[（【].*?(?:[)\]）】]|$)")
_CONTEXT = re.compile(r"\s*[:：›»>→]\s*|\s+[-–—]\s+")
_ALTERNATIVE = re.compile(r"\s*[/|／・]\s*|\s+(?:or|oder|ou|o|eller|/)\s+")


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """A field that a heading may name."""

    field: str
    score: float
    """How well the heading names the field; 1 is an exact match."""
    owner: _FieldOwner = ""
    """Whose field it is; empty if the heading does not say."""
    is_secondary: bool = False
    """Whether it is the private, the second, or another of several."""


def _tokenize_heading(text: str) -> list[str]:
    """Split *text* into words without capitals, accents and articles; all words for "number" become one."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text[:_MAX_HEADING_CHARACTERS]).replace("#", " number "))
    flat = unicodedata.normalize("NFKD", spaced.casefold().translate(_LETTERS))
    bare = "".join(character for character in flat if not unicodedata.combining(character))
    words = [_GLUED_NUMBER.sub("number", word) for word in _TOKEN.findall(bare)]
    kept = [word for word in words if word not in _ARTICLES] or words
    if len(kept) == 1:
        return kept
    others = ["number" if word in _NUMBER else word for word in kept]
    # "No. of the badge", "badge no." and "number badge" are the same.
    numbers = ["number"] if "number" in others else []
    return [word for word in others if word != "number"] + numbers


def to_canonical(text: str) -> str:
    """Return *text* in the form in which headings are compared."""
    return "".join(_tokenize_heading(text))


def find_meanings(heading: str, known: Mapping[str, Sequence[str]]) -> list[HeadingMeaning]:
    """Return the fields of *known* that *heading* may name, best first; none if it names something else."""
    index = _build_index(tuple((field, tuple(names)) for field, names in known.items()))
    for text, deduction in _iterate_readings(heading):
        found = _read_words(_tokenize_heading(text), index)
        if found is not None:
            is_second = _is_secondary_in_brackets(heading)
            less_sure = [
                replace(one, score=one.score - deduction, is_secondary=one.is_secondary or is_second) for one in found
            ]
            return sorted(less_sure, key=lambda meaning: -meaning.score)
    return []


def is_named(heading: str, names: Sequence[str]) -> bool:
    """Return whether *heading* is one of *names* in any spelling; "attendee's name" counts as "name"."""
    words = _tokenize_heading(_BRACKETS.sub(" ", heading))
    plain = _canonicalize_all(tuple(names))
    return "".join(words) in plain or "".join(_strip_owners(words)[0]) in plain


def is_weak_id(heading: str) -> bool:
    """Return whether *heading* is that of an ID which may identify a row or a record instead of a badge."""
    words = _tokenize_heading(_BRACKETS.sub(" ", heading))
    return "".join(words) in _canonicalize_all(HEADING_WORDS["weak_ids"])


def is_at_work(heading: str) -> bool:
    """Return whether *heading* says that the address is at work."""
    return not _canonicalize_all(HEADING_WORDS["at_work"]).isdisjoint(_tokenize_heading(heading))


def is_order_id(heading: str) -> bool:
    """Return whether *heading* is that of an order's ID, which several people may share."""
    return to_canonical(_BRACKETS.sub(" ", heading)) in _canonicalize_all(HEADING_WORDS["order_ids"])


def find_other_meaning(heading: str) -> str:
    """Return what *heading* names that is not one of our fields, such as `ticket type`; empty if unknown."""
    word = to_canonical(_BRACKETS.sub(" ", heading))
    return next((meaning for meaning, names in OTHER_HEADINGS.items() if word in _canonicalize_all(names)), "")


def _iterate_readings(heading: str) -> Iterator[tuple[str, float]]:
    """
    Yield *heading*, and parts of it that may name a field: `A / B`, `Group: field`, `What is your field?`.

    Each comes with how much to deduct from its score.
    """
    bare = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", heading)).strip() or heading.strip("()[] ")
    yield bare, 0.0
    parts = [part for part in _ALTERNATIVE.split(bare) if part.strip()]
    if len(parts) > 1:
        yield from ((part, 0.05) for part in parts)
    if len(bare.split()) > 2:
        words = [word for word in _tokenize_heading(bare) if word not in _canonicalize_all(HEADING_WORDS["questions"])]
        yield " ".join(words), 0.1
    *group, last = _CONTEXT.split(bare)
    if group:
        rest, owner = _strip_owners(_tokenize_heading(" ".join(group)))
        # "E-mail 1 - Label" does not describe a person, but "Address 1 - City" is a city.
        if "".join(_strip_qualifiers(rest)[0]) in ("", "address", "name", "details", "information", "data", "info"):
            yield f"{_OWNER_MARKS.get(owner, '')} {last}", 0.05


# A word that says whose a field is, for the owner that a group's heading names.
_OWNER_MARKS: Mapping[str, str] = {"attendee": "attendee", "buyer": "buyer", "another": "emergency"}


def _read_words(words: list[str], index: Mapping[str, list[tuple[str, float]]]) -> list[HeadingMeaning] | None:
    """Return the meanings of *words*: as they are, without qualifiers, without owners; None if nothing matches."""
    if not words:
        return None
    if found := index.get("".join(words)):
        return [HeadingMeaning(field, score) for field, score in found if field]
    plain, is_second_rate = _strip_qualifiers(words)
    ownerless, owner = _strip_owners(words)
    bare, is_second_rate_too = _strip_qualifiers(ownerless)
    ways: tuple[tuple[list[str], _FieldOwner, bool, float], ...] = (
        (ownerless, owner, False, 0.03),
        (plain, "", is_second_rate, 0.02),
        (bare, owner, is_second_rate_too, 0.05),
    )
    for rest, found_owner, is_second, deduction in ways:
        found = index.get("".join(rest)) if rest and rest != words else None
        if found and any(field for field, _ in found):
            return [HeadingMeaning(field, score - deduction, found_owner, is_second) for field, score in found if field]
    return None


def _strip_qualifiers(words: list[str]) -> tuple[list[str], bool]:
    """Return *words* without those that distinguish several, and whether it is not the first of them."""
    qualifiers = _canonicalize_all(HEADING_WORDS["qualifiers"])
    second_rate = _canonicalize_all(HEADING_WORDS["second_rate"])
    return [word for word in words if word not in qualifiers], any(word in second_rate for word in words)


def _is_secondary_in_brackets(heading: str) -> bool:
    """Return whether *heading* says in brackets that it is not the main one: `E-mail (private)`."""
    return not _canonicalize_all(HEADING_WORDS["second_rate"]).isdisjoint(
        _tokenize_heading(" ".join(_BRACKETS.findall(heading)))
    )


def _strip_owners(words: list[str]) -> tuple[list[str], _FieldOwner]:
    """Return *words* without those that say whose the field is, and the owner."""
    kept, owners, at = [], set(), 0
    while at < len(words):
        size = next((size for size in (3, 2, 1) if at + size <= len(words) and _find_owner(words[at : at + size])), 0)
        if size:
            owners.add(_find_owner(words[at : at + size]))
        else:
            kept.append(words[at])
        at += size or 1
    if not owners and len(words) == 1:
        return _split_compound(words[0])
    found_owner = next((owner for owner in ("another", "buyer", "attendee") if owner in owners), "")
    return kept, found_owner  # type: ignore[return-value]  # one of the three, or nobody


def _split_compound(word: str) -> tuple[list[str], _FieldOwner]:
    """Return *word* without the owner at its beginning or end, as in `Teilnehmername` and `参加者氏名`."""
    for owner, names in _load_owner_words().items():
        for name in names:
            min_length = 2 if not name.isascii() else 5
            if len(name) >= min_length and len(word) > len(name):
                if word.startswith(name):
                    return [word.removeprefix(name)], owner if owner != "somebody" else ""  # type: ignore[return-value]
                if word.endswith(name):
                    return [word.removesuffix(name)], owner if owner != "somebody" else ""  # type: ignore[return-value]
    return [word], ""


def _find_owner(words: list[str]) -> str:
    """Return whose field it is by *words*: `attendee`, `somebody`, `buyer`, `another`; empty if they do not say."""
    return _lookup_owner("".join(words))


@cache
def _lookup_owner(word: str) -> str:
    """Return whose field it is by one canonical *word*; empty if it does not say."""
    return next((owner for owner, names in _load_owner_words().items() if word in names), "")


@cache
def _load_owner_words() -> dict[str, frozenset[str]]:
    """Return the canonical words for each kind of owner."""
    return {
        "attendee": _canonicalize_all(HEADING_WORDS["attendee"]),
        "buyer": _canonicalize_all(HEADING_WORDS["buyer"]),
        "another": _canonicalize_all(HEADING_WORDS["another"]),
        "somebody": _canonicalize_all(HEADING_WORDS["somebody"]),
    }


@cache
def _canonicalize_all(names: tuple[str, ...]) -> frozenset[str]:
    """Return *names* in the form in which they are compared."""
    return frozenset(map(to_canonical, names))


@cache
def _build_index(known: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[tuple[str, float]]]:
    """Return each canonical heading with the fields it may be and their scores; with none if it is not a field."""
    index: dict[str, list[tuple[str, float]]] = {}
    for names in OTHER_HEADINGS.values():
        for name in names:
            index[to_canonical(name)] = [("", 0.0)]
    for field, names in known:
        for rank, name in enumerate(names):
            entry = index.setdefault(to_canonical(name), [])
            if all(field != other for other, _ in entry):
                entry.append((field, 1.0 - 0.2 * rank / len(names)))
    return index
