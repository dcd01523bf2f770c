"""The lines of one vCard as they are typed, and where it ends if its END is missing."""

import re
from collections.abc import Callable, Iterator

LONGEST_CARD = 200
"""Lines after which a vCard that does not end is taken as it is."""

PROPERTY = re.compile(
    rb"(?:[\w-]{1,40}\.)?(?:X-[\w-]{1,60}|VERSION|PRODID|FN|N|ORG|TITLE|ROLE|TEL|EMAIL|ADR|LABEL|URL|NOTE|END|REV|UID"
    rb"|BDAY|PHOTO|LOGO|KEY|SOUND|CATEGORIES|EVENTYAY|NICKNAME|GEO|TZ|IMPP|GENDER|LANG|KIND|CLASS|SORT-STRING|MAILER"
    rb"|AGENT|ANNIVERSARY|RELATED|SOURCE|MEMBER)(?:;[^:]{0,200})?:",
    re.IGNORECASE,
)
"""A line that a vCard has, and no badge."""

ANY = re.compile(rb"[A-Za-z][\w-]{0,60}(?:;[^:]{0,200})?:")
"""A line that looks like a property."""

BASE64 = re.compile(rb"[A-Za-z0-9+/]{60,}={0,2}")
"""A line of a picture."""


def begins(line: bytes) -> bool:
    """Whether a vCard begins with *line*."""
    return line.strip().upper() == b"BEGIN:VCARD"


class Card:
    """A vCard of which some lines were typed; false where none were."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        self.is_badge = is_badge
        self.lines: list[bytes] = []
        self.start = 0
        self.strays: list[tuple[int, bytes]] = []
        """Lines that may be of the card, as a note may have several, or badges of their own: what follows tells."""

    def __bool__(self) -> bool:
        return bool(self.lines)

    def goes_on(self, line: bytes) -> bool:
        """Whether *line* may be of this card."""
        if begins(line):
            return False
        return self.owns(line) or not line.strip() or not self.is_badge(line)

    def owns(self, line: bytes) -> bool:
        """Whether *line* is of this card for sure: a property, or the rest of one."""
        is_rest = line[:1] in (b" ", b"\t") or self.is_soft or BASE64.fullmatch(line.strip())
        return bool(is_rest or PROPERTY.match(line.strip()) or (ANY.match(line) and not self.is_badge(line)))

    @property
    def is_soft(self) -> bool:
        """Whether its last line goes on in the next, as quoted-printable ones do."""
        is_quoted = any(b"QUOTED-PRINTABLE" in line.upper() for line in self.lines[-5:])
        return is_quoted and self.lines[-1].rstrip().endswith(b"=")

    def add(self, number: int, line: bytes) -> None:
        """Add a line; one that is of the card makes those before it of the card too."""
        if not self.lines:
            self.start = number
        elif not self.owns(line):
            self.strays.append((number, line))
            return
        self.lines += [*(stray for _, stray in self.strays), line]
        self.strays = []

    @property
    def is_whole(self) -> bool:
        """Whether it has come to its end, or to the length at which it is taken as it is."""
        return self.lines[-1].strip().upper() == b"END:VCARD" or len(self.lines) + len(self.strays) >= LONGEST_CARD

    def taken(self) -> Iterator[tuple[int, bytes]]:
        """The card, and behind it what turned out to be none of it; both with the number of the first line."""
        if self.lines:
            yield self.start, b"\r\n".join(self.lines)
        yield from ((number, line) for number, line in self.strays if line.strip())
        self.lines, self.strays = [], []
