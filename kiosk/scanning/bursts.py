"""Bursts of keystrokes, and the rules that say whether a USB scanner typed them (docs/usb-scanners.md)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import mean, pstdev
from typing import Generic, Literal, TypeAlias, TypeVar

Event = TypeVar("Event")

ENDS = "\r\n\t"
"""What scanners type after a badge: Enter is a carriage return, and CR LF ends with Ctrl+J."""

STEADY_KEYS = 8
"""Keys from which on a rhythm can be called steady."""

STEADY_VARIATION = 0.2
"""Standard deviation of a machine's pauses, as a part of their mean, at most; a person's is twice as large."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[\[?[0-?]*[ -/]*[@-~]|O[ -~]|[ -~])?")

_BADGE_MARKS = re.compile(r"\d|[A-Z]{6}|[:;^|{}@]", re.ASCII)
"""What badges have, and hardly any word that a person types in a hurry."""

_ALT_CODE = re.compile(r"(?:\x1b\d){3,4}")
"""What scanners type for characters that no key has: digits while Alt is held down, such as Alt+029 for GS."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Pace: TypeAlias = Literal["very fast", "fast", "slow", "steady"]

PACES: dict[Pace, float] = {"very fast": 0.35, "fast": 0.65, "slow": 1.0}
"""The pauses of each pace at most, as parts of `[scanner] key_gap_ms`."""

JOIN = 1.25
"""Pauses within one burst at most, as a part of `key_gap_ms`: a busy machine reads some keys late."""


@dataclass(frozen=True, slots=True)
class Stroke(Generic[Event]):
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
    late_by: float = 0.0
    """Seconds by which a busy machine may have read it too late."""

    def gap_after(self, earlier: "Stroke[Event]") -> float:
        """Seconds between *earlier* and this, at least."""
        return max(0.0, self.at - self.late_by - earlier.at)

    @property
    def is_end(self) -> bool:
        """Whether it is Enter or Tab."""
        return self.text != "" and self.text in ENDS


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the decision table: a burst that it fits is a badge."""

    where: Literal["keys", "text", "both"]
    """On a screen whose keys are commands, in a text field, or on both."""
    pace: Pace
    least_keys: int
    needs_enter: bool = False
    needs_marks: bool = False
    """Digits, six capitals, or punctuation of badges."""
    needs_silence: bool = False
    """Before it: no person typed within the last 0.4 seconds."""


RULES = (
    Rule("keys", "fast", 1, needs_enter=True, needs_silence=True),
    Rule("keys", "fast", 2, needs_enter=True, needs_marks=True),
    Rule("keys", "slow", 2, needs_enter=True, needs_marks=True, needs_silence=True),
    Rule("keys", "fast", 3, needs_marks=True, needs_silence=True),
    Rule("keys", "slow", 6, needs_marks=True, needs_silence=True),
    Rule("text", "very fast", 1, needs_enter=True, needs_silence=True),
    Rule("text", "fast", 2, needs_enter=True, needs_marks=True),
    Rule("text", "very fast", 3, needs_marks=True),
    Rule("text", "fast", 4, needs_enter=True, needs_silence=True),
    Rule("text", "slow", 4, needs_enter=True, needs_marks=True, needs_silence=True),
    Rule("both", "fast", 6, needs_silence=True),
    Rule("both", "fast", 6, needs_marks=True),
    Rule("both", "fast", 10),
    Rule("both", "steady", STEADY_KEYS, needs_enter=True),
    Rule("both", "steady", STEADY_KEYS, needs_marks=True),
)
"""The decision table. What does not fit any of its lines was typed by a person."""


class Burst(Generic[Event]):
    """Keystrokes with hardly a pause between two of them."""

    def __init__(self, strokes: list[Stroke[Event]], key_gap: float) -> None:
        """*key_gap* is `[scanner] key_gap_ms`, in seconds."""
        self.strokes = strokes
        self.key_gap = key_gap
        self.text = "".join(stroke.text for stroke in strokes)
        # Neither escape sequences nor the controls around a badge say how much was typed.
        self.visible = "".join(c for c in _ESCAPE_SEQUENCE.sub("", self.text) if c.isprintable() and not c.isspace())
        self.gaps = [later.gap_after(earlier) for earlier, later in pairwise(strokes)]

    @property
    def is_ended(self) -> bool:
        """Whether Enter or Tab is its last key."""
        return bool(self.strokes) and self.strokes[-1].is_end

    @property
    def has_marks(self) -> bool:
        """Whether it looks like a badge and not like a word."""
        return bool(_BADGE_MARKS.search(self.visible) or _CONTROLS.search(self.text))

    @property
    def is_one_key(self) -> bool:
        """Whether it is one visible key, once or again and again, as when it is held down."""
        return len({stroke.text for stroke in self.strokes}) == 1 and bool(self.visible)

    def is_at_most(self, pace: Pace) -> bool:
        """Whether it was typed at *pace* or faster; of many pauses one in five may be longer, as machines stall."""
        if not self.gaps:
            return False
        if pace == "steady":
            return (
                len(self.gaps) >= STEADY_KEYS
                and mean(self.gaps) > 0
                and pstdev(self.gaps) / mean(self.gaps) <= STEADY_VARIATION
            )
        ranked = sorted(self.gaps)
        slowest = ranked[-1] if len(ranked) < 6 else ranked[ceil(len(ranked) * 0.8) - 1]
        return slowest <= self.key_gap * PACES[pace]

    def fits(self, rule: Rule, *, in_text: bool, after_silence: bool) -> bool:
        """Whether *rule* makes this a badge."""
        return (
            rule.where in ("both", "text" if in_text else "keys")
            and len(self.visible) >= rule.least_keys
            and (self.is_ended or not rule.needs_enter)
            and (self.has_marks or not rule.needs_marks)
            and (after_silence or not rule.needs_silence)
            and self.is_at_most(rule.pace)
        )

    def is_badge(self, *, in_text: bool, after_silence: bool) -> bool:
        """Whether a scanner typed this."""
        return any(self.fits(rule, in_text=in_text, after_silence=after_silence) for rule in RULES)

    def payloads(self) -> Iterator[str]:
        """
        Yield what a scanner typed, without the Enter at its end.

        Several lines without a pause are one payload, except for ids of one length: two scans read late, all at once.
        """
        text = _ALT_CODE.sub(_decode_alt_code, self.text)
        text = re.sub(r"\r\n?", "\n", text).strip("\n\t")
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and _are_ids(lines):
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


def _are_ids(lines: list[str]) -> bool:
    """Whether each line is a badge's id by itself."""
    return len({len(line) for line in lines}) == 1 and all(re.fullmatch(r"(?=.*\d)[\w.-]{4,}", line) for line in lines)
