"""Bursts of keystrokes, and the decision table that tells a USB scanner from a person (docs/usb-scanners.md)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import mean, median, pstdev
from typing import Generic, Literal, TypeAlias, TypeVar

InputEvent = TypeVar("InputEvent")

# The keys that end a badge: Enter and Tab. A terminal sends Enter as a carriage return, and the line feed of a scanner
# set to CR LF as Ctrl+J.
_TERMINATORS = "\r\n\t"

# How many gaps between keys it takes to judge the rhythm: with fewer, even a person's can be steady by chance.
_MIN_STEADY_GAPS = 8

# The largest standard deviation of the gaps between a scanner's keys, as a share of their mean. A person's is two
# to four times as large.
_MAX_STEADY_VARIATION = 0.14

# The largest median of the gaps of a slow scanner, as a share of `key_gap_ms`: of a fast typist, too, some are short.
_MAX_SLOW_MEDIAN = 0.8

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*[@-~]|O[ -~]|[ -~])?")

# An escape character that a scanner types before each badge.
_ESCAPE_PREFIX = re.compile(r"^\x1b(?=[A-Za-z0-9])")

# Text that is common on badges, and rare in words that people type fast.
_BADGE_MARKS = re.compile(r"\d|[A-Z]{6}|[:;^|{}@]", re.ASCII)

# Scanners type characters that no key has as digits with Alt held down, such as Alt+029 for GS; a terminal puts an
# escape character in front of each of those digits.
_ALT_CODE = re.compile(r"(?:\x1b\d){3,4}")

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

TypingSpeed: TypeAlias = Literal["very-fast", "fast", "slow", "steady"]

# The longest gap between two keys at each speed, as a share of `[scanner] key_gap_ms`.
MAX_GAP_BY_SPEED: dict[TypingSpeed, float] = {"very-fast": 0.35, "fast": 0.65, "slow": 1.0}

# The longest gap in a burst that may still be a person's, as a share of `key_gap_ms`; more than 1, because a busy
# machine reads some keys late.
BURST_GAP_FACTOR = 1.25


@dataclass(frozen=True, slots=True)
class Keystroke(Generic[InputEvent]):
    """One keystroke or click, and when it was read from the terminal."""

    text: str
    """The character that it types (Enter is a carriage return); empty for arrows, function keys and the mouse."""
    at: float
    """Seconds, by any clock."""
    event: InputEvent
    """The framework's event, passed on untouched."""
    is_harmless: bool = False
    """Whether it cannot change a lead by itself (arrows, backspace); people press these in quick succession."""
    is_click: bool = False
    """Whether it came from the mouse or a touch screen, where press and release arrive together."""
    late_seconds: float = 0.0
    """By how much a busy machine may have read it too late."""

    def measure_gap_after(self, earlier: "Keystroke[InputEvent]") -> float:
        """Return the shortest time in seconds that can have passed between *earlier* and this keystroke."""
        return max(0.0, self.at - self.late_seconds - earlier.at)

    @property
    def is_terminator(self) -> bool:
        """Whether it is a key that scanners press after a badge: Enter or Tab."""
        return self.text != "" and self.text in _TERMINATORS


@dataclass(frozen=True, slots=True)
class _BurstRule:
    """A row of the decision table: a burst that matches it is a badge."""

    where: Literal["keys", "text", "both"]
    """Whether it applies where keys are commands, in a text field, or in both."""
    speed: TypingSpeed
    min_keys: int
    needs_enter: bool = False
    needs_marks: bool = False
    """Whether the text must have digits, six capitals in a row, or punctuation that badges have."""
    needs_silence: bool = False
    """Whether nobody may have typed just before it (within `WORD_GAP_SECONDS`)."""


# The decision table. A burst that matches none of its rows was typed by a person.
_BADGE_RULES = (
    _BurstRule("keys", "fast", 1, needs_enter=True, needs_silence=True),
    _BurstRule("keys", "fast", 2, needs_enter=True, needs_marks=True),
    _BurstRule("keys", "very-fast", 3, needs_marks=True, needs_silence=True),
    _BurstRule("keys", "fast", 5, needs_marks=True, needs_silence=True),
    _BurstRule("text", "very-fast", 1, needs_enter=True, needs_silence=True),
    _BurstRule("text", "fast", 1, needs_enter=True, needs_marks=True, needs_silence=True),
    _BurstRule("text", "fast", 2, needs_enter=True, needs_marks=True),
    _BurstRule("text", "very-fast", 3, needs_marks=True, needs_silence=True),
    _BurstRule("text", "very-fast", 4, needs_marks=True),
    _BurstRule("text", "fast", 4, needs_enter=True, needs_silence=True),
    _BurstRule("both", "slow", 8, needs_enter=True, needs_marks=True, needs_silence=True),
    _BurstRule("both", "fast", 6, needs_silence=True),
    _BurstRule("both", "fast", 6, needs_marks=True),
    _BurstRule("both", "fast", 10),
    # The last gap is the one before Enter.
    _BurstRule("both", "steady", _MIN_STEADY_GAPS, needs_enter=True, needs_silence=True),
    _BurstRule("both", "steady", 2 * _MIN_STEADY_GAPS, needs_marks=True, needs_silence=True),
)


