"""Keystrokes -> badges of a USB scanner, and a person's keys: a *keyboard wedge* types on the same keyboard."""

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeAlias

from kiosk.scanning.bursts import JOIN, Burst, Event, Stroke

SURE_KEYS = 6
"""Keys in a hurry after which it is a scanner for sure: a busy machine may read the next one late."""

SURE_GAP_SECONDS = 0.5
"""Pause between two keys of what is a scanner for sure, at most, until its Enter."""

LIKELY_GAP_SECONDS = 0.3
"""The same after two keys that only a scanner types so quickly, where keys are commands."""

AFTER_ENTER_SECONDS = 0.15
"""Pause after an Enter within one badge, at most; between two scans there is more."""

ENTER_GAP_SECONDS = 1.5
"""The same once the scanner has ended a badge with Enter: then it will end this one, too."""

OPEN_GAP_SECONDS = 1.0
"""The same where the payload is open still: scanners stop for a moment at each line of a vCard."""

ENTER_AFTER_SCAN_SECONDS = 0.5
"""Time after a scan within which another Enter is the scanner's second one."""

WORD_GAP_SECONDS = 0.4
"""Pause between two letters of a word that a person types, at most; a command has a longer one on both sides."""

TAIL_SECONDS = 0.4
"""Time after a scan within which another key is still the scanner's: nobody rates a lead so soon."""

REPEAT_SECONDS = 1.0
"""Time between a key and its first repetition when it is held down, at most."""

