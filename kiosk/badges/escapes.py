"""Backslashes, as vCard and MeCard use them."""

import re

_ESCAPED_CHARACTER = re.compile(r"\\(.)", re.DOTALL)

_ESCAPED_TWICE = re.compile(r"\\+(?=[,;])")

_PART_PATTERNS = {separator: re.compile(rf"(?:[^\\{separator}]|\\.|\\$)*+", re.DOTALL) for separator in ",;"}
"""All up to a separator that no backslash precedes; the possessive `*+` never looks back."""


def split_escaped(value: str, separator: str) -> list[str]:
    """The parts of *value* between a comma or semicolon that no backslash precedes; the parts stay escaped."""
    parts, start = [], 0
    while (found := _PART_PATTERNS[separator].match(value, start)) is not None:
        parts.append(found.group())
        start = found.end() + 1
        if start > len(value):
            break
    return parts


def unescape_text(value: str) -> str:
    r"""*value* with `\n` as a line break and any other escaped character as itself; `\\,` was escaped twice."""
    return _ESCAPED_TWICE.sub("", _ESCAPED_CHARACTER.sub(lambda found: "\n" if found[1] in "nN" else found[1], value))
