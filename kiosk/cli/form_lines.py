"""Payloads of several lines that are not vCards: MeCards, JSON, XML, appointments, and lines with labels."""

import json
import re
from collections.abc import Callable, Iterator

from camera.text import text_of
from kiosk.badges.json_keys import IDS, KEYS, folded
from kiosk.badges.labels import label_of

MAX_LINES = 100
"""Lines of one such payload; what comes after is another."""

_MECARD = re.compile(rb"(?:MECARD|MEMORY|BIZCARD|MATMSG):", re.IGNORECASE)

_CALENDAR = re.compile(rb"BEGIN:V(?:EVENT|CALENDAR|TODO)\s*$", re.IGNORECASE)
"""An appointment: not a badge, but not one for each of its lines either."""

_FIELD = re.compile(rb"[A-Z][A-Z0-9-]{0,9}\s?:|(?i:n|tel|email|org|adr|url|note|til|title|div)\s?:")
"""A line that is a field of a MeCard or of one of its relatives."""

_JSON = re.compile(rb"\s*(?:[\[\]{}\"]|-?\d[\d.]*,?\s*$|(?:true|false|null),?\s*$)")
"""How a line of a JSON document begins that is printed over several."""

_XML = re.compile(rb"<(?:\?xml|[\w:-]{0,20}vcards?\b)", re.IGNORECASE)

_XML_END = re.compile(rb"</(?:[\w-]{1,20}:)?vcard>\s*$", re.IGNORECASE)

_XML_SEVERAL = re.compile(rb"<(?:[\w-]{1,20}:)?vcards\b", re.IGNORECASE)

_XML_SEVERAL_END = re.compile(rb"</(?:[\w-]{1,20}:)?vcards>\s*$", re.IGNORECASE)


class Form:
    """A payload of several lines of which some have come; false where none have."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        """*is_badge* says whether a line is a badge by itself."""
        self._is_badge = is_badge
        self._start = 0
        self._lines: list[bytes] = []
        self._owns: Callable[[bytes], bool] = _is_nothing
        self._fields: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def begins(self, line: bytes) -> bool:
        """Whether *line* may be the first of such a payload; it decides what belongs to it."""
        self._fields = set()
        if _MECARD.match(line):
            self._owns = _is_field
        elif _CALENDAR.match(line):
            self._owns = _is_anything
        elif line.strip()[:1] in (b"{", b"["):
            self._owns = _is_of_json
        elif _XML.match(line.strip()):
            self._owns = _is_of_xml
        elif self._is_new_label(line):
            self._owns = self._is_new_label
        else:
            return False
        return True

    def continues_with(self, line: bytes) -> bool:
        """Whether *line* is of this payload; an empty one ends it."""
        return len(self._lines) < MAX_LINES and bool(line.strip()) and self._owns(line)

    def add(self, number: int, line: bytes) -> None:
        """Add a line."""
        self._start = self._start or number
        self._lines.append(line)

    @property
    def is_whole(self) -> bool:
        """Whether its last line says that it ends."""
        last = self._lines[-1].rstrip()
        if self._owns is _is_field:
            return last.endswith(b";;")
        if self._owns is _is_of_xml:
            is_several = any(_XML_SEVERAL.search(line) for line in self._lines[:2])
            return (_XML_SEVERAL_END if is_several else _XML_END).search(last) is not None
        if self._owns is _is_anything:
            return last.strip().upper() == self._lines[0].strip().upper().replace(b"BEGIN", b"END", 1)
        return self._owns is _is_of_json and last[-1:] in (b"}", b"]") and _is_json(b"\n".join(self._lines))

    def take(self) -> Iterator[tuple[int, bytes]]:
        """The payload, with the number of its first line."""
        start, lines = self._start, self._lines
        self._start, self._lines = 0, []
        if lines:
            yield start, b"\n".join(lines)

    def _is_new_label(self, line: bytes) -> bool:
        """Whether *line* has a label that this payload does not have yet: a second name is a second person's."""
        labelled = label_of(text_of(line))
        if labelled is None or not labelled[1]:
            return False
        key = folded(labelled[0])
        field = KEYS.get(key, "id" if key in IDS else "")
        if field in self._fields or (not field and (not self._fields or self._is_badge(line))):
            return False
        self._fields |= {field} - {""}
        return True


def _is_anything(line: bytes) -> bool:
    return True


def _is_nothing(line: bytes) -> bool:
    return False


def _is_field(line: bytes) -> bool:
    return _FIELD.match(line.strip()) is not None


def _is_of_json(line: bytes) -> bool:
    return _JSON.match(line) is not None


def _is_of_xml(line: bytes) -> bool:
    return line[:1] in (b" ", b"\t", b"<")


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
