"""The words of `vocabulary.toml`: headings of lists in some twenty languages, and the words around them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

BADGE_ID_FIELD = "badge_id"
"""What a column is called that holds the id on the badge."""

_TABLES = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))


def _split_entries(text: str) -> tuple[str, ...]:
    """The entries in a text of the file, each once."""
    return tuple(dict.fromkeys(" ".join(entry.split()) for entry in text.split("|") if entry.strip()))


def _load_table(name: str) -> dict[str, tuple[str, ...]]:
    """A table of the file."""
    return {key: _split_entries(text) for key, text in _TABLES[name].items()}


PERSON_HEADINGS: Mapping[str, tuple[str, ...]] = _load_table("people")
"""Each field of a list of people, with its headings, those that say it best first."""

LEAD_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lead_id": ("lead id",),
    **PERSON_HEADINGS,
    # Of leads from a CRM it is the CRM's own.
    BADGE_ID_FIELD: tuple(name for name in PERSON_HEADINGS[BADGE_ID_FIELD] if name != "lead id"),
    **_load_table("visit"),
}
"""The same for a list of leads: those of a person, and what was said at the booth."""

OTHER_HEADINGS: Mapping[str, tuple[str, ...]] = _load_table("others")
"""Headings that name something else than our fields, by what that is."""

HEADING_WORDS: Mapping[str, tuple[str, ...]] = _load_table("words")
"""Words around a field's own name, by what they say."""

IDENTIFYING_FIELDS = frozenset({"lead_id", "payload", *PERSON_HEADINGS})
"""What says who a lead is: a list needs one of them."""

RATING_WORDS: Mapping[int, tuple[str, ...]] = {int(number): words for number, words in _load_table("ratings").items()}
"""Ratings in words, by the number from 1 to 5 that they stand for."""
