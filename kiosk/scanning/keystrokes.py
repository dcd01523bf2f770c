"""Keystrokes -> badges of a USB scanner, and a person's keys: a *keyboard wedge* types on the same keyboard."""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeAlias

from kiosk.scanning.bursts import BURST_GAP_FACTOR, Burst, Event, Keystroke

_MIN_SURE_KEYS = 6
"""Keys in a hurry after which it is a scanner for sure: a busy machine may read the next one late."""

_SURE_GAP_SECONDS = 0.5
"""Pause between two keys of what is a scanner for sure, at most, until its Enter."""

_LIKELY_GAP_SECONDS = 0.3
"""The same after two keys that only a scanner types so quickly, where keys are commands."""

_AFTER_ENTER_SECONDS = 0.15
"""Pause after an Enter within one badge, at most; between two scans there is more."""

_ENTER_GAP_SECONDS = 1.5
"""The same once the scanner has ended a badge with Enter: then it will end this one, too."""

_OPEN_PAYLOAD_GAP_SECONDS = 1.0
"""The same where the payload is open still: scanners stop for a moment at each line of a vCard."""

_ENTER_AFTER_SCAN_SECONDS = 0.5
"""Time after a scan within which another Enter is the scanner's second one."""

_WORD_GAP_SECONDS = 0.4
"""Pause between two letters of a word that a person types, at most; a command has a longer one on both sides."""

_SCAN_TAIL_SECONDS = 0.4
"""Time after a scan within which another key is still the scanner's: nobody rates a lead so soon."""

_KEY_REPEAT_SECONDS = 1.0
"""Time between a key and its first repetition when it is held down, at most."""

