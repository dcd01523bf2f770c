"""Collect payloads of several lines other than vCards: MeCards, JSON, XML, calendar events, and labelled lines."""

import json
import re
from collections.abc import Callable, Iterator

from camera.text import decode_text
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, fold_key
from kiosk.badges.labels import split_label

_MAX_PAYLOAD_LINES = 100
"""Longest payload; further lines begin another one."""

_MECARD_START = re.compile(rb"(?:MECARD|MEMORY|BIZCARD|MATMSG):", re.IGNORECASE)

_CALENDAR_START = re.compile(rb"BEGIN:V(?:EVENT|CALENDAR|TODO)\s*$", re.IGNORECASE)
"""A calendar event: not a badge, but its lines must not be taken for badges either."""

_MECARD_FIELD = re.compile(rb"[A-Z][A-Z0-9-]{0,9}\s?:|(?i:n|tel|email|org|adr|url|note|til|title|div)\s?:")
"""A field of a MeCard, or of a similar format, on a line of its own."""

_JSON_LINE = re.compile(rb"\s*(?:[\[\]{}\"]|-?\d[\d.]*,?\s*$|(?:true|false|null),?\s*$)")
"""The start of a line of a JSON document that is printed over several lines."""

_XML_START = re.compile(rb"<(?:\?xml|[\w:-]{0,20}vcards?\b)", re.IGNORECASE)

_XML_END = re.compile(rb"</(?:[\w-]{1,20}:)?vcard>\s*$", re.IGNORECASE)

_XML_LIST_START = re.compile(rb"<(?:[\w-]{1,20}:)?vcards\b", re.IGNORECASE)

_XML_LIST_END = re.compile(rb"</(?:[\w-]{1,20}:)?vcards>\s*$", re.IGNORECASE)


class MultilineBuffer:
    """A payload whose lines are being collected; false while it has none."""

    def __init__(self, is_badge: Callable[[bytes], bool]) -> None:
        """*is_badge* says whether a line is a badge by itself."""
        self._is_badge = is_badge
        self._first_line_number = 0
        self._lines: list[bytes] = []
        self._belongs: Callable[[bytes], bool] = _accept_none
        self._seen_fields: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def try_start(self, line: bytes) -> bool:
        """Return whether *line* may start such a payload, and if so, choose which lines belong to it."""
        self._seen_fields = set()
        if _MECARD_START.match(line):
            self._belongs = _is_mecard_field
        elif _CALENDAR_START.match(line):
            self._belongs = _accept_any
        elif line.strip()[:1] in (b"{", b"["):
            self._belongs = _is_json_line
        elif _XML_START.match(line.strip()):
            self._belongs = _is_xml_line
        elif self._claim_label(line):
            self._belongs = self._claim_label
        else:
            return False
        return True

    def can_accept(self, line: bytes) -> bool:
        """Return whether *line* belongs to this payload; an empty line ends it."""
        return len(self._lines) < _MAX_PAYLOAD_LINES and bool(line.strip()) and self._belongs(line)

    def add_line(self, number: int, line: bytes) -> None:
        """Add *line*."""
        self._first_line_number = self._first_line_number or number
        self._lines.append(line)

    @property
    def is_complete(self) -> bool:
        """Whether the last line marks the end of the payload."""
        last = self._lines[-1].rstrip()
        if self._belongs is _is_mecard_field:
            return last.endswith(b";;")
        if self._belongs is _is_xml_line:
            is_several = any(_XML_LIST_START.search(line) for line in self._lines[:2])
            return (_XML_LIST_END if is_several else _XML_END).search(last) is not None
        if self._belongs is _accept_any:
            return last.strip().upper() == self._lines[0].strip().upper().replace(b"BEGIN", b"END", 1)
        return self._belongs is _is_json_line and last[-1:] in (b"}", b"]") and _is_valid_json(b"\n".join(self._lines))

    def take_payloads(self) -> Iterator[tuple[int, bytes]]:
        """Yield the payload, if there is one, with the number of its first line; start over."""
        start, lines = self._first_line_number, self._lines
        self._first_line_number, self._lines = 0, []
        if lines:
            yield start, b"\n".join(lines)

    def _claim_label(self, line: bytes) -> bool:
        """Return whether *line* has a label that is new to this payload, and remember the label."""
        # A label that was there before, such as a second name, belongs to the next person.
        labelled = split_label(decode_text(line))
        if labelled is None or not labelled[1]:
            return False
        key = fold_key(labelled[0])
        field = FIELD_BY_KEY.get(key, "id" if key in ID_KEYS else "")
        if field in self._seen_fields or (not field and (not self._seen_fields or self._is_badge(line))):
            return False
        self._seen_fields |= {field} - {""}
        return True


def _accept_any(line: bytes) -> bool:
    return True


def _accept_none(line: bytes) -> bool:
    return False


def _is_mecard_field(line: bytes) -> bool:
    return _MECARD_FIELD.match(line.strip()) is not None


def _is_json_line(line: bytes) -> bool:
    return _JSON_LINE.match(line) is not None


def _is_xml_line(line: bytes) -> bool:
    return line[:1] in (b" ", b"\t", b"<")


def _is_valid_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
