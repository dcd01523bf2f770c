"""How the practice CRM misbehaves on request, so that staff can see each trouble before the show."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong right now; nothing, to begin with."""

    delay: tuple[float, float] = (0.0, 0.0)
    """Seconds before each answer, from and to: `delay=2`, `delay=2-5`."""
    off: bool = False
    """Answer 503 to everything."""
    lost_answers: float = 0.0
    """The share of calls that are done, and then cut off without an answer: `lost_answers=1` is every one."""
    refuse: str = ""
    """Answer 422 for contacts whose id or e-mail holds this; `all` refuses each."""
    fail: str = ""
    """Answer 500 to calls with a contact whose id or e-mail holds this; `all` fails each call."""
    login_page: bool = False
    """Answer with a page, as hotel WiFi does."""
    redirect: bool = False
    """Send everybody to another host, as hotel WiFi does."""
    unauthorised: bool = False
    """Accept no token."""
    rate_limit: int = 100
    """Calls that are taken in ten seconds; 0 takes none."""

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "Faults":
        """
        Faults as people type them: `off`, `delay=2-5`, `refuse=ana@`.

        Raises:
            ValueError: one of them is not known, or its value does not fit.
        """
        values: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            values[name] = value or True
        return cls().changed(values)

    def changed(self, values: Mapping[str, Any]) -> "Faults":
        """
        These faults, with *values* (numbers, texts or truth values by name) in place of what was.

        Raises:
            ValueError: one of them is not known, or does not fit.
        """
        known = {field.name for field in fields(self)}
        read: dict[str, Any] = {}
        for raw, value in values.items():
            name = raw.replace("-", "_")
            if name not in known:
                near = get_close_matches(name, known, 1, 0.4)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}."
                raise ValueError(f"There is no fault {raw!r}: {hint}")
            try:
                reader: Callable[[Any], Any] = READERS.get(name, truth)
                read[name] = reader(value)
            except (TypeError, ValueError) as error:
                raise ValueError(f"The fault {name} cannot be {value!r}.") from error
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return asdict(self)

    def seconds(self) -> float:
        """How long to wait before this answer."""
        return random.uniform(*self.delay)

    def loses(self) -> bool:
        """Whether this answer gets lost."""
        return random.random() < self.lost_answers

    @staticmethod
    def hits(what: str, contact: Mapping[str, Any]) -> bool:
        """Whether *what* (`all`, or a part of an id or an e-mail) means *contact*."""
        return what == "all" or (
            what != "" and any(what in str(contact.get(key) or "") for key in ("client_id", "email"))
        )


def truth(value: Any) -> bool:
    """`off`, `off=yes`, `off=no`."""
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        raise ValueError(value)
    return text in ("yes", "true", "1", "on")


def seconds(value: Any) -> tuple[float, float]:
    """`2`, `2-5`, or a pair of numbers."""
    parts = [float(part) for part in (str(value).split("-") if isinstance(value, str | int | float) else value)]
    low, high = parts[0], parts[-1]
    if len(parts) > 2 or not 0 <= low <= high <= 600:
        raise ValueError(value)
    return low, high


def share(value: Any) -> float:
    """From 0 to 1."""
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(value)
    return number


def count(value: Any) -> int:
    """0 or more."""
    number = int(value)
    if number < 0 or isinstance(value, bool):
        raise ValueError(value)
    return number


def part(value: Any) -> str:
    """A part of an id or an e-mail; alone it means all."""
    return "all" if value is True else "" if value is False else str(value)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "delay": seconds, "lost_answers": share, "refuse": part, "fail": part, "rate_limit": count,
}  # fmt: skip
"""How the value of a fault is read that is more than yes or no."""