_CARD = re.compile(r"BEGIN.{1,4}VC?.{0,4}D", re.IGNORECASE | re.DOTALL)
_CARD_END = re.compile(r"END.{1,4}VC?.{0,4}D\s*\Z", re.IGNORECASE | re.DOTALL)
_MECARD = re.compile(r"[\W_]{0,4}(?:MECARD|BIZCARD|MATMSG)\W", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """What keys do on the screen in front."""

    in_text: bool = False
    """Whether they go into a text field."""
    quick: str = ""
    """Commands that may follow one another as quickly as the letters of a word: a rating, then a tag."""
    opening: str = ""
    """Commands after which text is typed at once."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A badge that a scanner typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Keys that are neither a badge for sure nor commands."""

    text: str


Decided: TypeAlias = list[Stroke[Event] | Scanned | Ignored]
"""What is known by now, in the order of the keys: a person's strokes, badges, and what is neither."""


class Keystrokes(Generic[Event]):
    """Holds keys back until it is known whose they are."""

    def __init__(self, key_gap: float) -> None:
        """*key_gap* is `[scanner] key_gap_ms`, in seconds."""
        self.key_gap = key_gap
        self.context = Context()
        """To be kept up to date by whoever knows the screen."""
        self.held: list[Stroke[Event]] = []
        """The keys of a burst that has not ended yet."""
        self.waiting: list[Stroke[Event]] = []
        """A person's commands, or a word: the next key says which."""
        self._is_word = False
        self._last_scan_at = self._last_person_at = float("-inf")
        self._last_text = ""
        self._ends_with_enter = False

    @property
    def is_undecided(self) -> bool:
        """Whether keys are held back at this moment."""
        return bool(self.held or self.waiting)

    @property
    def patience(self) -> float:
        """Seconds of silence after which `rest` decides something; 0 where nothing is held."""
        if not self.held:
            return WORD_GAP_SECONDS if self.waiting else 0.0
        join = self.key_gap * JOIN
        burst = Burst(self.held, self.key_gap)
        if len(burst.visible) < SURE_KEYS or not burst.is_at_most("slow"):
            is_likely = len(burst.visible) > 1 and burst.is_at_most("very fast") and not self.context.in_text
            return max(join, LIKELY_GAP_SECONDS) if is_likely and not burst.is_ended else join
        if _is_open(burst.text):
            return OPEN_GAP_SECONDS
        if burst.is_ended:
            return max(join, AFTER_ENTER_SECONDS)
        is_sure = burst.is_at_most("fast") or burst.is_at_most("steady")
        return (ENTER_GAP_SECONDS if self._ends_with_enter else SURE_GAP_SECONDS) if is_sure else join

    def strike(self, stroke: Stroke[Event]) -> Decided[Event]:
        """Take one key more, and return what is known now."""
        decided: Decided[Event] = []
        if self.held:
            gap = stroke.gap_after(self.held[-1])
            if gap > self.patience or (stroke.is_harmless and all(held.is_harmless for held in self.held)):
                decided += self._close_burst()
        if not self.held and self.waiting and stroke.at - self.waiting[-1].at > WORD_GAP_SECONDS:
            decided += self._close_word()
        if stroke.is_end and not self.held and stroke.at - self._last_scan_at <= ENTER_AFTER_SCAN_SECONDS:
            return decided
        self.held.append(stroke)
        return decided

    def rest(self) -> Decided[Event]:
        """Decide what can be decided: there was silence for as long as `patience`."""
        return self._close_burst() if self.held else self._close_word()

    def _close_burst(self) -> Decided[Event]:
        """The burst is over: it is a badge, or a person's keys."""
        held, self.held = self.held, []
        in_text = self.context.in_text
        own, held = self._split(held) if in_text else ([], held)
        if own:
            self._last_person_at = own[-1].at
        burst = Burst(held, self.key_gap)
        after_silence = held[0].at - self._last_person_at > WORD_GAP_SECONDS
        is_repeated = self._is_repeated(burst)
        if not is_repeated and burst.is_badge(in_text=in_text, after_silence=after_silence):
            self._last_scan_at = held[-1].at
            self._ends_with_enter = burst.is_ended
            self._is_word = True  # a command so shortly before a badge may be its first character, read late
            return [*self._close_word(), *own, *(Scanned(payload) for payload in burst.payloads())]
        self._last_person_at, self._last_text = held[-1].at, held[-1].text
        if in_text:
            return [*self._close_word(), *own, *_for_text(burst)]
        return [] if is_repeated else self._command(burst)

    def _split(self, strokes: list[Stroke[Event]]) -> tuple[list[Stroke[Event]], list[Stroke[Event]]]:
        """Take the last letters of a person off the front of a badge: the pause behind them is longer."""
        gaps = Burst(strokes, self.key_gap).gaps
        if strokes[0].at - self._last_person_at <= WORD_GAP_SECONDS and len(strokes) >= SURE_KEYS:
            for number in range(len(strokes) - SURE_KEYS, -1, -1):
                if gaps[number] > max(3 * max(gaps[number + 1 :]), self.key_gap * 0.35):
                    return strokes[: number + 1], strokes[number + 1 :]
        return [], strokes

    def _is_repeated(self, burst: Burst[Event]) -> bool:
        """Whether these are the repetitions of a key that a person holds down."""
        is_recent = burst.strokes[0].at - self._last_person_at <= REPEAT_SECONDS
        return len(burst.strokes) > 1 and burst.is_one_key and is_recent and burst.strokes[0].text == self._last_text

    def _command(self, burst: Burst[Event]) -> Decided[Event]:
        """A person's keys where keys are commands: one at a time, and no letters of a word."""
        strokes = burst.strokes
        if all(stroke.is_harmless for stroke in strokes) or all(stroke.is_click for stroke in strokes):
            return [*self._close_word(), *strokes]
        if len(strokes) == 1 and strokes[0].is_end and not self.waiting:
            return [*strokes]
        key = strokes[0].text
        if len(strokes) > 1 or (burst.visible and strokes[0].at - self._last_scan_at <= TAIL_SECONDS):
            self._is_word = True
        elif not key.isprintable() or not key:
            if not strokes[0].is_end:
                return [*self._close_word(), *strokes]
        elif key in self.context.opening and all(s.text.lower() in self.context.quick for s in self.waiting):
            self.waiting += strokes
            return self._close_word(is_run=True)
        self.waiting += strokes
        return []

    def _is_run(self, strokes: list[Stroke[Event]]) -> bool:
        """Whether these are commands one after another: quick ones, one again and again, or one after marking lines."""
        keys = "".join(stroke.text for stroke in strokes).lstrip(" ").lower()
        return len(set(keys)) < 2 or all(key in self.context.quick for key in keys)

    def _close_word(self, *, is_run: bool = False) -> Decided[Event]:
        """No other letter followed: commands are commands, and a word is nothing."""
        waiting, self.waiting = self.waiting, []
        is_word, self._is_word = self._is_word, False
        if not is_word and (is_run or self._is_run(waiting)):
            return [*waiting]
        text = Burst(waiting, self.key_gap).visible
        return [Ignored(text)] if text else []


def _for_text(burst: Burst[Event]) -> Decided[Event]:
    """What of a person's keys reaches a text field: no command within a scanner's pause of other keys."""
    strokes = burst.strokes
    if len(strokes) == 1 or all(stroke.is_click for stroke in strokes):
        return [*strokes]
    ends = [stroke for stroke in strokes if stroke.is_end]
    is_typed = all(stroke.is_harmless or stroke.is_end or _is_visible(stroke) for stroke in strokes)
    if is_typed and (len(ends) < 2 or all(stroke.text == "\t" for stroke in strokes)):
        return [*strokes]
    return [*takewhile(lambda stroke: stroke.is_harmless or _is_visible(stroke), strokes)]


def _is_visible(stroke: Stroke[Event]) -> bool:
    """Whether it types a character that can be seen, or a space."""
    return stroke.text != "" and stroke.text.isprintable()


def _is_open(text: str) -> bool:
    """Whether more lines of this payload must follow."""
    start = text[:30]
    if _CARD.search(start):
        return not _CARD_END.search(text)
    if _MECARD.match(start):
        return not text.rstrip().endswith(";;")
    return start.lstrip().startswith("{") and text.count("{") > text.count("}")
