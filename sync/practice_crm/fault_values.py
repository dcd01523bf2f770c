"""How the value of a fault is read, as typed behind `--fault` or sent as JSON."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

LONGEST_DELAY = 600.0
"""Seconds; nobody waits longer for an answer."""


class Reader(NamedTuple):
    """What reads a value, and what a person is told whose value it does not take."""

    read: Callable[[Any], Any]
    wanted: str


def truth(value: Any) -> bool:
    """`off`, `off=yes`, `off=no`."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        raise ValueError(value)
    return text in ("yes", "true", "1", "on")


def seconds(value: Any) -> tuple[float, float]:
    """`2`, `2-5`, a number, or a pair of numbers."""
    if isinstance(value, str):
        value = value.split("-")
    parts = [float(part) for part in (value if isinstance(value, list | tuple) else [value])]
    if isinstance(value, bool) or len(parts) not in (1, 2) or not 0 <= parts[0] <= parts[-1] <= LONGEST_DELAY:
        raise ValueError(value)
    return parts[0], parts[-1]


def share(value: Any) -> float:
    """From 0 to 1 the share of calls; a whole number from 2 is every nth call."""
    number = float(value)
    if not 0 <= number <= 1 and not (number > 1 and number.is_integer()):
        raise ValueError(value)
    return number


def count(value: Any) -> int:
    """0 or more, whole."""
    number = int(str(value))
    if number < 0:
        raise ValueError(value)
    return number


def part(value: Any) -> str:
    """A part of an id or an e-mail; alone it means all."""
    if not isinstance(value, bool | str):
        raise TypeError(value)
    return value if isinstance(value, str) else "all" if value else ""


def rule(value: Any) -> str:
    """`warn`, `block`, or `no`; alone it blocks."""
    word = ("block" if value else "no") if isinstance(value, bool) else value or "no"
    if word not in ("warn", "block", "no"):
        raise ValueError(value)
    return "" if word == "no" else str(word)


PART = Reader(part, "a part of an id or an e-mail, or all")
YES_OR_NO = Reader(truth, "yes or no")

READERS: Mapping[str, Reader] = {
    "delay": Reader(seconds, f"seconds up to {LONGEST_DELAY:.0f}, or a range such as 2-5"),
    "lost_answers": Reader(share, "a share from 0 to 1, or a whole number such as 3 for every third answer"),
    "refuse": PART,
    "fail": PART,
    "rate_limit": Reader(count, "a whole number of calls in ten seconds, 0 or more"),
    "daily_calls": Reader(count, "a whole number of calls, 0 or more"),
    "session_calls": Reader(count, "a whole number of calls, 0 or more"),
    "duplicates": Reader(rule, "warn, block or no"),
}
"""For the faults that are more than yes or no."""
