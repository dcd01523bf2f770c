"""Bursts of keystrokes, and the rules that say whether a USB scanner typed them (docs/usb-scanners.md)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import mean, pstdev
from typing import Generic, Literal, TypeAlias, TypeVar

Event = TypeVar("Event")

_TERMINATORS = "\r\n\t"
"""What scanners type after a badge: Enter is a carriage return, and CR LF ends with Ctrl+J."""

_MIN_STEADY_KEYS = 8
"""Keys from which on a rhythm can be called steady."""

_MAX_STEADY_VARIATION = 0.2
"""Standard deviation of a machine's pauses, as a part of their mean, at most; a person's is twice as large."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*[@-~]|O[ -~]|[ -~])?")

_BADGE_MARKS = re.compile(r"\d|[A-Z]{6}|[:;^|{}@]", re.ASCII)
"""What badges have, and hardly any word that a person types in a hurry."""

_ALT_CODE = re.compile(r"(?:\x1b\d){3,4}")
"""What scanners type for characters that no key has: digits while Alt is held down, such as Alt+029 for GS."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

TypingSpeed: TypeAlias = Literal["very fast", "fast", "slow", "steady"]

_MAX_GAP_BY_SPEED: dict[TypingSpeed, float] = {"very fast": 0.35, "fast": 0.65, "slow": 1.0}
"""The pauses of each pace at most, as parts of `[scanner] key_gap_ms`."""

BURST_GAP_FACTOR = 1.25
"""Pauses within one burst at most, as a part of `key_gap_ms`: a busy machine reads some keys late."""


@dataclass(frozen=True, slots=True)
class Keystroke(Generic[Event]):
    """One keystroke, and when the terminal sent it."""

    text: str
    """What it types, Enter being a carriage return; empty for arrows, function keys and the mouse."""
    at: float
    """Seconds, by any clock."""
    event: Event
    is_harmless: bool = False
    """Whether it changes no lead by itself: arrows, backspace. These may follow one another quickly."""
    is_click: bool = False
    """Whether the mouse or a finger did it; press and release come together."""
    late_seconds: float = 0.0
    """Seconds by which a busy machine may have read it too late."""

    def measure_gap_after(self, earlier: "Keystroke[Event]") -> float:
        """Seconds between *earlier* and this, at least."""
        return max(0.0, self.at - self.late_seconds - earlier.at)

    @property
    def is_terminator(self) -> bool:
        """Whether it is Enter or Tab."""
        return self.text != "" and self.text in _TERMINATORS


@dataclass(frozen=True, slots=True)
class _BurstRule:
    """A line of the decision table: a burst that it fits is a badge."""

    where: Literal["keys", "text", "both"]
    """On a screen whose keys are commands, in a text field, or on both."""
    speed: TypingSpeed
    min_keys: int
    needs_enter: bool = False
    needs_marks: bool = False
    """Digits, six capitals, or punctuation of badges."""
    needs_silence: bool = False
    """Before it: no person typed within the last 0.4 seconds."""


_BADGE_RULES = (
    _BurstRule("keys", "fast", 1, needs_enter=True, needs_silence=True),
    _BurstRule("keys", "fast", 2, needs_enter=True, needs_marks=True),
    _BurstRule("keys", "slow", 2, needs_enter=True, needs_marks=True, needs_silence=True),
    _BurstRule("keys", "fast", 3, needs_marks=True, needs_silence=True),
    _BurstRule("keys", "slow", 6, needs_marks=True, needs_silence=True),
    _BurstRule("text", "very fast", 1, needs_enter=True, needs_silence=True),
    _BurstRule("text", "fast", 2, needs_enter=True, needs_marks=True),
    _BurstRule("text", "very fast", 3, needs_marks=True),
    _BurstRule("text", "fast", 4, needs_enter=True, needs_silence=True),
    _BurstRule("text", "slow", 4, needs_enter=True, needs_marks=True, needs_silence=True),
    _BurstRule("both", "fast", 6, needs_silence=True),
    _BurstRule("both", "fast", 6, needs_marks=True),
    _BurstRule("both", "fast", 10),
    _BurstRule("both", "steady", _MIN_STEADY_KEYS, needs_enter=True),
    _BurstRule("both", "steady", _MIN_STEADY_KEYS, needs_marks=True),
)
"""The decision table. What does not fit any of its lines was typed by a person."""


class Burst(Generic[Event]):
    """Keystrokes with hardly a pause between two of them."""

    def __init__(self, keystrokes: list[Keystroke[Event]], key_gap_seconds: float) -> None:
        """*key_gap_seconds* is `[scanner] key_gap_ms`, in seconds."""
        self.keystrokes = keystrokes
        self.key_gap_seconds = key_gap_seconds
        self.text = "".join(stroke.text for stroke in keystrokes)
        # Neither escape sequences nor the controls around a badge say how much was typed.
        self.visible_text = "".join(
            c for c in _ESCAPE_SEQUENCE.sub("", self.text) if c.isprintable() and not c.isspace()
        )
        self.gaps = [later.measure_gap_after(earlier) for earlier, later in pairwise(keystrokes)]

    @property
    def is_terminated(self) -> bool:
        """Whether Enter or Tab is its last key."""
        return bool(self.keystrokes) and self.keystrokes[-1].is_terminator

    @property
    def has_marks(self) -> bool:
        """Whether it looks like a badge and not like a word."""
        return bool(_BADGE_MARKS.search(self.visible_text) or _CONTROLS.search(self.text))

    @property
    def is_one_key(self) -> bool:
        """Whether it is one visible key, once or again and again, as when it is held down."""
        return len({stroke.text for stroke in self.keystrokes}) == 1 and bool(self.visible_text)

    def is_as_fast_as(self, speed: TypingSpeed) -> bool:
        """Whether it was typed at *speed* or faster; of many pauses one in five may be longer, as machines stall."""
        if not self.gaps:
            return False
        if speed == "steady":
            return (
                len(self.gaps) >= _MIN_STEADY_KEYS
                and mean(self.gaps) > 0
                and pstdev(self.gaps) / mean(self.gaps) <= _MAX_STEADY_VARIATION
            )
        ranked = sorted(self.gaps)
        slowest = ranked[-1] if len(ranked) < 6 else ranked[ceil(len(ranked) * 0.8) - 1]
        return slowest <= self.key_gap_seconds * _MAX_GAP_BY_SPEED[speed]

    def is_matched_by(self, rule: _BurstRule, *, is_text_field: bool, after_silence: bool) -> bool:
        """Whether *rule* makes this a badge."""
        return (
            rule.where in ("both", "text" if is_text_field else "keys")
            and len(self.visible_text) >= rule.min_keys
            and (self.is_terminated or not rule.needs_enter)
            and (self.has_marks or not rule.needs_marks)
            and (after_silence or not rule.needs_silence)
            and self.is_as_fast_as(rule.speed)
        )

    def is_badge(self, *, is_text_field: bool, after_silence: bool) -> bool:
        """Whether a scanner typed this."""
        return any(
            self.is_matched_by(rule, is_text_field=is_text_field, after_silence=after_silence) for rule in _BADGE_RULES
        )

    def split_payloads(self) -> Iterator[str]:
        """
        Yield what a scanner typed, without the Enter at its end.

        Several lines without a pause are one payload, except for ids of one length: two scans read late, all at once.
        """
        text = _ALT_CODE.sub(_decode_alt_code, self.text)
        text = re.sub(r"\r\n?", "\n", text).strip("\n\t")
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and _are_badge_ids(lines):
            yield from lines
        elif text:
            yield text


def _decode_alt_code(found: re.Match[str]) -> str:
    """Return the character of an Alt code: with a 0 in front it is of Windows-1252, without of code page 437."""
    digits = found[0].replace("\x1b", "")
    number = int(digits)
    if number > 255:
        return found[0]
    if number < 32:
        return chr(number)
    return bytes([number]).decode("cp1252" if digits.startswith("0") else "cp437", "replace")


def _are_badge_ids(lines: list[str]) -> bool:
    """Whether each line is a badge's id by itself."""
    return len({len(line) for line in lines}) == 1 and all(re.fullmatch(r"(?=.*\d)[\w.-]{4,}", line) for line in lines)
