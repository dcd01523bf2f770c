"""Ids of our own making."""

import os
from uuid import UUID


def uuid7(wall: float) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for the moment *wall*, in seconds since 1970 UTC: unique, and sorted by time."""
    value = (int(wall * 1000) & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def first_of(wall: float) -> str:
    """What all UUIDv7 of the moment *wall* and later are not less than, and all earlier ones are."""
    value = f"{int(wall * 1000) & 0xFFFF_FFFF_FFFF:012x}"
    return f"{value[:8]}-{value[8:]}"
