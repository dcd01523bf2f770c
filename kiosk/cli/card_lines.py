"""The lines of one vCard as they are typed or piped, and where it ends if its END is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.badges.vcard.names import KNOWN

MAX_LINES = 500
"""Lines of a vCard that are kept, apart from those of pictures; no card has as many."""

MAX_PICTURE_BYTES = 1 << 20
"""Bytes of pictures that are kept of one card: no reader needs them."""

MAX_STRAYS = 50
"""Lines in a row that may be of the card or not; more are not."""

_BEGIN = re.compile(rb"[^:]{0,16}?begin\s{0,3}:\s{0,3}vcard", re.IGNORECASE)

_END = re.compile(rb"end\s{0,3}:\s{0,3}vcard", re.IGNORECASE)

_GROUP = rb"(?:[\w-]{1,40}\.)?"

_PROPERTY = re.compile(
    rb"%s(?:(?:%s)\s{0,2}(?:;[^:]*)?:|X-[^:;\s]{1,200}[;:])" % (_GROUP, KNOWN.encode()), re.IGNORECASE
)
"""A line that a vCard has, and no badge."""

_ANY = re.compile(rb"[A-Za-z][\w./-]{0,60}(?:;[^:]*)?:")
"""A line that looks like a property."""

_PICTURE = re.compile(rb"%s(?:PHOTO|LOGO|SOUND|KEY)[;:]" % _GROUP, re.IGNORECASE)

_QUOTED = re.compile(rb"=[0-9A-F]{2}", re.IGNORECASE)

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")

_AGENT = re.compile(rb"%sAGENT[;:]" % _GROUP, re.IGNORECASE)


def begins_card(line: bytes) -> bool:
    """Whether a vCard of several lines begins with *line*."""
    return _BEGIN.match(line.strip()) is not None and _END.search(line) is None


@dataclass(slots=True)
class _Lines:
    """What has come of one card."""

    start: int = 0
    lines: list[bytes] = field(default_factory=list)
    depth: int = 0
    """Cards that are open: 2 while there is one inside, of an AGENT."""
    last: bytes = b""
    """The last line that is not folded, nor of a picture."""
    is_quoted: bool = False
    """Whether the last property is in quoted-printable, by which it may continue in the next line."""
    picture_bytes: int = 0
    strays: list[tuple[int, bytes]] = field(default_factory=list)
    """Lines that may be of the card, as a note may have several, or badges of their own: what follows tells."""


class Card:
    """A vCard of which some lines have come; false where none have."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        """*is_badge* says whether a line is a badge by itself."""
        self._is_badge = is_badge
        self._so_far = _Lines()

    def __bool__(self) -> bool:
        return bool(self._so_far.lines)

    @property
    def is_whole(self) -> bool:
        """Whether it has come to its end."""
        return self._so_far.depth == 0

    def continues_with(self, line: bytes) -> bool:
        """Whether *line* may be of this card."""
        if begins_card(line):
            return _AGENT.match(self._so_far.last) is not None
        if len(self._so_far.strays) >= MAX_STRAYS:
            return False
        return self._owns(line) or not line.strip() or not self._is_badge(line)

    def add(self, number: int, line: bytes) -> None:
        """Add a line; one that is of the card makes those before it of the card too."""
        card = self._so_far
        if not card.lines:
            card.start = number
        elif not self._owns(line):
            card.strays.append((number, line))
            return
        is_of_picture, is_soft = self._is_of_picture(line), self._is_soft(line)
        is_folded = line[:1] in (b" ", b"\t") and _AGENT.match(card.last) is not None
        if begins_card(line) or (_AGENT.match(line) and _BEGIN.search(line)):
            card.depth += not is_folded and b"\\n" not in line
        elif _END.match(line.strip()) and not is_folded:
            card.depth -= 1
        if is_of_picture:
            card.picture_bytes += len(line)
        if card.picture_bytes <= MAX_PICTURE_BYTES if is_of_picture else len(card.lines) < MAX_LINES:
            card.lines += [*(stray for _, stray in card.strays), line]
        card.strays = []
        if not is_of_picture and not is_folded and not is_soft and line.strip():
            card.last, card.is_quoted = line, b"QUOTED-PRINTABLE" in line.upper()

    def take(self) -> Iterator[tuple[int, bytes]]:
        """The card, and behind it what turned out not to be of it; both with the number of the first line."""
        card, self._so_far = self._so_far, _Lines()
        if card.lines:
            yield card.start, b"\r\n".join(card.lines)
        yield from ((number, line) for number, line in card.strays if line.strip())

    def _owns(self, line: bytes) -> bool:
        """Whether *line* is of this card for sure: a property, or the rest of one."""
        if line[:1] in (b" ", b"\t") or self._is_soft(line) or self._is_of_picture(line) or begins_card(line):
            return True
        return bool(_PROPERTY.match(line.strip()) or (_ANY.match(line) and not self._is_badge(line)))

    def _is_soft(self, line: bytes) -> bool:
        """Whether *line* continues a property in quoted-printable: it says so, or the one before it."""
        card = self._so_far
        return card.is_quoted and (card.lines[-1].rstrip().endswith(b"=") or _QUOTED.match(line) is not None)

    def _is_of_picture(self, line: bytes) -> bool:
        """Whether *line* continues a picture: it is Base64, and the last property is a picture or the like."""
        return _PICTURE.match(self._so_far.last.strip()) is not None and _BASE64.fullmatch(line.strip()) is not None
