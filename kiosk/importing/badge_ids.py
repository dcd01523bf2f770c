"""
Parses the IDs in the cells of a list to their stored form. A cell may hold whatever the badge's code holds.
"""

import re

from data.language import N_, _
from kiosk.badges.badge import RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.badges.stored_id import to_stored_id
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.values import has_lost_digits, is_id

# Text that every reader takes for an ID as it is, unless the event has its own pattern.
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,120}", re.ASCII)

_BETWEEN = re.compile(r"\s*[,;|\n]\s*")

# A Code 39 as its font prints it; scanners do not send the stars.
_CODE_39 = re.compile(r"\*([0-9A-Z $%+./-]+)\*")

# The apostrophe that makes a spreadsheet treat a number as text.
_TEXT_MARK = re.compile(r"'(?=[\d+=@-])")

# How many IDs a cell may hold.
_MAX_IDS = 10

_LOST_DIGITS = N_("its ID lost digits in a spreadsheet ({id}); export the list again with that column as text")


def parse_ids(cell: str, profile: BadgeProfile) -> list[str]:
    """
    Return the IDs in *cell* in their stored form; none if it is empty or holds no ID.

    Raises:
        ValueError: its digits are lost, or it must not be stored.
    """
    text = _TEXT_MARK.sub("", normalize_cell("badge_id", cell).strip(), count=1)
    if not text:
        return []
    has_own_form = bool(profile.id_pattern or profile.fields)
    if has_lost_digits(text) and not has_own_form:
        raise ValueError(_(_LOST_DIGITS).format(id=text[:30]))
    if _PLAIN_ID.fullmatch(text) and not has_own_form:
        return [to_stored_id(text)]
    parts = _BETWEEN.split(text)
    if 1 < len(parts) <= _MAX_IDS and all(map(is_id, parts)):
        return list(dict.fromkeys(_parse_id(part, profile) for part in parts))
    found = _parse_id(text, profile)
    return [found] if found else []


def _parse_id(text: str, profile: BadgeProfile) -> str:
    """
    Return the ID of a badge that contains *text*; empty if such a badge identifies a person and has no ID.

    Raises:
        ValueError: it must not be stored.
    """
    text = found[1] if (found := _CODE_39.fullmatch(text)) else text
    reading = read_badge(text.encode("utf-8", "replace"), text, profile)
    if isinstance(reading, RefusedPayload):
        raise ValueError(_("its ID was refused: {reason}").format(reason=reading.message.rstrip(".")))
    if reading.badge_id or not reading.can_be_id or reading.kind in ("event", "test"):
        return reading.badge_id
    return to_stored_id(text)
