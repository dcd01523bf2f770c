r"""
Line breaks of a vCard that were lost, turned into spaces, or printed as `\n`.

Keyboard scanners may drop them, and badge generators print them with their backslash. They are restored only before a
property name that a colon or a parameter follows, and only if the text before it cannot be the beginning of that word.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from urllib.parse import unquote

from kiosk.badges.vcard.property_names import (
    EXTENSION_PROPERTY,
    FREE_TEXT_PATTERN,
    GROUP_PATTERN,
    KNOWN_PROPERTIES,
    PARAM_PATTERN,
)

# Breaks restored in one line; no card in a single symbol has as many properties.
_MAX_LOST_BREAKS = 100

_BREAK_SIGN = r"(?:\\{1,2}[rn]|<br ?/?>|&#(?:1[03]|x0?[ad]);)"

# A printed break, such as `\n`, `\r\n`, `\r`, `<br>` or `&#10;`, before a property.
_LITERAL = re.compile(
    rf"(?:[ \t]{{0,3}}{_BREAK_SIGN}){{1,4}}[ \t]{{0,3}}(?=(?:[\w-]{{1,20}}\.)?(?:{KNOWN_PROPERTIES})(?:\s?:|;))",
    re.IGNORECASE,
)

# Several printed breaks in a row, which count as one.
_SEVERAL = re.compile(rf"(?:{_BREAK_SIGN}[ \t]{{0,3}}){{3,}}+", re.IGNORECASE)

# A printed break at the very end of a value.
_TRAILING = re.compile(rf"(?:[ \t]{{0,3}}{_BREAK_SIGN}){{1,4}}[ \t]*$", re.IGNORECASE)

# A break that was printed before a real one.
_SPARE = re.compile(r"(?:[ \t]{0,3}(?<!\\)\\[rn]){1,4}[ \t]*$")

_CANDIDATE = re.compile(rf"(?=((?:{GROUP_PATTERN})?(?i:({KNOWN_PROPERTIES}))(?:{PARAM_PATTERN}){{0,6}}:))")

_GROUP = re.compile(GROUP_PATTERN)

_OWN_HEAD = re.compile(r"\s*(?:[\w-]{1,40}\.)?([A-Za-z][\w/-]{0,60})(?=[;:\s])")

_ENCODED_BREAK = re.compile(r"%0[AD]", re.IGNORECASE)

_PLUS = re.compile(r"(?<=\w)\+(?=\w)")

# How a value begins that confirms its property, if the letters before the name could belong to it.
_PROOF = {
    "EMAIL": re.compile(r"\s?[^\s:;]{1,100}@"),
    "TEL": re.compile(r"\s?(?:tel:)?[+(]?\d"),
    "VERSION": re.compile(r"\s?\d\.\d"),
    "END": re.compile(r"\s?vcard", re.IGNORECASE),
    "N": re.compile(r"[^:;]{0,60};"),
}


def decode_percent(card: str) -> str:
    """Decode *card* if it was printed as the part of a link: `BEGIN:VCARD%0AFN:Ana%20Lopez`."""
    if not _ENCODED_BREAK.search(card):
        return card
    return unquote(card if " " in card or "%20" in card else _PLUS.sub(" ", card))


def strip_spare_break(line: str) -> str:
    r"""Remove a `\r\n` that was printed at the end of *line* in addition to the break itself."""
    return _SPARE.sub("", line)


def split_printed_breaks(line: str) -> list[str]:
    r"""Split *line* at breaks that were printed as `\n`."""
    return [_TRAILING.sub("", part) for part in _LITERAL.split(_SEVERAL.sub(r"\\n", line))]


def split_lost_breaks(line: str, is_lower: bool, is_sound: bool) -> list[str]:
    """
    Split *line*, whose breaks were lost or became spaces, into the lines of the card.

    *is_lower* says that the card's keywords are in lower case. In a card that *is_sound* only short values are
    split, and only if the property name follows a character that is not a letter of the keywords' case.
    """
    if line.count(":") < 2:
        return [line]
    name = line[:60].split(":")[0].split(";")[0].rpartition(".")[2].upper()
    if is_sound and (FREE_TEXT_PATTERN.fullmatch(name) or name == "BEGIN"):
        return [line]
    starts = [0, *islice(_find_starts(line, is_lower, is_sound), _MAX_LOST_BREAKS), len(line)]
    return [line[start:end] for start, end in pairwise(starts)]


def _find_starts(line: str, is_lower: bool, is_sound: bool) -> Iterator[int]:
    """Yield the positions in *line* where properties begin, except its own."""
    own = _OWN_HEAD.match(line)
    seen, end = ({own[1].upper()}, line.find(":") + 1) if own else (set(), 0)
    for found in _CANDIDATE.finditer(line):
        start, name = found.start(), found[2].upper()
        if start < end or (is_sound and not line[end:start].strip()):
            continue  # inside a name, or a whole value: somebody may be called END:VCARD
        if name == "FN" and "FN" in seen and "N" not in seen and _continues_word(line, start, is_lower):
            start, name = start + 1, "N"  # DUFF + N, not DUF + FN
        if start and not _is_property(line, start, found.end(1), name, is_lower, is_sound, name in seen):
            continue
        seen.add(name)
        end = found.end(1)
        if start:
            yield start


def _is_property(line: str, start: int, end: int, name: str, is_lower: bool, is_sound: bool, is_seen: bool) -> bool:
    """Return whether a property called *name* begins at *start*, with its value at *end*."""
    name_as_written = _GROUP.sub("", line[start:end])[: len(name)]
    own = name_as_written[:2] if name.startswith("X-") else name_as_written  # Apple writes X-ABLabel
    has_case = own.islower() if is_lower else own.isupper()
    if not has_case and not line[start - 1].isspace():
        return False
    if is_sound and (_continues_word(line, start, is_lower) or line[end : end + 1].isspace()):
        return False
    is_doubtful = _continues_word(line, start, is_lower) or (name == "N" and is_seen) or not has_case
    if not is_doubtful or re.fullmatch(EXTENSION_PROPERTY, name):
        return True
    proof = _PROOF.get(name)
    is_empty = not line[end : end + 1].strip() or _CANDIDATE.match(line, end) is not None
    return is_empty or (proof is None and name != "N") or (proof is not None and bool(proof.match(line, end)))


def _continues_word(line: str, start: int, is_lower: bool) -> bool:
    """Return whether the letter before *start* may be part of the word there: it has the case of the keywords."""
    before = line[start - 1 : start]
    return before.isascii() and (before.islower() if is_lower else before.isupper())
