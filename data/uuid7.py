"""Ids of our own making."""

import os
from collections import deque

_PARTS_PER_DRAW = 128
"""Random parts that are drawn at once: each draw lets another thread have Python, and waits to get it back."""

unused_parts: deque[bytes] = deque()
os.register_at_fork(after_in_child=unused_parts.clear)


def new_uuid7(wall: float) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for the moment *wall*, in seconds since 1970 UTC: unique, and sorted by time."""
    value = (int(wall * 1000) & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(_draw_random_part())
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _draw_random_part() -> bytes:
    """Ten bytes that nobody else gets; from any thread."""
    try:
        return unused_parts.popleft()
    except IndexError:
        drawn = os.urandom(10 * _PARTS_PER_DRAW)
        unused_parts.extend(drawn[place : place + 10] for place in range(10, len(drawn), 10))
        return drawn[:10]


def uuid7_lower_bound(wall: float) -> str:
    """What all UUIDv7 of the moment *wall* and later are not less than, and all earlier ones are."""
    value = f"{int(wall * 1000) & 0xFFFF_FFFF_FFFF:012x}"
    return f"{value[:8]}-{value[8:]}"
