"""The words of `vocabulary.toml`: headings of lists in some twenty languages, and words around them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

BADGE_ID_FIELD = "badge_id"
"""The field of a column with the badges' IDs."""

_TABLES = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))


def _split_entries(text: str) -> tuple[str, ...]:
    """Return the entries of a text in the file, each once."""
    return tuple(dict.fromkeys(" ".join(entry.split()) for entry in text.split("|") if entry.strip()))


def _load_table(name: str) -> dict[str, tuple[str, ...]]:
    """Return a table of the file."""
    return {key: _split_entries(text) for key, text in _TABLES[name].items()}


PERSON_HEADINGS: Mapping[str, tuple[str, ...]] = _load_table("people")
"""Each field of a list of people with its headings, best first."""

LEAD_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lead_id": ("lead id",),  # not shown: a heading to recognise
    **PERSON_HEADINGS,
    # In a list of leads, "lead id" is the CRM's or the kiosk's own ID, not the badge's.
    BADGE_ID_FIELD: tuple(
        name
        for name in PERSON_HEADINGS[BADGE_ID_FIELD]
        if name != "lead id"  # not shown: a heading to recognise
    ),
    **_load_table("visit"),
}
"""The same for a list of leads: the fields of a person, and what was noted at the booth."""

OTHER_HEADINGS: Mapping[str, tuple[str, ...]] = _load_table("others")
"""Headings of columns that are not our fields, by what they are."""

HEADING_WORDS: Mapping[str, tuple[str, ...]] = _load_table("words")
"""Words around a field's own name, by their role."""

IDENTIFYING_FIELDS = frozenset({"lead_id", "payload", *PERSON_HEADINGS})
"""Fields that identify a lead; a list needs one of them."""

RATING_WORDS: Mapping[int, tuple[str, ...]] = {int(number): words for number, words in _load_table("ratings").items()}
"""Words for the ratings 1 to 5."""
