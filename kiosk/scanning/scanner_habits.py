"""What the kiosk learns about a scanner from the badges that it certainly typed."""

import re
from collections import deque
from itertools import takewhile

from kiosk.badges.vcard.frame import TYPED_BEGIN_PATTERN
from kiosk.scanning.bursts import Burst, InputEvent

# How many badges are remembered.
_MEMORY = 3

# How many keys a badge must have for its rhythm to be learned: those of fewer may be a person's after all.
_MIN_KEYS = 6

# The shortest gap within a badge that shows that the scanner stalls, as Bluetooth does.
_MIN_STALL_SECONDS = 0.09

# How long its stalls may last from then on: a longer one is the pause between two scans.
_MAX_STALL_SECONDS = 0.32

# The longest prefix, such as `]Q1` after STX.
_MAX_PREFIX_CHARACTERS = 5

# Control characters that no key types by itself, unlike Esc, Tab, Enter and Backspace.
_CONTROL_PREFIX = re.compile(r"[\x01-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f]")

# The AIM symbology identifier, such as `]Q1`.
_AIM_PREFIX = re.compile(r"\][A-Za-z]\d?")

_FORMAT_START = re.compile(r"[\W_]{0,4}(?:MECARD|BIZCARD|MATMSG|https?)\W|\s*\{\s*\"", re.IGNORECASE)


class ScannerHabits:
    """The last badges of a scanner: how they begin and end, how long they are, and how long the scanner stalls."""

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        """Start with the *prefix* and *suffix* of kiosk.toml, if there are any."""
        self.prefix = prefix
        self.suffix = suffix
        self.ends_with_enter = False
        """Whether the last badge ended with Enter."""
        self.stall_seconds = 0.0
        """The longest pause to expect within a badge; 0 if the scanner has not stalled yet."""
        self._texts: deque[str] = deque(maxlen=_MEMORY)

    @property
    def has_lines(self) -> bool:
        """Whether the last badges had several lines."""
        return any(re.search(r"[\r\n][^\r\n]", text.strip()) for text in self._texts)

    def learn(self, burst: Burst[InputEvent]) -> None:
        """Learn from a badge."""
        self.ends_with_enter = burst.is_terminated
        self._texts.append(burst.text)
        if len(burst.visible_text) >= _MIN_KEYS and max(burst.gaps) >= _MIN_STALL_SECONDS:
            self.stall_seconds = _MAX_STALL_SECONDS

    def begins_like_a_badge(self, text: str) -> bool:
        """Return whether no person begins like *text*: with the scanner's prefix, or a control character."""
        prefixes = [prefix for prefix in (self.prefix, self._find_common_prefix()) if prefix]
        return bool(_CONTROL_PREFIX.match(text) or _AIM_PREFIX.match(text)) or any(
            text.startswith(prefix) for prefix in prefixes
        )

    def ends_like_a_badge(self, text: str) -> bool:
        """Return whether *text* ends with the suffix of kiosk.toml, after which nothing more comes but Enter."""
        return bool(self.suffix) and text.endswith(self.suffix)

    def is_same_kind(self, text: str) -> bool:
        """Return whether *text* is as long as the last badges, or begins like them, or with a known format."""
        if TYPED_BEGIN_PATTERN.match(text[:30]) or _FORMAT_START.match(text) or self.begins_like_a_badge(text):
            return True
        lengths = {len(badge) for badge in self._texts}
        return len(self._texts) > 1 and lengths == {len(text)}

    def strip_affixes(self, payload: str) -> str:
        """Return *payload* without the prefix and the suffix of kiosk.toml."""
        return payload.removeprefix(self.prefix).removesuffix(self.suffix)

    def _find_common_prefix(self) -> str:
        """Return the signs that all remembered badges begin with; empty if there are too few badges, or none."""
        if len(self._texts) < _MEMORY or len(set(self._texts)) < _MEMORY:
            return ""
        common = _find_common_start(min(self._texts), max(self._texts))[:_MAX_PREFIX_CHARACTERS]
        # Letters and digits are no proof: a person may type them, too, and badges may be numbered.
        return common if common and not common[0].isalnum() and common[0] not in " \x1b" else ""


def _find_common_start(one: str, other: str) -> str:
    """Return what both texts begin with."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
