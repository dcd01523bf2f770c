"""
The lines of a vCard, whatever a printer or a keyboard scanner made of them.

Sources: vCard 2.1 (versit, 1996), RFC 2426 (3.0) and RFC 6350 (4.0), sections on folding and parameters.
"""

import quopri
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from kiosk.badges.charsets import declared_over_latin, decoded

NAMES = "VERSION|PRODID|FN|ORG|TITLE|ROLE|TEL|EMAIL|ADR|LABEL|URL|NOTE|END|REV|UID|BDAY|PHOTO|CATEGORIES|EVENTYAY|N"
"""Properties by which a lost line break is found again; `N` last, as it ends others."""

GLUED = re.compile(rf"(?:{NAMES})(?:;[^:;]{{0,40}}){{0,4}}:", re.IGNORECASE)

PROPERTY = re.compile(rf"\s+(?:{NAMES})[;:]", re.IGNORECASE)
"""A line that is indented, and yet no continuation of the one before."""

LITERAL = re.compile(rf"\\n(?:{NAMES})[;:]", re.IGNORECASE)
r"""A property behind a `\n` that was meant as a line break, and not as one inside a value."""

BREAK = re.compile(r"\r\n?|\n")

MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a vCard."""

    name: str
    """In capitals, without its group."""
    params: tuple[str, ...]
    """In capitals: `TYPE=WORK`, or bare as in 2.1, `WORK`."""
    value: str
    """Still escaped."""

    def param(self, name: str) -> str:
        """The value of the parameter *name*, or an empty string."""
        return next((item.partition("=")[2] for item in self.params if item.startswith(f"{name}=")), "")

    @property
    def types(self) -> set[str]:
        """`WORK`, `CELL`, `PREF` ..., however they are written."""
        values = (item.removeprefix("TYPE=") for item in self.params)
        return {kind for value in values for kind in value.strip('"').split(",")}


def properties(card: str, is_guess: bool) -> Iterator[Property]:
    """The properties of *card* up to its END; *is_guess* says that its text is Latin-1 for want of anything better."""
    for line in unfolded(card):
        head, colon, value = parted(line)
        name, *params = (part.strip().upper() for part in head.split(";"))
        if name == "END":
            return
        if colon:
            found = Property(name.rpartition(".")[2], tuple(params), value)
            yield Property(found.name, found.params, plain(found, is_guess).strip())


def unfolded(card: str) -> list[str]:
    """The lines of *card*, with those that were folded made whole."""
    lines: list[str] = []
    for line in islice(filter(str.strip, BREAK.split(broken(card))), MOST_LINES):
        soft = bool(lines) and lines[-1].endswith("=") and "QUOTED-PRINTABLE" in lines[-1].upper()
        if soft:
            lines[-1] = lines[-1][:-1] + line.strip()
        elif lines and line[:1] in (" ", "\t") and not PROPERTY.match(line):
            lines[-1] += line[1:]
        else:
            lines.append(line.lstrip())
    return lines


def broken(card: str) -> str:
    r"""*card* with line breaks: real ones, a literal `\n`, or those that a keyboard scanner lost."""
    if BREAK.search(card.strip()):
        return card
    if LITERAL.search(card):
        return card.replace("\\r", "").replace("\\n", "\n")
    return GLUED.sub(lambda found: f"\n{found.group()}", card)


def parted(line: str) -> tuple[str, str, str]:
    """The head of *line*, its colon, and its value; a colon in quotes belongs to the head."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return line[:at], ":", line[at + 1 :]
    return line.partition(":")


def plain(item: Property, is_guess: bool) -> str:
    """The value of *item* with its transfer encoding taken off and its character set applied."""
    encoding = item.param("ENCODING")
    charset = item.param("CHARSET")
    if encoding == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in item.params:
        return decoded(quopri.decodestring(item.value.encode("latin-1" if is_guess else "utf-8", "replace")), charset)
    if encoding in ("B", "BASE64") and item.name not in ("PHOTO", "LOGO", "KEY", "SOUND"):
        try:
            return decoded(b64decode(item.value, validate=True), charset)
        except (Base64Error, ValueError):
            return item.value
    return declared_over_latin(item.value, charset) if is_guess and charset else item.value
