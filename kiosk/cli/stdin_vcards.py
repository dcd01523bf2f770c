"""Collect the lines of one vCard, and decide where it ends if its END line is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.badges.vcard.frame import BEGIN_PATTERN, is_first_line, is_last_line
from kiosk.badges.vcard.property_names import KNOWN_PROPERTIES

# Number of lines of a vCard that are kept, not counting those of pictures: more than any real card has.
MAX_CARD_LINES = 500

# Number of bytes of pictures that are kept of one card. Nothing reads them, so more is not worth the memory.
_MAX_PICTURE_BYTES = 1 << 20

_MAX_STRAY_LINES = 50
"""Consecutive lines that may or may not belong to the card; after that the card has ended."""

_GROUP_PREFIX = rb"(?:[\w-]{1,40}\.)?"

_KNOWN_PROPERTY = re.compile(
    rb"%s(?:(?:%s)\s{0,2}(?:;[^:]*)?:|X-[^:;\s]{1,200}[;:])" % (_GROUP_PREFIX, KNOWN_PROPERTIES.encode()), re.IGNORECASE
)
"""A line that occurs in vCards only, and is never a badge by itself."""

_ANY_PROPERTY = re.compile(rb"[A-Za-z][\w./-]{0,60}(?:;[^:]*)?:")
"""A line that looks like a property of some vCard."""

_PICTURE_PROPERTY = re.compile(rb"%s(?:PHOTO|LOGO|SOUND|KEY)[;:]" % _GROUP_PREFIX, re.IGNORECASE)

_QUOTED_BYTE = re.compile(rb"=[0-9A-F]{2}", re.IGNORECASE)

_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,2}")

_AGENT_PROPERTY = re.compile(rb"%sAGENT[;:]" % _GROUP_PREFIX, re.IGNORECASE)


def is_card_start(line: bytes) -> bool:
    """Return whether *line* is the first of a vCard of several lines."""
    return is_first_line(line.decode("latin-1"))


@dataclass(slots=True)
class _PartialCard:
    """The lines of a card so far, and the state needed to interpret the next one."""

    first_line_number: int = 0
    lines: list[bytes] = field(default_factory=list)
    open_cards: int = 0
    """Nesting depth: 2 within the card of an AGENT."""
    last_property: bytes = b""
    """The last line that began a property, other than a picture's data."""
    is_quoted_printable: bool = False
    """Whether the last property is quoted-printable, so that it may continue on the next line."""
    picture_bytes: int = 0
    stray_lines: list[tuple[int, bytes]] = field(default_factory=list)
    """Lines that belong to the card (to a note, say) or are badges of their own; the next lines decide."""


class VCardBuffer:
    """A vCard whose lines are being collected; false while it has none."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        """*is_badge* says whether a line is a badge by itself."""
        self._is_badge = is_badge
        self._card = _PartialCard()

    def __bool__(self) -> bool:
        return bool(self._card.lines)

    @property
    def is_complete(self) -> bool:
        """Whether the card's END line was added."""
        return self._card.open_cards == 0

    def can_accept(self, line: bytes) -> bool:
        """Return whether *line* may belong to this card."""
        if is_card_start(line):
            return _AGENT_PROPERTY.match(self._card.last_property) is not None
        if len(self._card.stray_lines) >= _MAX_STRAY_LINES:
            return False
        return self._is_certainly_card(line) or not line.strip() or not self._is_badge(line)

    def add_line(self, number: int, line: bytes) -> None:
        """Add *line*; if it certainly belongs to the card, so do the stray lines before it."""
        card = self._card
        if not card.lines:
            card.first_line_number = number
        elif not self._is_certainly_card(line):
            card.stray_lines.append((number, line))
            return
        is_of_picture, is_soft = self._is_picture_data(line), self._is_quoted_continuation(line)
        is_folded = line[:1] in (b" ", b"\t") and _AGENT_PROPERTY.match(card.last_property) is not None
        if is_card_start(line) or (_AGENT_PROPERTY.match(line) and BEGIN_PATTERN.search(line.decode("latin-1"))):
            card.open_cards += not is_folded and b"\\n" not in line
        elif is_last_line(line.decode("latin-1")) and not is_folded:
            card.open_cards -= 1
        if is_of_picture:
            card.picture_bytes += len(line)
        if card.picture_bytes <= _MAX_PICTURE_BYTES if is_of_picture else len(card.lines) < MAX_CARD_LINES:
            card.lines += [*(stray for _, stray in card.stray_lines), line]
        card.stray_lines = []
        if not is_of_picture and not is_folded and not is_soft and line.strip():
            card.last_property, card.is_quoted_printable = line, b"QUOTED-PRINTABLE" in line.upper()

    def take_payloads(self) -> Iterator[tuple[int, bytes]]:
        """Yield the card and then its stray lines, each with the number of its first line; start over."""
        card, self._card = self._card, _PartialCard()
        if card.lines:
            yield card.first_line_number, b"\r\n".join(card.lines)
        yield from ((number, line) for number, line in card.stray_lines if line.strip())

    def _is_certainly_card(self, line: bytes) -> bool:
        """Return whether *line* certainly belongs to this card: a property, or the continuation of one."""
        if (
            line[:1] in (b" ", b"\t")
            or self._is_quoted_continuation(line)
            or self._is_picture_data(line)
            or is_card_start(line)
        ):
            return True
        return bool(_KNOWN_PROPERTY.match(line.strip()) or (_ANY_PROPERTY.match(line) and not self._is_badge(line)))

    def _is_quoted_continuation(self, line: bytes) -> bool:
        """Return whether *line* continues a quoted-printable property, by its form or by the end of the line before."""
        card = self._card
        return card.is_quoted_printable and (
            card.lines[-1].rstrip().endswith(b"=") or _QUOTED_BYTE.match(line) is not None
        )

    def _is_picture_data(self, line: bytes) -> bool:
        """Return whether *line* continues a picture: it is Base64, and the last property is a picture, sound or key."""
        return (
            _PICTURE_PROPERTY.match(self._card.last_property.strip()) is not None
            and _BASE64_LINE.fullmatch(line.strip()) is not None
        )
