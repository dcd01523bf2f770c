"""Backslash escapes in vCard and MeCard."""

import re

_ESCAPED_CHARACTER = re.compile(r"\\(.)", re.DOTALL)

_ESCAPED_TWICE = re.compile(r"\\+(?=[,;])")

# Matches up to a separator without a backslash before it. The possessive `*+` prevents slow backtracking.
_PART_PATTERNS = {separator: re.compile(rf"(?:[^\\{separator}]|\\.|\\$)*+", re.DOTALL) for separator in ",;"}


def split_escaped(value: str, separator: str) -> list[str]:
    """Split *value* at each comma or semicolon that has no backslash before it; the parts stay escaped."""
    parts, start = [], 0
    while (found := _PART_PATTERNS[separator].match(value, start)) is not None:
        parts.append(found.group())
        start = found.end() + 1
        if start > len(value):
            break
    return parts


def unescape_text(value: str) -> str:
    r"""
    Resolve the escapes in *value*: `\n` is a line break, any other escaped character is itself; `\\,` was escaped
    twice.
    """
    return _ESCAPED_TWICE.sub("", _ESCAPED_CHARACTER.sub(lambda found: "\n" if found[1] in "nN" else found[1], value))
