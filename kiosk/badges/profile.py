"""The event's own badge formats: the `[badges]` table of kiosk.toml."""

import re
from collections import Counter
from dataclasses import dataclass

from data.contact import CONTACT_FIELDS
from data.language import _
from kiosk.badges.pattern_safety import is_slow_pattern

# What a field of a delimited badge can be.
_FIELD_NAMES = ("id", *CONTACT_FIELDS)


@dataclass(frozen=True, slots=True)
class BadgeProfile:
    """The `[badges]` table: delimited badges and IDs that only this event prints. All empty if there are none."""

    separator: str = ""
    """One or more characters between the fields of a badge."""
    fields: tuple[str, ...] = ()
    """What each field is, in order: `id`, the name of a contact field, or an empty string to skip it."""
    empty: str = ""
    """The word that stands for an empty field, such as `NULL`."""
    id_pattern: str = ""
    """A regular expression for a badge that is nothing but an ID; its first group, if it has one, is the ID."""

    def check(self) -> None:
        """
        Check the values that types alone cannot.

        Raises:
            ValueError: "key: sentence".
        """
        for name in self.fields:
            if name and name not in _FIELD_NAMES:
                raise ValueError(
                    _("fields: unknown field {name}. Choose from {names}.").format(
                        name=repr(name), names=", ".join(_FIELD_NAMES)
                    )
                )
        for name, times in Counter(filter(None, self.fields)).items():
            if times > 1:
                raise ValueError(
                    _("fields: {name} is listed {times} times. List each field once.").format(
                        name=repr(name), times=times
                    )
                )
        if self.separator and not any(self.fields):
            raise ValueError(_("fields: list the fields that the separator divides, such as ['id', 'name']."))
        if self.fields and not self.separator:
            raise ValueError(_("separator: set what separates the fields, such as '^'."))
        try:
            pattern = re.compile(self.id_pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(_("id_pattern: not a regular expression: {error}.").format(error=error)) from error
        if self.id_pattern and pattern.fullmatch(""):
            raise ValueError(_("id_pattern: it matches an empty badge, too. Require at least one character."))
        if self.id_pattern and is_slow_pattern(pattern):
            raise ValueError(
                _(
                    "id_pattern: some badges would take it forever to match. Avoid a repeat inside a repeat, such as "
                    "(a+)+, and two repeats in a row that match the same, such as a*a*."
                )
            )
