"""Digits as a USB scanner types them on a keyboard whose layout it does not know."""

from dataclasses import replace

from kiosk.badges.badge import Badge, Code, Refused
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.event import read_event

LAYOUTS = {
    "French": "à&é\"'(-è_ç",
    "Belgian": "à&é\"'(§è!ç",
    "Czech": "é+ěščřžýáí",
    "Slovak": "é+ľščťžýáí",
}
"""What the keys 0 to 9 type without Shift."""

DIGITS = [str.maketrans(keys, "0123456789") for keys in LAYOUTS.values()]

SHORTEST = 4
"""Fewer such characters may be anything."""


def read_typed_digits(code: Code) -> Badge | Refused | None:
    """An id of digits alone, `àà&"è'` for 001374; None where two layouts make two ids of it."""
    text = code.text
    if len(text) < SHORTEST or text.isascii():  # without an accent it may be any punctuation
        return None
    found = {typed for typed in (text.translate(digits) for digits in DIGITS) if typed.isascii() and typed.isdecimal()}
    if len(found) != 1:
        return None
    code = replace(code, text=found.pop())
    return read_event(code) or read_bare_id(code)
