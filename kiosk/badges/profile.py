"""The event's own badges, as its organiser describes them: the `[badges]` table of kiosk.toml."""

import re
from collections import Counter
from dataclasses import dataclass

from data.contact import CONTACT_FIELDS
from kiosk.badges.pattern_safety import is_slow_pattern

_FIELD_NAMES = ("id", *CONTACT_FIELDS)
"""What a field of a delimited badge can be."""


@dataclass(frozen=True, slots=True)
class BadgeProfile:
    """The `[badges]` table: delimited and id badges that only this event prints; empty is "it has none"."""

    separator: str = ""
    """What stands between the fields of a badge: one character or several."""
    fields: tuple[str, ...] = ()
    """What each field is, in order: `id`, the name of a contact's field, or an empty string to skip it."""
    empty: str = ""
    """The word that stands for an empty field, such as `NULL`."""
    id_pattern: str = ""
    """A regular expression for a whole badge that is an id; its first group, where it has one, is the id."""

    def check(self) -> None:
        """
        Look at what types alone cannot tell.

        Raises:
            ValueError: "key: sentence".
        """
        for name in self.fields:
            if name and name not in _FIELD_NAMES:
                raise ValueError(f"fields: there is no field {name!r}; it knows {', '.join(_FIELD_NAMES)}.")
        for name, times in Counter(filter(None, self.fields)).items():
            if times > 1:
                raise ValueError(f"fields: {name!r} is there {times} times; name each field once.")
        if self.separator and not any(self.fields):
            raise ValueError("fields: the separator needs the order of the fields; list them, such as ['id', 'name'].")
        if self.fields and not self.separator:
            raise ValueError("separator: the fields need to know what stands between them, such as '^'.")
        try:
            pattern = re.compile(self.id_pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"id_pattern: this is not a regular expression: {error}.") from error
        if self.id_pattern and pattern.fullmatch(""):
            raise ValueError("id_pattern: it also fits a badge that holds nothing; ask for one character or more.")
        if self.id_pattern and is_slow_pattern(pattern):
            raise ValueError(
                "id_pattern: some badges would take it for ever to look at; write it without a repeat in a repeat, "
                "such as (a+)+, and without one repeat behind another that takes the same, such as a*a*."
            )
