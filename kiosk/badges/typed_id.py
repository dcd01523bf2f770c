"""Reads an ID that a scanner typed with another keyboard layout, if no other layout makes an ID of it."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.badges.badge import Badge, RefusedPayload, ScannedCode
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.event_badge import read_event_badge
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, RARE_PAIRS
from kiosk.badges.layout_repair import is_ticket_like, swap_case
from kiosk.badges.stored_id import is_entry_secret

# The shortest and the longest ID that is repaired; fewer characters may mean anything.
_MIN_ID_CHARACTERS = 4

_MAX_ID_CHARACTERS = 120

# The length of an entry secret of pretix or eventyay.
_ENTRY_SECRET_CHARACTERS = 32


def read_typed_id(code: ScannedCode) -> Badge | RefusedPayload | None:
    """
    Read an ID that contains characters no ID has: `àà&è"'` is 001374, `QCß157` is QC-157.

    Returns None if two layouts give two IDs. Whatever is an entry secret in some layout is stored as its hash only.
    """
    text = code.text
    if not _MIN_ID_CHARACTERS <= len(text) <= _MAX_ID_CHARACTERS:
        return None
    intended = {
        candidate for candidate in _iterate_typed_ids(text) if read_bare_id(replace(code, text=candidate)) is not None
    }
    secrets = sorted(candidate for candidate in intended if is_entry_secret(candidate))
    digits = {candidate for candidate in intended if candidate.isdecimal()}
    intended = digits if len(digits) == 1 else intended
    if len(intended) != 1 and not secrets:
        return None
    found = secrets[0] if secrets else intended.pop()
    # Not even the garbled form of a secret may be stored, because it can be translated back.
    meant_code = replace(code, text=found, payload=found.encode())
    return read_event_badge(meant_code) or read_bare_id(meant_code)


def _iterate_typed_ids(text: str) -> Iterator[str]:
    """Yield what *text* may mean; for ASCII text, which may be any punctuation, only entry secrets."""
    for layout in LAYOUT_PAIRS:
        if not layout.count_untypeable(text):
            candidate = layout.restore_text(text)
            if candidate.isascii() and not text.isascii():
                yield candidate
    if len(text) == _ENTRY_SECRET_CHARACTERS or is_ticket_like(text):
        yield from filter(is_entry_secret, _iterate_all_layouts(text))


def _iterate_all_layouts(text: str) -> Iterator[str]:
    """Yield what *text* means through every layout, with Caps Lock and without it."""
    yield swap_case(text)
    for layout in (*LAYOUT_PAIRS, *RARE_PAIRS):
        yield layout.restore_text(text)
        yield layout.restore_text(layout.undo_capslock(text))
