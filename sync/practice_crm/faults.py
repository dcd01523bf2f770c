"""How the practice CRM misbehaves on request, so that staff can see each trouble before the show."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from sync.practice_crm.fault_values import FAULT_READERS, FLAG_READER


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong right now; nothing, to begin with."""

    delay: tuple[float, float] = (0.0, 0.0)
    """Seconds before each answer, from and to: `delay=2`, `delay=2-5`."""
    off: bool = False
    """Answer 503 to everything."""
    lost_answers: float = 0.0
    """
    The share of calls that are done, and then cut off without an answer: `lost_answers=1` is every one.

    A whole number from 2 is every nth: `lost_answers=3` is each third call.
    """
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
    forbidden: bool = False
    """Know everybody with the token, and let nobody add contacts: the key lacks a right."""
    throttle: bool = False
    """Answer 429 to each call, whatever the rate limit says."""
    quota: bool = False
    """Say that the day's calls are used up."""
    rate_limit: int = 100
    """Calls that are taken in ten seconds; 0 takes none."""
    daily_calls: int = 15_000
    """Salesforce: calls that are taken in 24 hours."""
    session_calls: int = 0
    """Salesforce: calls after which a session lapses; 0 is never."""
    duplicates: str = ""
    """Salesforce: a rule against two leads with one e-mail, that warns or blocks: `duplicates=block`."""

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "Faults":
        """
        Faults as people type them: `off`, `delay=2-5`, `refuse=ana@`.

        Raises:
            ValueError: one of them is not known, or its value does not fit.
        """
        values: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            values[name] = value or True
        return cls().with_changes(values)

    def with_changes(self, values: Mapping[str, Any]) -> "Faults":
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
                raise ValueError(f"There is no fault {_shorten_value(raw)}: {hint}")
            reader = FAULT_READERS.get(name, FLAG_READER)
            try:
                read[name] = reader.parse(value)
            except (TypeError, ValueError, OverflowError) as error:
                given = "alone" if value is True else _shorten_value(value)
                raise ValueError(f"The fault {name} cannot be {given}: it takes {reader.expected}.") from error
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return asdict(self)

    def draw_delay(self) -> float:
        """How long to wait before this answer."""
        return random.uniform(*self.delay)

    def loses_answer(self, call: int) -> bool:
        """Whether the answer to the call with the number *call*, counted from 1, gets lost."""
        if self.lost_answers > 1:
            return call % int(self.lost_answers) == 0
        return random.random() < self.lost_answers

    @staticmethod
    def matches(what: str, contact: Mapping[str, Any]) -> bool:
        """Whether *what* (`all`, or a part of an id or an e-mail) means *contact*."""
        return what == "all" or (
            what != "" and any(what in str(contact.get(key) or "") for key in ("client_id", "email"))
        )


def _shorten_value(value: Any) -> str:
    """*value* as it is shown in a sentence: printable, and not endless."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
