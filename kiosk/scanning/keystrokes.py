"""
Tells the keystrokes of a USB scanner from those of a person.

Such a scanner (a *keyboard wedge*) types the badge on what looks like an ordinary keyboard, so only the timing and
the text of the keystrokes say who typed them. docs/usb-scanners.md explains the rules.
"""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeAlias

from kiosk.badges.vcard.frame import TYPED_BEGIN_PATTERN, TYPED_END_PATTERN
from kiosk.scanning.bursts import BURST_GAP_FACTOR, MAX_GAP_BY_SPEED, Burst, InputEvent, Keystroke
from kiosk.scanning.scanner_habits import ScannerHabits

# How long to wait for the next key of a burst depends on what it holds so far. The limits are generous because a busy
# machine reads some keys late: a badge cut in two would press keys on the screen.

# How many fast keys are certainly a scanner's.
_MIN_SURE_KEYS = 6

# How long to wait for the next key of a burst that is certainly a scanner's.
_SURE_GAP_SECONDS = 0.5

# The same if it is probably a scanner's: two fast keys where keys are commands, or three in a text field.
_LIKELY_GAP_SECONDS = 0.3

# The same after Enter: lines of one badge follow each other faster than two scans do.
_AFTER_ENTER_SECONDS = 0.15

# How long to wait for Enter: a scanner that ended its last badge with it will end this one with it, too.
_ENTER_GAP_SECONDS = 1.5

# How long to wait within an unfinished payload: some scanners stop for a moment after each line of a vCard.
_OPEN_PAYLOAD_GAP_SECONDS = 1.0

# How long after a scan Enter is the scanner's, because some press it twice.
_ENTER_AFTER_SCAN_SECONDS = 0.5

# The longest pause between two letters of a word; a command has a longer one before and after it.
WORD_GAP_SECONDS = 0.4

# How long after a scan a key is the scanner's last one, read late: nobody rates a lead this soon.
_SCAN_TAIL_SECONDS = 0.4

# The longest time until a key that is held down repeats for the first time.
_KEY_REPEAT_SECONDS = 1.0

# A line such as `Name: Ana`, which others follow.
_LABELLED_LINE = re.compile(r"[^\r\n:]{1,30}: \S")

# What scanners type before a payload.
_PREFIX = re.compile(r"^[\x00-\x20~]*(?:\][A-Za-z]\d)?")

