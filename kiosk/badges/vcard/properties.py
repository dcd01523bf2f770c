"""
The properties of a vCard, whatever a printer or a keyboard scanner did to its lines.

Sources: vCard 2.1 (versit, 1996), RFC 2426 (3.0) and RFC 6350 (4.0), sections on folding and parameters.
"""

import quopri
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.badges.charset.declared import decode_declared, redecode_latin
from kiosk.badges.vcard.folding import LINE_BREAK, count_properties, unfold_lines
from kiosk.badges.vcard.frame import is_last_or_cut_line
from kiosk.badges.vcard.line_breaks import decode_percent, split_lost_breaks, split_printed_breaks, strip_spare_break
from kiosk.badges.vcard.property_names import (
    BARE_PARAMS,
    BINARY_PATTERN,
    GROUP_PATTERN,
    PARAM_PATTERN,
    SHORT_PROPERTIES,
)

UNREAD_NAME = ""
"""The name of a line that is not a property, or belongs to another card."""

_PARAM_NAME = rf"(?i:(?:{BARE_PARAMS})\b|[A-Z-]+=)"

_NAME = re.compile(r"(?:([\w-]{1,40})\.)?([A-Za-z][\w/-]{0,100})")

# A property with a semicolon instead of its colon: `FN;Ana Lopez`.
_NO_COLON = re.compile(
    rf"((?:{GROUP_PATTERN})?(?:{SHORT_PROPERTIES}|NOTE|ADR)(?:{PARAM_PATTERN})*);(?!{_PARAM_NAME})\s?([^:=]+|(?i:https?:).*)"
)

_CHARSET_PARAM = re.compile(r";\s?CHARSET=\"?([\w-]{3,20})", re.IGNORECASE)

# What separates parameters; some programs write `PREF=1,TYPE=HOME`.
_PARAMS = re.compile(r";|,(?=(?:PREF|TYPE|CHARSET|LANGUAGE|VALUE|ENCODING|ALTID)=)", re.IGNORECASE)

_LOST_SOFT_BREAK = re.compile("=(?==[0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class VCardProperty:
    """One property of a vCard."""

    name: str
    """In capitals, without its group; `UNREAD_NAME` for a line that is not a property."""
    params: tuple[str, ...]
    """In capitals: `TYPE=WORK`, or bare as in 2.1: `WORK`."""
    value: str
    """Still escaped."""
    group: str = ""
    """`ITEM1`: an `X-ABLABEL` of the same group labels this property."""

    def get_param(self, name: str) -> str:
        """Return the value of the parameter *name* without its quotes, or an empty string."""
        found = (item.partition("=")[2] for item in self.params if item.startswith(f"{name}="))
        return next(found, "").strip('"')

    @property
    def types(self) -> set[str]:
        """`WORK`, `CELL`, `PREF` ..., however they are written."""
        values = (item.removeprefix("TYPE=") for item in self.params)
        return {kind.strip() for value in values for kind in value.strip('"').split(",")}


def parse_properties(card: str, is_lower: bool, is_guess: bool) -> Iterator[VCardProperty]:
    """
    Yield the properties of *card*, the text after its BEGIN; other lines, and those of another card, as `UNREAD_NAME`.

    *is_lower*: its keywords are in lower case. *is_guess*: it was decoded as Latin-1 for lack of better knowledge.
    """
    depth, is_over = 1, False
    declared = _CHARSET_PARAM.search(card) if is_guess else None
    card_charset = declared[1] if declared else ""
    for line in _repair_lines(card, is_lower):
        found = _parse_line(line)
        is_over = is_over or not depth
        if is_last_or_cut_line(line):
            depth -= 1
        elif _is_begin_line(found):
            depth += 1
        elif is_over or depth != 1 or found.name == UNREAD_NAME:
            yield VCardProperty(UNREAD_NAME, (), line)
        else:
            yield VCardProperty(
                found.name, found.params, _decode_value(found, is_guess, card_charset).strip(), found.group
            )


def _is_begin_line(item: VCardProperty) -> bool:
    """Return whether a nested card begins, or the next one."""
    return (item.name, item.value.strip().upper()) in (("BEGIN", "VCARD"), ("AGENT", "BEGIN:VCARD"))


def _repair_lines(card: str, is_lower: bool) -> Iterator[str]:
    """Yield the lines of *card*: unfolded, and split where their breaks were lost."""
    physical = LINE_BREAK.split(card if LINE_BREAK.search(card.strip()) else decode_percent(card))
    is_sound = count_properties(physical) >= 2
    for line in unfold_lines(physical):
        for part in [strip_spare_break(line)] if is_sound else split_printed_breaks(line):
            yield from split_lost_breaks(part, is_lower, is_sound)


def _parse_line(line: str) -> VCardProperty:
    """Parse the property in *line*; its value stays escaped and encoded."""
    head, value = _split_head(line)
    if missing := _NO_COLON.fullmatch(line):
        head, value = missing[1], missing[2]
    name, *params = (part.strip() for part in _split_params(head))
    found = _NAME.fullmatch(name) if value is not None else None
    if found is None or value is None:
        return VCardProperty(UNREAD_NAME, (), line)
    return VCardProperty(found[2].upper(), tuple(map(str.upper, params)), value, (found[1] or "").upper())


def _split_head(line: str) -> tuple[str, str | None]:
    """Split *line* into its head and its value, None if it has no colon; a colon in quotes belongs to the head."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return line[:at], line[at + 1 :]
    head, colon, value = line.partition(":")
    return head, value if colon else None


def _split_params(head: str) -> list[str]:
    """Split *head* into the name and the parameters; a semicolon in quotes does not separate."""
    if '"' not in head:
        return _PARAMS.split(head)
    parts = head.split('"')
    parts[::2] = [part.replace(";", "\n") for part in parts[::2]]
    return '"'.join(parts).split("\n")


def _decode_value(item: VCardProperty, is_guess: bool, card_charset: str) -> str:
    """
    Return the value of *item* without its transfer encoding, decoded in its character set.

    *card_charset* is the character set that another property declares; a property without one of its own is assumed to
    use it.
    """
    encoding = item.get_param("ENCODING")
    charset = item.get_param("CHARSET") or card_charset
    if encoding == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in item.params:
        data = _LOST_SOFT_BREAK.sub("", item.value).encode("latin-1" if is_guess else "utf-8", "replace")
        return decode_declared(quopri.decodestring(data), charset)
    if encoding in ("B", "BASE64") and not BINARY_PATTERN.fullmatch(item.name):
        try:
            return decode_declared(b64decode(item.value, validate=True), charset)
        except (Base64Error, ValueError):
            return item.value
    return redecode_latin(item.value, charset) if is_guess and charset else item.value