class Burst(Generic[InputEvent]):
    """Keystrokes in such quick succession that one scan may have typed them."""

    def __init__(self, keystrokes: list[Keystroke[InputEvent]], key_gap_seconds: float) -> None:
        """Build a burst from *keystrokes*; *key_gap_seconds* is `[scanner] key_gap_ms` in seconds."""
        self.keystrokes = keystrokes
        self.key_gap_seconds = key_gap_seconds
        self.text = "".join(stroke.text for stroke in keystrokes)
        # Escape sequences and the control characters around a badge do not count as keys that were typed.
        typed = _ESCAPE_SEQUENCE.sub("", _ESCAPE_PREFIX.sub("", self.text))
        self.visible_text = "".join(c for c in typed if c.isprintable() and not c.isspace())
        self.gaps = [later.measure_gap_after(earlier) for earlier, later in pairwise(keystrokes)]

    @property
    def is_terminated(self) -> bool:
        """Whether Enter or Tab is its last key."""
        return bool(self.keystrokes) and self.keystrokes[-1].is_terminator

    @property
    def has_marks(self) -> bool:
        """Whether its text looks like a badge rather than a word."""
        return bool(_BADGE_MARKS.search(self.visible_text) or _CONTROLS.search(self.text))

    @property
    def is_one_key(self) -> bool:
        """Whether all of it is one visible key, once or repeated, as when a key is held down."""
        return len({stroke.text for stroke in self.keystrokes}) == 1 and bool(self.visible_text)

    def is_as_fast_as(self, speed: TypingSpeed) -> bool:
        """Return whether it was typed at *speed* or faster."""
        if not self.gaps:
            return False
        if speed == "steady":
            return (
                len(self.gaps) >= _MIN_STEADY_GAPS
                and mean(self.gaps) > 0
                and pstdev(self.gaps) / mean(self.gaps) <= _MAX_STEADY_VARIATION
            )
        is_quick = speed != "slow" or median(self.gaps) <= self.key_gap_seconds * _MAX_SLOW_MEDIAN
        return is_quick and find_longest_usual_gap(self.gaps) <= self.key_gap_seconds * MAX_GAP_BY_SPEED[speed]

    @property
    def is_fast_or_short(self) -> bool:
        """Whether no gap tells that it is a person's: it is fast, or has no gaps."""
        return not self.gaps or self.is_as_fast_as("fast")

    def without_longest_gap(self) -> "Burst[InputEvent]":
        """Return this burst as if its scanner had not stalled once."""
        burst = Burst(self.keystrokes, self.key_gap_seconds)
        burst.gaps = sorted(self.gaps)[:-1]
        return burst

    def is_matched_by(self, rule: _BurstRule, *, is_text_field: bool, after_silence: bool) -> bool:
        """Return whether this burst is a badge by *rule*."""
        return (
            rule.where in ("both", "text" if is_text_field else "keys")
            and len(self.visible_text) >= rule.min_keys
            and (self.is_terminated or not rule.needs_enter)
            and (self.has_marks or not rule.needs_marks)
            and (after_silence or not rule.needs_silence)
            and self.is_as_fast_as(rule.speed)
        )

    def is_badge(self, *, is_text_field: bool, after_silence: bool) -> bool:
        """Return whether a scanner typed this burst, by any rule of the decision table."""
        return any(
            self.is_matched_by(rule, is_text_field=is_text_field, after_silence=after_silence) for rule in _BADGE_RULES
        )

    def split_payloads(self) -> Iterator[str]:
        """
        Yield the payloads that a scanner typed, without the terminator.

        Several lines without a pause are one payload, such as a vCard. Lines that are ids of the same length are
        several scans that a busy machine read all at once.
        """
        text = _ALT_CODE.sub(_decode_alt_code, self.text)
        text = re.sub(r"\r\n?", "\n", text).strip("\n\t")
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and _are_badge_ids(lines):
            yield from lines
        elif text:
            yield text


def find_longest_usual_gap(gaps: Sequence[float]) -> float:
    """Return the longest of *gaps*; of many, one in five may be longer, as scanners and busy machines stall."""
    ranked = sorted(gaps)
    return ranked[-1] if len(ranked) < 6 else ranked[ceil(len(ranked) * 0.8) - 1]


def _decode_alt_code(found: re.Match[str]) -> str:
    """Decode an Alt code as Windows does: with a leading 0 it is Windows-1252, without one code page 437."""
    digits = found[0].replace("\x1b", "")
    number = int(digits)
    if number > 255:
        return found[0]
    if number < 32:
        return chr(number)
    return bytes([number]).decode("cp1252" if digits.startswith("0") else "cp437", "replace")


def _are_badge_ids(lines: list[str]) -> bool:
    """Return whether each of *lines* is the id of a badge of its own."""
    return len({len(line) for line in lines}) == 1 and all(re.fullmatch(r"(?=.*\d)[\w.-]{4,}", line) for line in lines)