_MECARD_START = re.compile(r"[\W_]{0,4}(?:MECARD|BIZCARD|MATMSG)\W", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeyContext:
    """What keys do on the current screen."""

    is_text_field: bool = False
    """Whether a text field has the focus."""
    quick_keys: str = ""
    """Commands that people press in quick succession, such as a rating and then a tag."""
    text_opening_keys: str = ""
    """Commands that open a text field, so that letters follow at once."""


@dataclass(frozen=True, slots=True)
class TypedBadge:
    """The text of a badge that a scanner typed."""

    text: str


@dataclass(frozen=True, slots=True)
class IgnoredKeys:
    """Keys that are not commands, and not certainly a badge."""

    text: str


# What has been decided, in the order of the keys: a person's keystrokes, badges, and ignored keys.
Decisions: TypeAlias = list[Keystroke[InputEvent] | TypedBadge | IgnoredKeys]


class KeystrokeClassifier(Generic[InputEvent]):
    """Holds keystrokes back until it is clear whether a scanner or a person typed them."""

    def __init__(self, key_gap_seconds: float, habits: ScannerHabits | None = None) -> None:
        """
        Start with nothing held back.

        *key_gap_seconds* is `[scanner] key_gap_ms` in seconds; *habits* is what is known of the scanner.
        """
        self.key_gap_seconds = key_gap_seconds
        self.habits = habits or ScannerHabits()
        self.context = KeyContext()
        """Set by the caller before each call, because it changes with the screen."""
        self.held_keystrokes: list[Keystroke[InputEvent]] = []
        """The keys of a burst that has not ended yet."""
        self.waiting_keystrokes: list[Keystroke[InputEvent]] = []
        """A person's keystrokes that are either commands or a word; the next key decides."""
        self._is_word = False
        self._last_scan_at = self._last_person_at = float("-inf")
        self._last_text = ""

    @property
    def is_undecided(self) -> bool:
        """Whether keystrokes are being held back."""
        return bool(self.held_keystrokes or self.waiting_keystrokes)

    @property
    def wait_seconds(self) -> float:
        """Seconds of silence after which to call `decide_after_silence`; 0 if nothing is held back."""
        if not self.held_keystrokes:
            return WORD_GAP_SECONDS if self.waiting_keystrokes else 0.0
        burst_gap = self.key_gap_seconds * BURST_GAP_FACTOR
        burst = Burst(self.held_keystrokes, self.key_gap_seconds)
        if _is_payload_open(burst.text) and self._is_badge_so_far(burst):
            return _OPEN_PAYLOAD_GAP_SECONDS
        if burst.is_terminated:
            has_lines = self.habits.has_lines or _LABELLED_LINE.match(burst.text)
            after_enter = max(self.habits.stall_seconds, _LIKELY_GAP_SECONDS) if has_lines else 0.0
            return max(burst_gap, _AFTER_ENTER_SECONDS, after_enter)
        if self.habits.begins_like_a_badge(burst.text) and burst.without_longest_gap().is_fast_or_short:
            return max(
                burst_gap, _LIKELY_GAP_SECONDS if self.habits.ends_like_a_badge(burst.text) else _SURE_GAP_SECONDS
            )
        if len(burst.visible_text) < _MIN_SURE_KEYS or not burst.is_as_fast_as("slow"):
            return max(burst_gap, self._get_early_wait(burst))
        is_sure = burst.is_as_fast_as("fast") or burst.is_as_fast_as("steady")
        return (_ENTER_GAP_SECONDS if self.habits.ends_with_enter else _SURE_GAP_SECONDS) if is_sure else burst_gap

    def _is_badge_so_far(self, burst: Burst[InputEvent]) -> bool:
        """Return whether the keys of a burst are so many and so fast that they are a scanner's."""
        return len(burst.visible_text) >= _MIN_SURE_KEYS and burst.is_as_fast_as("slow")

    def _get_early_wait(self, burst: Burst[InputEvent]) -> float:
        """Return how many seconds to wait at least for the next key after few keys, which may be a person's."""
        is_single = len(burst.keystrokes) == 1 and burst.keystrokes[0].at - self._last_person_at > WORD_GAP_SECONDS
        if not is_single and not burst.is_as_fast_as("fast"):
            return 0.0
        min_keys = 3 if self.context.is_text_field else 2
        likely = _LIKELY_GAP_SECONDS if len(burst.visible_text) >= min_keys else 0.0
        return max(likely, self.habits.stall_seconds)

    def add_keystroke(self, stroke: Keystroke[InputEvent]) -> Decisions[InputEvent]:
        """Add one keystroke and return what it decides."""
        decided: Decisions[InputEvent] = []
        if self.held_keystrokes:
            gap = stroke.measure_gap_after(self.held_keystrokes[-1])
            if gap > self.wait_seconds or (
                stroke.is_harmless and all(held.is_harmless for held in self.held_keystrokes)
            ):
                decided += self._decide_burst()
        if (
            not self.held_keystrokes
            and self.waiting_keystrokes
            and stroke.at - self.waiting_keystrokes[-1].at > WORD_GAP_SECONDS
        ):
            decided += self._decide_word()
        if (
            stroke.is_terminator
            and not self.held_keystrokes
            and stroke.at - self._last_scan_at <= _ENTER_AFTER_SCAN_SECONDS
        ):
            return decided
        self.held_keystrokes.append(stroke)
        return decided

    def decide_after_silence(self) -> Decisions[InputEvent]:
        """Decide about the keystrokes held back, as nothing has come for `wait_seconds`."""
        return self._decide_burst() if self.held_keystrokes else self._decide_word()

    def _decide_burst(self) -> Decisions[InputEvent]:
        """Decide whether the finished burst is a badge or a person's keystrokes."""
        held, self.held_keystrokes = self.held_keystrokes, []
        # Only in a text field can a badge follow a person's letters so closely that both are in one burst.
        in_text = self.context.is_text_field
        own, held = self._split_off_person(held) if in_text else ([], held)
        if own:
            self._last_person_at = own[-1].at
        burst = Burst(held, self.key_gap_seconds)
        after_silence = held[0].at - self._last_person_at > WORD_GAP_SECONDS
        is_repeated = self._is_key_repeat(burst)
        if not is_repeated and self._is_badge(burst, after_silence):
            return [*own, *self._accept_badge(burst)]
        self._last_person_at, self._last_text = held[-1].at, held[-1].text
        if in_text:
            return [*self._decide_word(), *own, *_filter_for_text_field(burst)]
        return [] if is_repeated else self._decide_commands(burst)

    def _is_badge(self, burst: Burst[InputEvent], after_silence: bool) -> bool:
        """Return whether a scanner typed a burst: by the decision table, or by what is known of the scanner."""
        if burst.is_badge(is_text_field=self.context.is_text_field, after_silence=after_silence):
            return True
        if not burst.visible_text or not after_silence:
            return False
        body = burst.without_longest_gap()
        if self.habits.begins_like_a_badge(burst.text):
            return body.is_fast_or_short
        # A stall, or an Enter that comes late.
        is_usual = burst.is_terminated and self.habits.ends_with_enter and self.habits.stall_seconds > 0
        longest_gap = max(burst.gaps, default=0.0)
        return is_usual and longest_gap <= self.habits.stall_seconds and self.habits.is_same_kind(burst.text)

    def _accept_badge(self, burst: Burst[InputEvent]) -> Decisions[InputEvent]:
        """Return the badges in a burst, with the keys before it that belong to it, and learn from it."""
        # A command so shortly before a badge may be its first character, read late, so it must not run.
        self._is_word = True
        joined = Burst([*self.waiting_keystrokes, *burst.keystrokes], self.key_gap_seconds)
        if self.waiting_keystrokes and self.habits.is_same_kind(joined.text):
            burst, self.waiting_keystrokes = joined, []
        self._last_scan_at = burst.keystrokes[-1].at
        self.habits.learn(burst)
        return [*self._decide_word(), *(TypedBadge(self.habits.strip_affixes(one)) for one in burst.split_payloads())]

    def _split_off_person(
        self, strokes: list[Keystroke[InputEvent]]
    ) -> tuple[list[Keystroke[InputEvent]], list[Keystroke[InputEvent]]]:
        """Split a person's last letters from the badge that follows them, by the longer pause in between."""
        gaps = Burst(strokes, self.key_gap_seconds).gaps
        fastest_gap = self.key_gap_seconds * MAX_GAP_BY_SPEED["very-fast"]
        if strokes[0].at - self._last_person_at <= WORD_GAP_SECONDS and len(strokes) >= _MIN_SURE_KEYS:
            for number in range(len(strokes) - _MIN_SURE_KEYS, -1, -1):
                if gaps[number] > max(3 * max(gaps[number + 1 :]), fastest_gap):
                    return strokes[: number + 1], strokes[number + 1 :]
        return [], strokes

    def _is_key_repeat(self, burst: Burst[InputEvent]) -> bool:
        """Return whether the burst is the repetition of a key that a person holds down."""
        is_recent = burst.keystrokes[0].at - self._last_person_at <= _KEY_REPEAT_SECONDS
        return (
            len(burst.keystrokes) > 1 and burst.is_one_key and is_recent and burst.keystrokes[0].text == self._last_text
        )

    def _decide_commands(self, burst: Burst[InputEvent]) -> Decisions[InputEvent]:
        """Decide which of a person's keys are commands: single keys, not the letters of a word."""
        strokes = burst.keystrokes
        # A held arrow or a double click is several keystrokes in one burst, and yet a person's.
        if all(stroke.is_harmless for stroke in strokes) or all(stroke.is_click for stroke in strokes):
            return [*self._decide_word(), *strokes]
        if len(strokes) == 1 and strokes[0].is_terminator and not self.waiting_keystrokes:
            return [*strokes]
        key = strokes[0].text
        if len(strokes) > 1 or (burst.visible_text and strokes[0].at - self._last_scan_at <= _SCAN_TAIL_SECONDS):
            self._is_word = True
        # Function keys and control characters are not letters of a word, so they do not have to wait for the next key.
        elif not key.isprintable() or not key:
            if not strokes[0].is_terminator:
                return [*self._decide_word(), *strokes]
        elif key in self.context.text_opening_keys and all(
            s.text.lower() in self.context.quick_keys for s in self.waiting_keystrokes
        ):
            self.waiting_keystrokes += strokes
            return self._decide_word(is_command_run=True)
        self.waiting_keystrokes += strokes
        return []

    def _is_command_run(self, strokes: list[Keystroke[InputEvent]]) -> bool:
        """Return whether these are commands in quick succession: quick keys, a repeated key, or a key after marking."""
        # Space marks a line of the pending list, so spaces may come before the command.
        keys = "".join(stroke.text for stroke in strokes).lstrip(" ").lower()
        return len(set(keys)) < 2 or all(key in self.context.quick_keys for key in keys)

    def _decide_word(self, *, is_command_run: bool = False) -> Decisions[InputEvent]:
        """Decide about waiting keystrokes that no other letter followed: commands run, a word is ignored."""
        waiting, self.waiting_keystrokes = self.waiting_keystrokes, []
        is_word, self._is_word = self._is_word, False
        if not is_word and (is_command_run or self._is_command_run(waiting)):
            return [*waiting]
        text = Burst(waiting, self.key_gap_seconds).visible_text
        return [IgnoredKeys(text)] if text else []


def _filter_for_text_field(burst: Burst[InputEvent]) -> Decisions[InputEvent]:
    """Return the keys of a burst that may reach a text field: up to the first command that something else follows."""
    strokes = burst.keystrokes
    if len(strokes) == 1 or all(stroke.is_click for stroke in strokes):
        return [*strokes]
    # Two terminators in one burst are a scanner's, except for a held Tab.
    ends = [stroke for stroke in strokes if stroke.is_terminator]
    is_typed = all(stroke.is_harmless or stroke.is_terminator or _is_visible_key(stroke) for stroke in strokes)
    if is_typed and (len(ends) < 2 or all(stroke.text == "\t" for stroke in strokes)):
        return [*strokes]
    return [*takewhile(lambda stroke: stroke.is_harmless or _is_visible_key(stroke), strokes)]


def _is_visible_key(stroke: Keystroke[InputEvent]) -> bool:
    """Return whether it types a visible character or a space."""
    return stroke.text != "" and stroke.text.isprintable()


def _is_payload_open(text: str) -> bool:
    """Return whether the payload is unfinished: a vCard, MeCard or JSON object without its end."""
    start = _PREFIX.sub("", text[:30])
    if TYPED_BEGIN_PATTERN.search(start):
        return not TYPED_END_PATTERN.search(text)
    if _MECARD_START.match(start):
        return not text.rstrip().endswith(";;")
    return start.lstrip().startswith("{") and text.count("{") > text.count("}")
