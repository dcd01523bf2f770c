"""Parses the values of faults, as typed after `--fault` or sent as JSON."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# The longest delay of a response; nobody waits longer for one.
_MAX_DELAY_SECONDS = 600.0


class _FaultReader(NamedTuple):
    """A parser for a fault's value, and the sentence part that says what it expects."""

    parse: Callable[[Any], Any]
    expected: str


def _parse_flag(value: Any) -> bool:
    """Parse `down`, `down=yes`, `down=no`."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        raise ValueError(value)
    return text in ("yes", "true", "1", "on")


def _parse_delay(value: Any) -> tuple[float, float]:
    """Parse `2`, `2-5`, a number, or a pair of numbers, into the shortest and the longest delay."""
    if isinstance(value, str):
        value = value.split("-")
    parts = [float(part) for part in (value if isinstance(value, list | tuple) else [value])]
    if isinstance(value, bool) or len(parts) not in (1, 2) or not 0 <= parts[0] <= parts[-1] <= _MAX_DELAY_SECONDS:
        raise ValueError(value)
    return parts[0], parts[-1]


def _parse_share(value: Any) -> float:
    """Parse the share of calls, from 0 to 1; a whole number from 2 means every nth call."""
    number = float(value)
    if not 0 <= number <= 1 and not (number > 1 and number.is_integer()):
        raise ValueError(value)
    return number


def _parse_count(value: Any) -> int:
    """Parse a whole number, 0 or more."""
    number = int(str(value))
    if number < 0:
        raise ValueError(value)
    return number


def _parse_pattern(value: Any) -> str:
    """Parse a part of an id or an e-mail; without a value, the fault applies to all."""
    if not isinstance(value, bool | str):
        raise TypeError(value)
    return value if isinstance(value, str) else "all" if value else ""


def _parse_duplicate_rule(value: Any) -> str:
    """Parse `warn`, `block` or `no`; without a value, the rule blocks."""
    word = ("block" if value else "no") if isinstance(value, bool) else value or "no"
    if word not in ("warn", "block", "no"):
        raise ValueError(value)
    return "" if word == "no" else str(word)


_PATTERN_READER = _FaultReader(_parse_pattern, "a part of an id or an e-mail, or all")
FLAG_READER = _FaultReader(_parse_flag, "yes or no")

# The faults that are not a mere yes or no.
FAULT_READERS: Mapping[str, _FaultReader] = {
    "delay": _FaultReader(_parse_delay, f"seconds up to {_MAX_DELAY_SECONDS:.0f}, or a range such as delay=2-5"),
    "lost_answers": _FaultReader(
        _parse_share, "a share from 0 to 1, or a whole number such as 3 for every third response"
    ),
    "refuse": _PATTERN_READER,
    "fail": _PATTERN_READER,
    "rate_limit": _FaultReader(_parse_count, "a whole number of calls in ten seconds, 0 or more"),
    "daily_calls": _FaultReader(_parse_count, "a whole number of calls, 0 or more"),
    "session_calls": _FaultReader(_parse_count, "a whole number of calls, 0 or more"),
    "duplicates": _FaultReader(_parse_duplicate_rule, "warn, block or no"),
}
