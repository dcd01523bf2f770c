"""
Restores the logical lines of a vCard: unfolds them, joins quoted-printable text and long notes, and drops pictures.
"""

import re
from collections.abc import Iterable

from kiosk.badges.vcard.property_names import (
    BINARY_PATTERN,
    FOLDABLE_PATTERN,
    GROUP_PATTERN,
    KNOWN_PROPERTIES,
    MULTI_LINE_PATTERN,
)

LINE_BREAK = re.compile(r"\r\n?|\n|\x0b|\x85|\u2028|\u2029")

# Lines that are kept. A real card has fewer, and the many lines of a picture count as one.
_MAX_LINES = 200

_HEAD = re.compile(r"\s*(?:[\w-]{1,40}\.)?([A-Za-z][\w/-]{0,60})\s{0,2}[;:]")

_KNOWN = re.compile(rf"\s*(?:{GROUP_PATTERN})?(?:{KNOWN_PROPERTIES})\s?[;:]")

_KNOWN_TIGHT = re.compile(rf"\s*(?:{GROUP_PATTERN})?(?:{KNOWN_PROPERTIES})[;:](?=\S|$)", re.IGNORECASE)

_OTHER = re.compile(r"(?:[\w-]{1,40}\.)?[A-Z][A-Z0-9-]+[;:](?=\S|$)")

_QUOTED = re.compile("QUOTED-PRINTABLE", re.IGNORECASE)

_QUOTED_TEXT = re.compile("=[0-9A-F]{2}")

# Properties that every card has, and that say nothing about a person.
_FRAME = {"BEGIN", "VERSION", "END", "PRODID", ""}


def count_properties(physical: Iterable[str]) -> int:
    """Return how many of the lines are properties that say something about a person."""
    return sum(
        _parse_property_name(line) not in _FRAME for line in physical if _KNOWN_TIGHT.match(line) or _KNOWN.match(line)
    )


def unfold_lines(physical: list[str]) -> list[str]:
    """Return the logical lines that the *physical* ones make up."""
    if len(physical) > 4 and 2 * sum(not line.strip() for line in physical[1:-1]) >= len(physical) - 3:
        physical = [line for line in physical if line.strip()]  # every line break is doubled
    is_indented = not count_properties(line for line in physical if line[:1].strip())
    lines: list[str] = []
    is_after_blank = False
    for line in physical:
        last = lines[-1] if lines else ""
        if _is_soft_break(last):
            lines[-1] = last.rstrip()[:-1]
            if line.strip() and not _KNOWN.match(line):
                lines[-1] += line.strip() if is_indented or line.lstrip()[:1] == "=" else line.rstrip()
                continue  # else it just ends in a stray `=`
        if not line.strip():
            is_after_blank = True
            continue
        if is_after_blank and _QUOTED_TEXT.match(line) and _QUOTED.search(last):
            lines[-1] += line.strip()
            continue
        rest = _get_continuation(_parse_property_name(last), line, is_indented, is_after_blank) if lines else None
        if rest is not None:
            lines[-1] += rest
        elif len(lines) < _MAX_LINES:
            lines.append(line.lstrip())
        is_after_blank = False
    return lines


def _get_continuation(name: str, line: str, is_indented: bool, is_after_blank: bool) -> str | None:
    """Return what *line* adds to the property called *name* before it; None if it starts a property itself."""
    is_head = _HEAD.match(line) is not None
    if BINARY_PATTERN.fullmatch(name) and not is_head:
        return ""
    if line[:1] in " \t":
        is_property = _KNOWN_TIGHT.match(line) if is_indented or not FOLDABLE_PATTERN.fullmatch(name) else None
        return None if is_property else line[1:]
    if MULTI_LINE_PATTERN.fullmatch(name) and not is_after_blank and not _is_property(line):
        return f"\n{line}"
    return None


def _is_property(line: str) -> bool:
    """Return whether *line*, after a note that may have several lines, is a property."""
    return bool(_KNOWN.match(line) or _KNOWN_TIGHT.match(line) or _OTHER.match(line))


def _is_soft_break(line: str) -> bool:
    """Return whether quoted-printable text continues on the next line."""
    return line.rstrip().endswith("=") and _QUOTED.search(line) is not None


def _parse_property_name(line: str) -> str:
    """Return the name of the property in *line*, or an empty string."""
    head = _HEAD.match(line)
    return head[1].upper() if head else ""
