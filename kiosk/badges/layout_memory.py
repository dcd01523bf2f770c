"""Remembers the keyboard layout that one scanner's badges have proven, and repairs its IDs accordingly."""

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
    Repairs what one scanner types. Once a badge has proven its layout, IDs that cannot prove it are repaired alike.
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
        self.proven_repair = RepairedText("", configured) if configured else None

    def repair_scan(self, typed: str, id_list: IdList | None = None) -> tuple[str, str]:
        """Return what the scanner meant by *typed*, and a sentence for staff about its layout; empty if all is well."""
        id_list = id_list or _NoList()
        text = keep_alt_key(typed)
        expected = self.proven_repair.layout if self.proven_repair and self.proven_repair.layout else self.expected
        if repaired := repair_text(text, expected) or repair_text(text.lstrip("\x1b"), expected):
            self.proven_repair = repaired
            return repaired.text, self._build_notice(repaired)
        if self.proven_repair is not None:
            intended = self._apply(self.proven_repair, text)
            if not self._is_right_as_typed(text, intended, id_list):
                return intended, self._build_notice(self.proven_repair)
            self.proven_repair = None  # somebody has corrected the layout
            return typed, _(_OUTDATED_SETTING) if self.configured else ""
        if repaired := repair_id(text, self.profile, id_list, expected):
            self.proven_repair = repaired
            return repaired.text, self._build_notice(repaired)
        return typed, ""

    def _apply(self, repair: RepairedText, text: str) -> str:
        """Return *text* repaired as the badge before was."""
        if repair.layout is None:
            return swap_case(text) if repair.has_capslock else text
        return repair.layout.restore_text(repair.layout.undo_capslock(text) if repair.has_capslock else text)

    def _is_right_as_typed(self, typed: str, intended: str, id_list: IdList) -> bool:
        """Return whether *typed* makes more sense than what it would mean by the proven layout."""
        if intended == typed:
            return False
        if sum(count_proofs(typed)) > sum(count_proofs(intended)):
            return True
        is_id = _MIN_ID_CHARACTERS <= len(typed) <= MAX_ID_CHARACTERS
        return is_id and id_list.has_id(typed) and not id_list.has_id(intended)

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
    code = ScannedCode(typed.encode(), typed, BadgeProfile())
    is_id = read_bare_id(code) is not None or read_bare_id(replace(code, text=swap_case(typed))) is not None
    is_numbered = id_list.count_with_prefix(listed[0][:-_NUMBER_CHARACTERS]) > 1
    return None if is_id and is_numbered else readings[listed[0]]


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
