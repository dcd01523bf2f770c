"""Whether a field of a CRM can hold what one of ours has: a choice, a date, a number, or any text."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from sync.answers import message

Kind: TypeAlias = Literal["text", "number", "moment", "date", "choice", "yes or no", "record"]

OURS: dict[str, Kind] = {"rating": "number", "revision": "number", "scanned_at": "moment"}
"""What our fields are that are not texts."""

RATINGS = ("1", "2", "3", "4", "5")

MOST_OPTIONS = 8
"""Options that a sentence lists."""

SPOKEN = {
    "number": "a number",
    "moment": "a date with a time",
    "date": "a date without a time",
    "yes or no": "a yes or no",
    "record": "a link to another record",
    "text": "any text",
}


def misfit(crm: str, ours: str, theirs: str, kind: Kind, options: Sequence[str] = ()) -> str:
    """
    Why our field *ours* cannot be sent to *theirs*, which is of *kind* in *crm*; empty where it can.

    *options* are the values that a choice has.
    """
    has = OURS.get(ours, "text")
    if kind in ("text", has) and kind != "choice":
        return ""
    if kind == "choice":
        if ours == "rating" and set(RATINGS) <= set(options):
            return ""
        return _of_choice(crm, ours, theirs, options)
    return f"{crm}'s {theirs} is {SPOKEN[kind]}, and our {ours} is {SPOKEN[has]}: map {ours} to another field."


def _of_choice(crm: str, ours: str, theirs: str, options: Sequence[str]) -> str:
    """That a choice does not have what our field may be."""
    listed = ", ".join(map(message, sorted(options)[:MOST_OPTIONS])) + (", …" if len(options) > MOST_OPTIONS else "")
    if ours == "rating":
        return f"{crm}'s {theirs} takes only {listed}: add the ratings 1 to 5 to it, or map {ours} to another field."
    return (
        f"{crm}'s {theirs} takes only {listed}: a lead with anything else would be refused. Map {ours} to a field for "
        "text, or take it out of kiosk.toml."
    )