_VCARD_START = re.compile(r"BEGIN.{1,4}VC?.{0,4}D", re.IGNORECASE | re.DOTALL)
_VCARD_END = re.compile(r"END.{1,4}VC?.{0,4}D\s*\Z", re.IGNORECASE | re.DOTALL)
_MECARD_START = re.compile(r"[\W_]{0,4}(?:MECARD|BIZCARD|MATMSG)\W", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeyContext:
    """What keys do on the screen in front."""

    is_text_field: bool = False
    """Whether they go into a text field."""
    quick_keys: str = ""
    """Commands that may follow one another as quickly as the letters of a word: a rating, then a tag."""
    text_opening_keys: str = ""
    """Commands after which text is typed at once."""


@dataclass(frozen=True, slots=True)
class TypedBadge:
    """A badge that a scanner typed."""

    text: str


@dataclass(frozen=True, slots=True)
class IgnoredKeys:
    """Keys that are neither a badge for sure nor commands."""

    text: str


Decisions: TypeAlias = list[Keystroke[Event] | TypedBadge | IgnoredKeys]
"""What is known by now, in the order of the keys: a person's strokes, badges, and what is neither."""


class KeystrokeClassifier(Generic[Event]):
    """Holds keys back until it is known whose they are."""

    def __init__(self, key_gap_seconds: float) -> None:
        """*key_gap_seconds* is `[scanner] key_gap_ms`, in seconds."""
        self.key_gap_seconds = key_gap_seconds
        self.context = KeyContext()
        """To be kept up to date by whoever knows the screen."""
        self.held_keystrokes: list[Keystroke[Event]] = []
        """The keys of a burst that has not ended yet."""
        self.waiting_keystrokes: list[Keystroke[Event]] = []
        """A person's commands, or a word: the next key says which."""
        self._is_word = False
        self._last_scan_at = self._last_person_at = float("-inf")
        self._last_text = ""
        self._ends_with_enter = False

    @property
    def is_undecided(self) -> bool:
        """Whether keys are held back at this moment."""
        return bool(self.held_keystrokes or self.waiting_keystrokes)

    @property
    def wait_seconds(self) -> float:
        """Seconds of silence after which `rest` decides something; 0 where nothing is held."""
        if not self.held_keystrokes:
            return _WORD_GAP_SECONDS if self.waiting_keystrokes else 0.0
        join = self.key_gap_seconds * BURST_GAP_FACTOR
        burst = Burst(self.held_keystrokes, self.key_gap_seconds)
        if len(burst.visible_text) < _MIN_SURE_KEYS or not burst.is_as_fast_as("slow"):
            is_likely = (
                len(burst.visible_text) > 1 and burst.is_as_fast_as("very fast") and not self.context.is_text_field
            )
            return max(join, _LIKELY_GAP_SECONDS) if is_likely and not burst.is_terminated else join
        if _is_payload_open(burst.text):
            return _OPEN_PAYLOAD_GAP_SECONDS
        if burst.is_terminated:
            return max(join, _AFTER_ENTER_SECONDS)
        is_sure = burst.is_as_fast_as("fast") or burst.is_as_fast_as("steady")
        return (_ENTER_GAP_SECONDS if self._ends_with_enter else _SURE_GAP_SECONDS) if is_sure else join

    def add_keystroke(self, stroke: Keystroke[Event]) -> Decisions[Event]:
        """Take one key more, and return what is known now."""
        decided: Decisions[Event] = []
        if self.held_keystrokes:
            gap = stroke.measure_gap_after(self.held_keystrokes[-1])
            if gap > self.wait_seconds or (
                stroke.is_harmless and all(held.is_harmless for held in self.held_keystrokes)
            ):
                decided += self._decide_burst()
        if (
            not self.held_keystrokes
            and self.waiting_keystrokes
            and stroke.at - self.waiting_keystrokes[-1].at > _WORD_GAP_SECONDS
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

    def decide_after_silence(self) -> Decisions[Event]:
        """Decide what can be decided: there was silence for as long as `patience`."""
        return self._decide_burst() if self.held_keystrokes else self._decide_word()

    def _decide_burst(self) -> Decisions[Event]:
        """The burst is over: it is a badge, or a person's keys."""
        held, self.held_keystrokes = self.held_keystrokes, []
        in_text = self.context.is_text_field
        own, held = self._split_off_person(held) if in_text else ([], held)
        if own:
            self._last_person_at = own[-1].at
        burst = Burst(held, self.key_gap_seconds)
        after_silence = held[0].at - self._last_person_at > _WORD_GAP_SECONDS
        is_repeated = self._is_key_repeat(burst)
        if not is_repeated and burst.is_badge(is_text_field=in_text, after_silence=after_silence):
            self._last_scan_at = held[-1].at
            self._ends_with_enter = burst.is_terminated
            self._is_word = True  # a command so shortly before a badge may be its first character, read late
            return [*self._decide_word(), *own, *(TypedBadge(payload) for payload in burst.split_payloads())]
        self._last_person_at, self._last_text = held[-1].at, held[-1].text
        if in_text:
            return [*self._decide_word(), *own, *_filter_for_text_field(burst)]
        return [] if is_repeated else self._decide_commands(burst)

    def _split_off_person(
        self, strokes: list[Keystroke[Event]]
    ) -> tuple[list[Keystroke[Event]], list[Keystroke[Event]]]:
        """Take the last letters of a person off the front of a badge: the pause behind them is longer."""
        gaps = Burst(strokes, self.key_gap_seconds).gaps
        if strokes[0].at - self._last_person_at <= _WORD_GAP_SECONDS and len(strokes) >= _MIN_SURE_KEYS:
            for number in range(len(strokes) - _MIN_SURE_KEYS, -1, -1):
                if gaps[number] > max(3 * max(gaps[number + 1 :]), self.key_gap_seconds * 0.35):
                    return strokes[: number + 1], strokes[number + 1 :]
        return [], strokes

    def _is_key_repeat(self, burst: Burst[Event]) -> bool:
        """Whether these are the repetitions of a key that a person holds down."""
        is_recent = burst.keystrokes[0].at - self._last_person_at <= _KEY_REPEAT_SECONDS
        return (
            len(burst.keystrokes) > 1 and burst.is_one_key and is_recent and burst.keystrokes[0].text == self._last_text
        )

    def _decide_commands(self, burst: Burst[Event]) -> Decisions[Event]:
        """A person's keys where keys are commands: one at a time, and no letters of a word."""
        strokes = burst.keystrokes
        if all(stroke.is_harmless for stroke in strokes) or all(stroke.is_click for stroke in strokes):
            return [*self._decide_word(), *strokes]
        if len(strokes) == 1 and strokes[0].is_terminator and not self.waiting_keystrokes:
            return [*strokes]
        key = strokes[0].text
        if len(strokes) > 1 or (burst.visible_text and strokes[0].at - self._last_scan_at <= _SCAN_TAIL_SECONDS):
            self._is_word = True
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

    def _is_command_run(self, strokes: list[Keystroke[Event]]) -> bool:
        """Whether these are commands one after another: quick ones, one again and again, or one after marking lines."""
        keys = "".join(stroke.text for stroke in strokes).lstrip(" ").lower()
        return len(set(keys)) < 2 or all(key in self.context.quick_keys for key in keys)

    def _decide_word(self, *, is_command_run: bool = False) -> Decisions[Event]:
        """No other letter followed: commands are commands, and a word is nothing."""
        waiting, self.waiting_keystrokes = self.waiting_keystrokes, []
        is_word, self._is_word = self._is_word, False
        if not is_word and (is_command_run or self._is_command_run(waiting)):
            return [*waiting]
        text = Burst(waiting, self.key_gap_seconds).visible_text
        return [IgnoredKeys(text)] if text else []


def _filter_for_text_field(burst: Burst[Event]) -> Decisions[Event]:
    """What of a person's keys reaches a text field: no command within a scanner's pause of other keys."""
    strokes = burst.keystrokes
    if len(strokes) == 1 or all(stroke.is_click for stroke in strokes):
        return [*strokes]
    ends = [stroke for stroke in strokes if stroke.is_terminator]
    is_typed = all(stroke.is_harmless or stroke.is_terminator or _is_visible_key(stroke) for stroke in strokes)
    if is_typed and (len(ends) < 2 or all(stroke.text == "\t" for stroke in strokes)):
        return [*strokes]
    return [*takewhile(lambda stroke: stroke.is_harmless or _is_visible_key(stroke), strokes)]


def _is_visible_key(stroke: Keystroke[Event]) -> bool:
    """Whether it types a character that can be seen, or a space."""
    return stroke.text != "" and stroke.text.isprintable()


def _is_payload_open(text: str) -> bool:
    """Whether more lines of this payload must follow."""
    start = text[:30]
    if _VCARD_START.search(start):
        return not _VCARD_END.search(text)
    if _MECARD_START.match(start):
        return not text.rstrip().endswith(";;")
    return start.lstrip().startswith("{") and text.count("{") > text.count("}")
