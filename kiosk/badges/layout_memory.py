"""Remembers the keyboard layout that badges have proven, and repairs the IDs of other badges accordingly."""

import re
from dataclasses import replace
from typing import Protocol

from data.language import N_, _
from kiosk.badges.badge import ScannedCode
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, LayoutPair
from kiosk.badges.layout_repair import RepairedText, count_proofs, keep_alt_key, repair_text, swap_case
from kiosk.badges.pattern_safety import MAX_ID_CHARACTERS
from kiosk.badges.profile import BadgeProfile

# The shortest ID that is repaired; fewer characters may mean anything.
_MIN_ID_CHARACTERS = 4

# How many characters at the end of an ID differ between neighbours of a numbered list.
_NUMBER_CHARACTERS = 2

# How many IDs that may be wrong are pointed out after each proof: later on, the layout has probably been corrected.
_MAX_DOUBTS = 3

_OUTDATED_SETTING = N_("The scanner types correctly now. Remove scanner_layout and computer_layout from kiosk.toml.")


class IdList(Protocol):
    """The attendee list, as far as repairs ask for it."""

    def has_id(self, badge_id: str) -> bool:
        """Return whether *badge_id* is on the list."""

    def count_with_prefix(self, prefix: str) -> int:
        """Return how many IDs on the list begin with *prefix*."""


class _NoList:
    """What an event without an attendee list has in its place."""

    def has_id(self, badge_id: str) -> bool:
        return False

    def count_with_prefix(self, prefix: str) -> int:
        return 0


class LayoutMemory:
    """
    Repairs what scanners type. Once a badge has proven a layout, what is no ID is repaired alike.

    There is one memory for all scanners of a kiosk, because a terminal does not say which of them typed. So an ID that
    may be right as it was typed stays as it is, unless the event's `id_pattern`, the attendee list or kiosk.toml
    confirms what the proven layout makes of it. Caps Lock is never remembered: the
    notice asks staff to switch it off.
    """

    def __init__(
        self,
        profile: BadgeProfile | None = None,
        configured: LayoutPair | None = None,
        expected: LayoutPair | None = None,
    ) -> None:
        """
        Start with the *configured* layouts, if there are any, and the event's *profile*.

        *expected* is chosen if a badge proves that the layouts differ, but fits several: the computer's own layout.
        """
        self.profile = profile or BadgeProfile()
        self.configured = configured
        self.expected = configured or expected
        self.proven_layout = configured
        self._doubts = 0

    def repair_scan(self, typed: str, id_list: IdList | None = None) -> tuple[str, str]:
        """Return what the scanner meant by *typed*, and a sentence for staff about its layout; empty if all is well."""
        id_list = id_list or _NoList()
        text = keep_alt_key(typed)
        expected = self.proven_layout or self.expected
        if repaired := repair_text(text, expected) or repair_text(text.lstrip("\x1b"), expected):
            return self._accept_proof(repaired)
        if self.proven_layout is not None:
            intended = self.proven_layout.restore_text(text)
            if self._is_right_as_typed(text, intended, id_list):
                self.proven_layout = None  # somebody has corrected the layout, or this is another scanner
                return typed, _(_OUTDATED_SETTING) if self.configured else ""
            repaired = RepairedText(intended, self.proven_layout)
            if self._is_certain(text, intended, id_list):
                return intended, self._build_notice(repaired)
        if by_id := repair_id(text, self.profile, id_list, expected):
            return self._accept_proof(by_id)
        if repaired is not None and repaired.text != text and self._doubts < _MAX_DOUBTS:
            self._doubts += 1
            return typed, self._build_notice(repaired)
        return typed, ""

    def _accept_proof(self, repaired: RepairedText) -> tuple[str, str]:
        """Remember the layout that a badge has proven, and return the badge with the sentence for staff."""
        if repaired.layout is not None:
            self.proven_layout, self._doubts = repaired.layout, 0
        return repaired.text, self._build_notice(repaired)

    def _is_right_as_typed(self, typed: str, intended: str, id_list: IdList) -> bool:
        """Return whether *typed* certainly is right, and what it would mean by the proven layout is not."""
        if intended == typed:
            return False
        if sum(count_proofs(typed)) > sum(count_proofs(intended)):
            return True
        return self._is_confirmed(typed, id_list) and not self._is_confirmed(intended, id_list)

    def _is_certain(self, typed: str, intended: str, id_list: IdList) -> bool:
        """Return whether the scanner certainly meant *intended*: no ID that may be right becomes another one."""
        if self.proven_layout == self.configured or not _is_id(typed):
            return True
        return self._is_confirmed(intended, id_list) and not self._is_confirmed(typed, id_list)

    def _is_confirmed(self, badge_id: str, id_list: IdList) -> bool:
        """Return whether the event's pattern, or else its attendee list, has *badge_id*."""
        if not _MIN_ID_CHARACTERS <= len(badge_id) <= MAX_ID_CHARACTERS:
            return False
        if self.profile.id_pattern and re.fullmatch(self.profile.id_pattern, badge_id):
            return True
        return id_list.has_id(badge_id)

    def _build_notice(self, repair: RepairedText) -> str:
        """Return what staff can do about a repair; nothing if kiosk.toml has the layouts."""
        return "" if repair.layout == self.configured and not repair.has_capslock else repair.message


def repair_id(
    typed: str, profile: BadgeProfile, id_list: IdList, expected: LayoutPair | None = None
) -> RepairedText | None:
    """
    Return the ID that a scanner meant by *typed*, if the event's `id_pattern` or the attendee list proves it.

    It is proven if *typed* itself does not match, and what exactly one layout makes of it does. For the attendee list,
    *typed* must not be an ID itself, or the ID that was found must not have neighbours: of a numbered list, the badge
    `Y0012` of somebody who is not on it could become `Z0012`.
    """
    if not _MIN_ID_CHARACTERS <= len(typed) <= MAX_ID_CHARACTERS or " " in typed:
        return None
    readings = _list_readings(typed, expected)
    if profile.id_pattern and not re.fullmatch(profile.id_pattern, typed):
        matching = [text for text in readings if re.fullmatch(profile.id_pattern, text)]
        if len(matching) == 1:
            return readings[matching[0]]
    if id_list.has_id(typed):
        return None
    # The list has an ID in capitals as well as in small letters.
    listed = sorted((text for text in readings if id_list.has_id(text)), key=lambda text: readings[text].has_capslock)
    if len({text.lower() for text in listed}) != 1:
        return None
    is_numbered = id_list.count_with_prefix(listed[0][:-_NUMBER_CHARACTERS]) > 1
    return None if _is_id(typed) and is_numbered else readings[listed[0]]


def _is_id(typed: str) -> bool:
    """Return whether *typed* may be an ID as it is, or in the other case."""
    code = ScannedCode(typed.encode("utf-8", "replace"), typed, BadgeProfile())
    return read_bare_id(code) is not None or read_bare_id(replace(code, text=swap_case(typed))) is not None


def _list_readings(typed: str, expected: LayoutPair | None) -> dict[str, RepairedText]:
    """Return what *typed* means through each layout, with Caps Lock and without it, except for itself."""
    readings = {swap_case(typed): RepairedText(swap_case(typed), None, has_capslock=True)}
    for layout in (*filter(None, [expected]), *LAYOUT_PAIRS):
        if layout.count_untypeable(typed):
            continue
        for has_capslock in (False, True):
            text = layout.restore_text(layout.undo_capslock(typed) if has_capslock else typed)
            if text.isascii() and text.isprintable():
                readings.setdefault(text, RepairedText(text, layout, has_capslock))
    readings.pop(typed, None)
    return readings
