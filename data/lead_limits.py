"""Limits for one lead, whichever way it came: the API, exports and imports have the same."""

from data.language import N_, _
from data.lead import Lead

_MAX_NOTE_CHARACTERS = 10_000
_MAX_TAGS = 100
MAX_ANSWERS = 100
MAX_LIST_BYTES = 65_536
"""Limit for all tags, questions and answers of a lead together, in UTF-8."""


class LeadTooLarge(ValueError):
    """A lead would exceed a limit; `str()` says how much it holds, and the limit."""

    def __init__(self, field: str, size: int, unit: str) -> None:
        super().__init__(_(_SENTENCES_BY_UNIT[unit]).format(size=size, limit=_LIMITS_BY_UNIT[unit]))
        self.field = field


def check_lead_size(lead: Lead, before: Lead | None = None) -> None:
    """
    Check that *lead* is within the limits; what it held *before* it may keep.

    Raises:
        LeadTooLarge: it exceeds a limit.
    """
    old = _measure_lead(before) if before else {}
    for (field, unit), size in _measure_lead(lead).items():
        if size > max(_LIMITS_BY_UNIT[unit], old.get((field, unit), 0)):
            raise LeadTooLarge(field, size, unit)


_SENTENCES_BY_UNIT = {
    "characters": N_("{size} characters; {limit} is the limit"),
    "tags": N_("{size} tags; {limit} is the limit"),
    "answers": N_("{size} answers; {limit} is the limit"),
    "bytes": N_("{size} bytes; {limit} is the limit"),
}

_LIMITS_BY_UNIT = {
    "characters": _MAX_NOTE_CHARACTERS,
    "tags": _MAX_TAGS,
    "answers": MAX_ANSWERS,
    "bytes": MAX_LIST_BYTES,
}


def _measure_lead(lead: Lead) -> dict[tuple[str, str], int]:
    """Return how much *lead* holds, by field and unit."""
    answers = [*lead.answers, *lead.answers.values()]
    return {
        ("note", "characters"): len(lead.note),
        ("tags", "tags"): len(lead.tags),
        ("answers", "answers"): len(lead.answers),
        ("answers" if answers else "tags", "bytes"): sum(
            len(text.encode("utf-8", "replace")) for text in (*lead.tags, *answers)
        ),
    }
