"""Checks that matching a pattern is fast: Python's engine needs years to match `(a+)+b` against forty `a`."""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import product
from typing import Any

MAX_ID_CHARACTERS = 200
"""The event's pattern is only matched against payloads up to this length."""

# CPU time for one text: ten times what a badge may cost, because some machines are slow.
_TIME_LIMIT_SECONDS = 0.05

# Tried for character classes: a letter, a digit, a capital, a mark, and a letter that is not English.
_SAMPLE_CHARACTERS = "a0A-é"

# How often a repeated part is repeated in the texts.
_REPEAT_COUNTS = (1, 6, 40)

# Appended to a matching text, so that it no longer matches and the engine backtracks.
_NON_MATCHING_ENDS = ("", "!", "\n", "a", "0")


class _PatternTooSlow(Exception):
    """A pattern took too long."""


def is_slow_pattern(pattern: re.Pattern[str]) -> bool:
    """
    Return whether matching *pattern* takes forever with some text that almost fits; call it from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        return False  # Python only delivers signals to the main thread
    for text in sorted(set(_generate_probes(pattern.pattern)), key=len):
        try:
            with _limit_cpu_time(_TIME_LIMIT_SECONDS):
                pattern.fullmatch(text)
        except _PatternTooSlow:
            return True
    return False


@contextmanager
def _limit_cpu_time(seconds: float) -> Iterator[None]:
    """
    Limit the CPU time of the block.

    Raises:
        _PatternTooSlow: it took longer. The engine checks for signals every four thousand steps.
    """

    def raise_too_slow(number: int, frame: object) -> None:
        raise _PatternTooSlow

    before = signal.signal(signal.SIGVTALRM, raise_too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _generate_probes(pattern: str) -> Iterator[str]:
    """Yield texts that match *pattern* in various ways, and variants that almost match."""
    tree = import_module("re._parser").parse(pattern)
    for sample, pump, branch in product(_SAMPLE_CHARACTERS, _REPEAT_COUNTS, (0, -1)):
        text = _build_match(tree, sample, pump, branch)[: MAX_ID_CHARACTERS - 1]
        for end in _NON_MATCHING_ENDS:
            yield text + end
            yield text[:-1] + end


def _build_match(tree: Any, sample: str, pump: int, branch: int) -> str:
    """Build a text that matches *tree*, unless the pattern has look-around assertions."""
    return "".join(_build_part(str(kind), value, sample, pump, branch) for kind, value in tree)[:MAX_ID_CHARACTERS]


def _build_part(kind: str, value: Any, sample: str, pump: int, branch: int) -> str:
    """Build a text that matches one part of a pattern; *kind* is its name in `re._parser`."""
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL" | "ANY":
            return sample if kind == "ANY" or ord(sample) != value else "_"
        case "IN":
            return _pick_from_class(value, sample)
        case "BRANCH":
            return _build_match(value[1][branch], sample, pump, branch)
        case "SUBPATTERN":
            return _build_match(value[3], sample, pump, branch)
        case "ATOMIC_GROUP":
            return _build_match(value, sample, pump, branch)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            min_times, max_times, repeated = value
            times = int(max(min_times, min(max_times, pump)))
            return _build_match(repeated, sample, pump, branch) * min(times, MAX_ID_CHARACTERS)
    return ""


def _pick_from_class(items: Any, sample: str) -> str:
    """Return *sample* if the character class contains it, else another character of the class, if one is found."""
    kinds = [(str(kind), value) for kind, value in items]
    named: list[str] = [
        chr(value if kind == "LITERAL" else value[0]) for kind, value in kinds if kind in ("LITERAL", "RANGE")
    ]
    letters: list[str] = [sample, *named, *_SAMPLE_CHARACTERS, " "]
    for letter in letters:
        if any(_is_in_class(kind, value, letter) for kind, value in kinds) != (kinds[0][0] == "NEGATE"):
            return letter
    return sample


_CATEGORY_PATTERNS = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


def _is_in_class(kind: str, value: Any, letter: str) -> bool:
    """Return whether an element of a character class contains *letter*."""
    match kind:
        case "LITERAL":
            return bool(ord(letter) == value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case "CATEGORY":
            name = str(value).removeprefix("CATEGORY_")
            return bool(re.match(_CATEGORY_PATTERNS[name.removeprefix("NOT_")], letter)) != name.startswith("NOT_")
    return False
