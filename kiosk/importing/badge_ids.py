"""The ids in the cells of a list, in the form in which a badge's id is kept: a list may hold what the QR code holds."""

import re

from kiosk.badges import read_badge
from kiosk.badges.badge import RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import to_stored_id
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.values import has_lost_digits, is_id

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)
"""What every reader takes for an id as it is, unless the event has a pattern of its own."""

_BETWEEN = re.compile(r"\s*[,;|\n]\s*")

_CODE_39 = re.compile(r"\*([0-9A-Z $%+./-]+)\*")
"""The stars with which the bars of Code 39 begin and end; fonts print them, and scanners do not send them."""

_TEXT_MARK = re.compile(r"'(?=[\d+=@-])")
"""The apostrophe that makes a spreadsheet take a number for text."""

_MAX_IDS = 10
"""Ids in one cell."""

_LOST_DIGITS = "its id has lost digits in a spreadsheet; export the list again, with that column as text"


def parse_ids(cell: str, profile: BadgeProfile) -> list[str]:
    """
    The ids in *cell*, each as it is kept of a badge; none where it is empty or holds no id.

    Raises:
        ValueError: its digits are lost, or nobody may keep it.
    """
    text = _TEXT_MARK.sub("", normalize_cell("badge_id", cell).strip(), count=1)
    if not text:
        return []
    has_own_form = bool(profile.id_pattern or profile.fields)
    if has_lost_digits(text) and not has_own_form:
        raise ValueError(f"{_LOST_DIGITS} ({text[:30]})")
    if _PLAIN_ID.fullmatch(text) and not has_own_form:
        return [to_stored_id(text)]
    parts = _BETWEEN.split(text)
    if 1 < len(parts) <= _MAX_IDS and all(map(is_id, parts)):
        return list(dict.fromkeys(_parse_id(part, profile) for part in parts))
    found = _parse_id(text, profile)
    return [found] if found else []


def _parse_id(text: str, profile: BadgeProfile) -> str:
    """
    The id of a badge that would hold *text*; empty where such a badge says who it is, and has none.

    Raises:
        ValueError: nobody may keep it.
    """
    text = found[1] if (found := _CODE_39.fullmatch(text)) else text
    reading = read_badge(text.encode("utf-8", "replace"), text, profile)
    if isinstance(reading, RefusedPayload):
        raise ValueError(f"its id is refused: {reading.message.rstrip('.')}")
    if reading.badge_id or reading.kind in ("vcard", "mecard", "json", "event", "test"):
        return reading.badge_id
    return to_stored_id(text)
