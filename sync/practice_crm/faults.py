"""The faults of the practice CRM, so that staff can rehearse each kind of trouble before the show."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from sync.practice_crm.fault_values import FAULT_READERS, FLAG_READER


@dataclass(frozen=True, slots=True)
class Faults:
    """The current faults; none by default. The fields' names are what `--fault` takes."""

    delay: tuple[float, float] = (0.0, 0.0)
    """Shortest and longest delay before each response, in seconds: `delay=2`, `delay=2-5`."""
    down: bool = False
    """Respond 503 to everything."""
    lost_answers: float = 0.0
    """
    The share of calls that are carried out and then cut off without a response: `lost_answers=1` is all of them.

    A whole number from 2 means every nth: `lost_answers=3` is every third call.
    """
    refuse: str = ""
    """Respond 422 for contacts whose id or e-mail contains this text; `all` refuses every contact."""
    fail: str = ""
    """Respond 500 to calls with a contact whose id or e-mail contains this text; `all` fails every call."""
    login_page: bool = False
    """Respond with a web page, as hotel WiFi does."""
    redirect: bool = False
    """Redirect to another host, as hotel WiFi does."""
    unauthorised: bool = False
    """Accept no token."""
    forbidden: bool = False
    """Accept the token, but let nobody add contacts: the key lacks a permission."""
    throttle: bool = False
    """Respond 429 to every call, whatever the rate limit is."""
    quota: bool = False
    """Report that the day's calls are used up."""
    rate_limit: int = 100
    """Calls accepted in ten seconds; 0 accepts none."""
    daily_calls: int = 15_000
    """Salesforce: calls accepted in 24 hours."""
    session_calls: int = 0
    """Salesforce: calls after which a session expires; 0 means never."""
    duplicates: str = ""
    """Salesforce: a rule against two leads with one e-mail, which warns or blocks: `duplicates=block`."""

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "Faults":
        """
        Parse faults as people type them: `down`, `delay=2-5`, `refuse=ana@`.

        Raises:
            ValueError: a fault is unknown, or its value does not fit.
        """
        values: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            values[name] = value or True
        return cls().with_changes(values)

    def with_changes(self, values: Mapping[str, Any]) -> "Faults":
        """
        Return these faults, changed by *values* (numbers, strings or booleans by name).

        Raises:
            ValueError: a fault is unknown, or its value does not fit.
        """
        known = {field.name for field in fields(self)}
        read: dict[str, Any] = {}
        for raw, value in values.items():
            name = find_field_name(raw)
            if name not in known:
                near = get_close_matches(name, known, 1, 0.6)
                hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(sorted(known))}."
                raise ValueError(f"There is no fault {_shorten_value(raw)}: {hint}")
            reader = FAULT_READERS.get(name, FLAG_READER)
            try:
                read[name] = reader.parse(value)
            except (TypeError, ValueError, OverflowError) as error:
                if value is True:
                    raise ValueError(f"The fault {name} needs a value: {reader.expected}.") from error
                given = _shorten_value(value)
                raise ValueError(f"The fault {name} cannot be {given}: it takes {reader.expected}.") from error
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        """Return the faults as a JSON object."""
        return asdict(self)

    def draw_delay(self) -> float:
        """Return the seconds to wait before the next response, at random within `delay`."""
        return random.uniform(*self.delay)

    def loses_answer(self, call: int) -> bool:
        """Return whether the response to call number *call*, counted from 1, gets lost."""
        if self.lost_answers > 1:
            return call % int(self.lost_answers) == 0
        return random.random() < self.lost_answers

    @staticmethod
    def matches(what: str, contact: Mapping[str, Any]) -> bool:
        """Return whether *what* (`all`, or a part of an id or an e-mail) applies to *contact*."""
        return what == "all" or (
            what != "" and any(what in str(contact.get(key) or "") for key in ("client_id", "email"))
        )


def find_field_name(name: str) -> str:
    """Return the name of the field that a fault's *name* stands for, as people type it: `lost-answers`, or `off`."""
    name = name.replace("-", "_")
    # The old name of this fault, which notes and scripts may still have.
    return "down" if name == "off" else name


def _shorten_value(value: Any) -> str:
    """Return *value* as a sentence can show it: printable, and not too long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
