"""How the value of a fault is read, as typed behind `--fault` or sent as JSON."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_MAX_DELAY_SECONDS = 600.0
"""Seconds; nobody waits longer for an answer."""


class _FaultReader(NamedTuple):
    """What reads a value, and what a person is told whose value it does not take."""

    parse: Callable[[Any], Any]
    expected: str


def _parse_flag(value: Any) -> bool:
    """`off`, `off=yes`, `off=no`."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        raise ValueError(value)
    return text in ("yes", "true", "1", "on")


def parse_delay(value: Any) -> tuple[float, float]:
    """`2`, `2-5`, a number, or a pair of numbers."""
    if isinstance(value, str):
        value = value.split("-")
    parts = [float(part) for part in (value if isinstance(value, list | tuple) else [value])]
    if isinstance(value, bool) or len(parts) not in (1, 2) or not 0 <= parts[0] <= parts[-1] <= _MAX_DELAY_SECONDS:
        raise ValueError(value)
    return parts[0], parts[-1]


def parse_share(value: Any) -> float:
    """From 0 to 1 the share of calls; a whole number from 2 is every nth call."""
    number = float(value)
    if not 0 <= number <= 1 and not (number > 1 and number.is_integer()):
        raise ValueError(value)
    return number


def parse_count(value: Any) -> int:
    """0 or more, whole."""
    number = int(str(value))
    if number < 0:
        raise ValueError(value)
    return number


def parse_pattern(value: Any) -> str:
    """A part of an id or an e-mail; alone it means all."""
    if not isinstance(value, bool | str):
        raise TypeError(value)
    return value if isinstance(value, str) else "all" if value else ""


def parse_duplicate_rule(value: Any) -> str:
    """`warn`, `block`, or `no`; alone it blocks."""
    word = ("block" if value else "no") if isinstance(value, bool) else value or "no"
    if word not in ("warn", "block", "no"):
        raise ValueError(value)
    return "" if word == "no" else str(word)


_PATTERN_READER = _FaultReader(parse_pattern, "a part of an id or an e-mail, or all")
FLAG_READER = _FaultReader(_parse_flag, "yes or no")

FAULT_READERS: Mapping[str, _FaultReader] = {
    "delay": _FaultReader(parse_delay, f"seconds up to {_MAX_DELAY_SECONDS:.0f}, or a range such as 2-5"),
    "lost_answers": _FaultReader(
        parse_share, "a share from 0 to 1, or a whole number such as 3 for every third answer"
    ),
    "refuse": _PATTERN_READER,
    "fail": _PATTERN_READER,
    "rate_limit": _FaultReader(parse_count, "a whole number of calls in ten seconds, 0 or more"),
    "daily_calls": _FaultReader(parse_count, "a whole number of calls, 0 or more"),
    "session_calls": _FaultReader(parse_count, "a whole number of calls, 0 or more"),
    "duplicates": _FaultReader(parse_duplicate_rule, "warn, block or no"),
}
"""For the faults that are more than yes or no."""
