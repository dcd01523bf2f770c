"""
Which of several values of one property a card prefers.

RFC 6350's PREF and the TYPE=PREF of 2.1 and 3.0 decide, then the place: at work before at home.
"""

from collections.abc import Iterable

from kiosk.badges.vcard.properties import VCardProperty

_NOT_CALLABLE = {"FAX", "PAGER", "MODEM", "BBS", "TLX", "TELEX", "ISDN", "X400"}
"""Types of what nobody can be called or written to by; only for want of others."""

_MOBILE = {"CELL", "MOBILE", "IPHONE"}

_NOT_PREFERRED = 101
"""Behind 100, which RFC 6350 (5.3) has for the least preferred."""


def rank_properties(items: Iterable[VCardProperty]) -> list[VCardProperty]:
    """*items* that have a value, the best first: preferred, at work, mobile, of no type, at home; a fax is last."""
    return sorted((item for item in items if item.value.strip(" ;,\t")), key=_get_rank)


def _get_rank(item: VCardProperty) -> tuple[bool, int, int]:
    """Where *item* stands among its like; the lowest is best."""
    types = item.types
    place = 0 if "WORK" in types else 1 if types & _MOBILE else 3 if "HOME" in types else 2
    return bool(types & _NOT_CALLABLE), _get_preference(item), place


def _get_preference(item: VCardProperty) -> int:
    """How much *item* is preferred: 1 is most, 100 least."""
    number = item.get_param("PREF")
    if number.isascii() and number.isdecimal() and len(number) <= 3:
        return min(int(number), _NOT_PREFERRED)
    return 1 if "PREF" in item.types else _NOT_PREFERRED
