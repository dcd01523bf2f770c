"""Keyboard layouts: what a computer receives if its layout differs from the scanner's."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from kiosk.badges.layout_keys import ALTGR_KEYS, LAYOUT_KEYS, US_KEYS

# Keys that wait for a letter and put their accent on it.
_DEAD_KEYS = {"´": "\u0301", "`": "\u0300", "^": "\u0302", "¨": "\u0308", "~": "\u0303", "ˇ": "\u030c", "¸": "\u0327"}

# A US keyboard has no AltGr: its right Alt key is the left one, which terminals send as an escape character.
_ALT_KEY = re.compile(r"\x1b([!-~])")


@dataclass(frozen=True)
class LayoutPair:
    """Translates between what a scanner means and what the computer receives if their keyboard layouts differ."""

    scanner: str
    """The layout that the scanner is set to."""
    computer: str
    """The layout that the computer is set to."""
    typed_keys: str
    """The characters that the computer receives, key by key."""
    intended_keys: str
    """The characters that the scanner means, key by key."""

    @cached_property
    def intended_by_typed(self) -> dict[int, str]:
        """What is typed -> what is meant. Accented letters come from a dead key and a letter."""
        table = {
            ord(typed): intended
            for typed, intended in zip(reversed(self.typed_keys), reversed(self.intended_keys), strict=True)
        }
        letters = [
            (typed, intended)
            for typed, intended in zip(self.typed_keys, self.intended_keys, strict=True)
            if typed.isalpha()
        ]
        for accent, mark in _DEAD_KEYS.items():
            for letter, intended in letters if ord(accent) in table else ():
                composed = unicodedata.normalize("NFC", letter + mark)
                if len(composed) == 1:
                    table.setdefault(ord(composed), table[ord(accent)] + intended)
        for intended, typed in self._altgr_keys.items():
            if len(typed) == 1:
                table.setdefault(ord(typed), intended)
        return table

    @cached_property
    def ambiguous_keys(self) -> dict[int, str]:
        """What the computer types with AltGr as well as without it -> what the scanner means with AltGr."""
        return {
            ord(typed): intended
            for intended, typed in self._altgr_keys.items()
            if len(typed) == 1 and self.intended_by_typed[ord(typed)] != intended
        }

    @cached_property
    def typed_by_intended(self) -> dict[int, str]:
        """What is meant -> what is typed."""
        table = {
            ord(intended): typed
            for typed, intended in zip(reversed(self.typed_keys), reversed(self.intended_keys), strict=True)
        }
        return {ord(intended): typed for intended, typed in self._altgr_keys.items()} | table

    @cached_property
    def _altgr_keys(self) -> dict[str, str]:
        """The ASCII characters that only AltGr types on the scanner's keyboard -> what the computer receives."""
        intended_keys = ALTGR_KEYS.get(self.scanner, "")
        typed_keys = ALTGR_KEYS.get(self.computer, "")
        if self.computer == "US":
            typed_keys = [f"\x1b{key}" for key in US_KEYS[:47]]  # type: ignore[assignment]
        return {
            intended: typed
            for intended, typed in zip(intended_keys, typed_keys, strict=False)
            if intended.isascii() and intended != " " != typed and intended not in self.intended_keys
        }

    @cached_property
    def _intended_by_alt(self) -> dict[str, str]:
        """The keys that the computer receives with Alt -> what is meant."""
        return {typed[1:]: intended for intended, typed in self._altgr_keys.items() if len(typed) == 2}

    @cached_property
    def _capslock_table(self) -> dict[int, str]:
        """What the computer types with Caps Lock on -> what it types without."""
        # Keys with both cases of one letter swap them. Of the others, X11 makes small letters into capitals, such as É
        # on the French key of é and 2, and the Linux console leaves them alone.
        keys = set(self.typed_keys)
        letters = (key for key in self.typed_keys if len(key.swapcase()) == 1 and key.swapcase() != key)
        table = {ord(key.swapcase()): key for key in letters if key.islower() or key.lower() in keys}
        return {ord("ẞ"): "ß"} | table

    def simulate_typing(self, text: str) -> str:
        """Return what the computer receives if the scanner types *text*."""
        return text.translate(self.typed_by_intended)

    def restore_text(self, text: str, altgr_keys: dict[int, str] | None = None) -> str:
        """Return what the scanner meant by *text*; *altgr_keys* are those of its keys that were typed with AltGr."""
        table = self.intended_by_typed | altgr_keys if altgr_keys else self.intended_by_typed
        if not self._intended_by_alt or "\x1b" not in text:
            return text.translate(table)
        # What Alt types must not be translated a second time.
        parts = _ALT_KEY.split(text)
        return "".join(
            self._intended_by_alt.get(part, part) if number % 2 else part.translate(table)
            for number, part in enumerate(parts)
        )

    def undo_capslock(self, text: str) -> str:
        """Return what this computer would have typed instead of *text* without Caps Lock."""
        return text.translate(self._capslock_table)

    def count_untypeable(self, text: str) -> int:
        """Return how many characters of *text* no key of the computer's keyboard types."""
        unknown = (one for one in set(text) if one > " " and ord(one) not in self.intended_by_typed)
        return sum(text.count(one) for one in unknown)


def make_layout_pair(scanner: str, computer: str) -> LayoutPair:
    """Return the pair of the layouts called *scanner* and *computer*."""
    keys = {"US": US_KEYS, **LAYOUT_KEYS}
    return LayoutPair(scanner, computer, keys[computer], keys[scanner])


# The more common pairs come first, because some badges fit several.
LAYOUT_PAIRS = (
    *(make_layout_pair("US", name) for name in LAYOUT_KEYS),
    *(make_layout_pair(name, "US") for name in ALTGR_KEYS),
)

RARE_PAIRS = tuple(make_layout_pair(scanner, computer) for scanner, computer in permutations(ALTGR_KEYS, 2))
"""Pairs without a US keyboard."""
