"""
Ranks several values of one property by the card's preference.

RFC 6350's PREF and the TYPE=PREF of 2.1 and 3.0 decide, then the place: work before home.
"""

from collections.abc import Iterable

from kiosk.badges.vcard.properties import VCardProperty

# Types of lines on which a person cannot be reached; used only if there is nothing else.
_NOT_CALLABLE = {"FAX", "PAGER", "MODEM", "BBS", "TLX", "TELEX", "ISDN", "X400"}

_MOBILE = {"CELL", "MOBILE", "IPHONE"}

# The rank without a preference: after 100, the least preferred value in RFC 6350 (5.3).
_NOT_PREFERRED = 101


def rank_properties(items: Iterable[VCardProperty]) -> list[VCardProperty]:
    """Return the *items* that have a value, best first: preferred, work, mobile, no type, home; a fax comes last."""
    return sorted((item for item in items if item.value.strip(" ;,\t")), key=_get_rank)


def _get_rank(item: VCardProperty) -> tuple[bool, int, int]:
    """Return the sort key of *item*; the lowest is best."""
    types = item.types
    place = 0 if "WORK" in types else 1 if types & _MOBILE else 3 if "HOME" in types else 2
    return bool(types & _NOT_CALLABLE), _get_preference(item), place


def _get_preference(item: VCardProperty) -> int:
    """Return how much *item* is preferred: 1 is most, 100 least."""
    number = item.get_param("PREF")
    if number.isascii() and number.isdecimal() and len(number) <= 3:
        return min(int(number), _NOT_PREFERRED)
    return 1 if "PREF" in item.types else _NOT_PREFERRED
