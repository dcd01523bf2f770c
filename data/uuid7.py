"""UUIDv7 ids: unique, and sorted by time."""

import os
from collections import deque

# How many random parts are drawn from the kernel together: each draw releases the interpreter lock and waits to get it
# back.
_PARTS_PER_DRAW = 128

_unused_parts: deque[bytes] = deque()
os.register_at_fork(after_in_child=_unused_parts.clear)


def new_uuid7(unix_seconds: float) -> str:
    """Create a UUIDv7 (RFC 9562, section 5.7) for a time in seconds since 1970 UTC."""
    value = (int(unix_seconds * 1000) & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(_draw_random_part())
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _draw_random_part() -> bytes:
    """Return ten random bytes that no other caller gets; safe from any thread."""
    try:
        return _unused_parts.popleft()
    except IndexError:
        drawn = os.urandom(10 * _PARTS_PER_DRAW)
        _unused_parts.extend(drawn[start : start + 10] for start in range(10, len(drawn), 10))
        return drawn[:10]


def get_uuid7_lower_bound(unix_seconds: float) -> str:
    """Return a string that sorts before every UUIDv7 of that time or later, and after every earlier one."""
    value = f"{int(unix_seconds * 1000) & 0xFFFF_FFFF_FFFF:012x}"
    return f"{value[:8]}-{value[8:]}"
