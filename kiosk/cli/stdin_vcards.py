"""The lines of one vCard as they are typed or piped, and where it ends if its END is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.badges.vcard.property_names import KNOWN_PROPERTIES

MAX_CARD_LINES = 500
"""Lines of a vCard that are kept, apart from those of pictures; no card has as many."""

_MAX_PICTURE_BYTES = 1 << 20
"""Bytes of pictures that are kept of one card: no reader needs them."""

_MAX_STRAY_LINES = 50
"""Lines in a row that may be of the card or not; more are not."""

_CARD_BEGIN = re.compile(rb"[^:]{0,16}?begin\s{0,3}:\s{0,3}vcard", re.IGNORECASE)

_CARD_END = re.compile(rb"end\s{0,3}:\s{0,3}vcard", re.IGNORECASE)

_GROUP_PREFIX = rb"(?:[\w-]{1,40}\.)?"

_KNOWN_PROPERTY = re.compile(
    rb"%s(?:(?:%s)\s{0,2}(?:;[^:]*)?:|X-[^:;\s]{1,200}[;:])" % (_GROUP_PREFIX, KNOWN_PROPERTIES.encode()), re.IGNORECASE
)
"""A line that a vCard has, and no badge."""

_ANY_PROPERTY = re.compile(rb"[A-Za-z][\w./-]{0,60}(?:;[^:]*)?:")
"""A line that looks like a property."""

_PICTURE_PROPERTY = re.compile(rb"%s(?:PHOTO|LOGO|SOUND|KEY)[;:]" % _GROUP_PREFIX, re.IGNORECASE)

_QUOTED_BYTE = re.compile(rb"=[0-9A-F]{2}", re.IGNORECASE)

_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,2}")

_AGENT_PROPERTY = re.compile(rb"%sAGENT[;:]" % _GROUP_PREFIX, re.IGNORECASE)


def is_card_start(line: bytes) -> bool:
    """Whether a vCard of several lines begins with *line*."""
    return _CARD_BEGIN.match(line.strip()) is not None and _CARD_END.search(line) is None


@dataclass(slots=True)
class _PartialCard:
    """What has come of one card."""

    first_line_number: int = 0
    lines: list[bytes] = field(default_factory=list)
    open_cards: int = 0
    """Cards that are open: 2 while there is one inside, of an AGENT."""
    last_property: bytes = b""
    """The last line that is not folded, nor of a picture."""
    is_quoted_printable: bool = False
    """Whether the last property is in quoted-printable, by which it may continue in the next line."""
    picture_bytes: int = 0
    stray_lines: list[tuple[int, bytes]] = field(default_factory=list)
    """Lines that may be of the card, as a note may have several, or badges of their own: what follows tells."""


class VCardBuffer:
    """A vCard of which some lines have come; false where none have."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        """*is_badge* says whether a line is a badge by itself."""
        self._is_badge = is_badge
        self._card = _PartialCard()

    def __bool__(self) -> bool:
        return bool(self._card.lines)

    @property
    def is_complete(self) -> bool:
        """Whether it has come to its end."""
        return self._card.open_cards == 0

    def can_accept(self, line: bytes) -> bool:
        """Whether *line* may be of this card."""
        if is_card_start(line):
            return _AGENT_PROPERTY.match(self._card.last_property) is not None
        if len(self._card.stray_lines) >= _MAX_STRAY_LINES:
            return False
        return self._is_certainly_card(line) or not line.strip() or not self._is_badge(line)

    def add_line(self, number: int, line: bytes) -> None:
        """Add a line; one that is of the card makes those before it of the card too."""
        card = self._card
        if not card.lines:
            card.first_line_number = number
        elif not self._is_certainly_card(line):
            card.stray_lines.append((number, line))
            return
        is_of_picture, is_soft = self._is_picture_data(line), self._is_quoted_continuation(line)
        is_folded = line[:1] in (b" ", b"\t") and _AGENT_PROPERTY.match(card.last_property) is not None
        if is_card_start(line) or (_AGENT_PROPERTY.match(line) and _CARD_BEGIN.search(line)):
            card.open_cards += not is_folded and b"\\n" not in line
        elif _CARD_END.match(line.strip()) and not is_folded:
            card.open_cards -= 1
        if is_of_picture:
            card.picture_bytes += len(line)
        if card.picture_bytes <= _MAX_PICTURE_BYTES if is_of_picture else len(card.lines) < MAX_CARD_LINES:
            card.lines += [*(stray for _, stray in card.stray_lines), line]
        card.stray_lines = []
        if not is_of_picture and not is_folded and not is_soft and line.strip():
            card.last_property, card.is_quoted_printable = line, b"QUOTED-PRINTABLE" in line.upper()

    def take_payloads(self) -> Iterator[tuple[int, bytes]]:
        """The card, and behind it what turned out not to be of it; both with the number of the first line."""
        card, self._card = self._card, _PartialCard()
        if card.lines:
            yield card.first_line_number, b"\r\n".join(card.lines)
        yield from ((number, line) for number, line in card.stray_lines if line.strip())

    def _is_certainly_card(self, line: bytes) -> bool:
        """Whether *line* is of this card for sure: a property, or the rest of one."""
        if (
            line[:1] in (b" ", b"\t")
            or self._is_quoted_continuation(line)
            or self._is_picture_data(line)
            or is_card_start(line)
        ):
            return True
        return bool(_KNOWN_PROPERTY.match(line.strip()) or (_ANY_PROPERTY.match(line) and not self._is_badge(line)))

    def _is_quoted_continuation(self, line: bytes) -> bool:
        """Whether *line* continues a property in quoted-printable: it says so, or the one before it."""
        card = self._card
        return card.is_quoted_printable and (
            card.lines[-1].rstrip().endswith(b"=") or _QUOTED_BYTE.match(line) is not None
        )

    def _is_picture_data(self, line: bytes) -> bool:
        """Whether *line* continues a picture: it is Base64, and the last property is a picture or the like."""
        return (
            _PICTURE_PROPERTY.match(self._card.last_property.strip()) is not None
            and _BASE64_LINE.fullmatch(line.strip()) is not None
        )
