"""Whether a field of a CRM can hold what one of ours has: a choice, a date, a number, or any text."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from sync.crm_messages import clean_message

FieldType: TypeAlias = Literal["text", "number", "moment", "date", "choice", "yes or no", "record"]

_OUR_FIELD_TYPES: dict[str, FieldType] = {"rating": "number", "revision": "number", "scanned_at": "moment"}
"""What our fields are that are not texts."""

_RATING_VALUES = ("1", "2", "3", "4", "5")

_MAX_LISTED_OPTIONS = 8
"""Options that a sentence lists."""

_TYPE_DESCRIPTIONS = {
    "number": "a number",
    "moment": "a date with a time",
    "date": "a date without a time",
    "yes or no": "a yes or no",
    "record": "a link to another record",
    "text": "any text",
}


def describe_type_mismatch(crm: str, ours: str, theirs: str, field_type: FieldType, options: Sequence[str] = ()) -> str:
    """
    Why our field *ours* cannot be sent to *theirs*, which is of *field_type* in *crm*; empty where it can.

    *options* are the values that a choice has.
    """
    has = _OUR_FIELD_TYPES.get(ours, "text")
    if field_type in ("text", has) and field_type != "choice":
        return ""
    if field_type == "choice":
        if ours == "rating" and set(_RATING_VALUES) <= set(options):
            return ""
        return _describe_choice_mismatch(crm, ours, theirs, options)
    return f"{crm}'s {theirs} is {_TYPE_DESCRIPTIONS[field_type]}, and our {ours} is {_TYPE_DESCRIPTIONS[has]}: map {ours} to another field."


def _describe_choice_mismatch(crm: str, ours: str, theirs: str, options: Sequence[str]) -> str:
    """That a choice does not have what our field may be."""
    listed = ", ".join(map(clean_message, sorted(options)[:_MAX_LISTED_OPTIONS])) + (
        ", …" if len(options) > _MAX_LISTED_OPTIONS else ""
    )
    if ours == "rating":
        return f"{crm}'s {theirs} takes only {listed}: add the ratings 1 to 5 to it, or map {ours} to another field."
    return (
        f"{crm}'s {theirs} takes only {listed}: a lead with anything else would be refused. Map {ours} to a field for "
        "text, or take it out of kiosk.toml."
    )
