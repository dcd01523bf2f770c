"""Whether a CRM's field can hold what one of our fields contains: a choice, a date, a number, or any text."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from data.language import N_, _
from sync.crm_messages import clean_message

FieldType: TypeAlias = Literal["text", "number", "datetime", "date", "choice", "boolean", "record"]

# Our fields that are not text.
_OUR_FIELD_TYPES: dict[str, FieldType] = {"rating": "number", "revision": "number", "scanned_at": "datetime"}

_RATING_VALUES = ("1", "2", "3", "4", "5")

# Number of options that a sentence lists.
_MAX_LISTED_OPTIONS = 8

_TYPE_DESCRIPTIONS = {
    "number": N_("a number"),
    "datetime": N_("a date with a time"),
    "date": N_("a date without a time"),
    "boolean": N_("a yes/no field"),
    "record": N_("a link to another record"),
    "text": N_("free text"),
}


def describe_type_mismatch(crm: str, ours: str, theirs: str, field_type: FieldType, options: Sequence[str] = ()) -> str:
    """
    Return why our field *ours* cannot be sent to the field *theirs* of *crm*; empty if it can.

    *field_type* is the type of *theirs*, and *options* are the values that a choice has.
    """
    our_type = _OUR_FIELD_TYPES.get(ours, "text")
    if field_type in ("text", our_type) and field_type != "choice":
        return ""
    if field_type == "choice":
        if ours == "rating" and set(_RATING_VALUES) <= set(options):
            return ""
        return _describe_choice_mismatch(crm, ours, theirs, options)
    return _(
        "The {crm} field {theirs} is {their_type}, and the kiosk's {ours} is {our_type}: map {ours} to another field."
    ).format(
        crm=crm,
        theirs=theirs,
        their_type=_(_TYPE_DESCRIPTIONS[field_type]),
        ours=ours,
        our_type=_(_TYPE_DESCRIPTIONS[our_type]),
    )


def _describe_choice_mismatch(crm: str, ours: str, theirs: str, options: Sequence[str]) -> str:
    """Return the sentence for a choice that lacks values which our field can have."""
    listed = ", ".join(map(clean_message, sorted(options)[:_MAX_LISTED_OPTIONS]))
    listed += ", …" if len(options) > _MAX_LISTED_OPTIONS else ""
    if ours == "rating":
        sentence = _(
            "The {crm} field {theirs} only takes {options}: add the ratings 1 to 5 to it, or map {ours} to another "
            "field."
        )
    else:
        sentence = _(
            "The {crm} field {theirs} only takes {options}: a lead with any other value would be rejected. Map {ours} "
            "to a text field, or remove it from kiosk.toml."
        )
    return sentence.format(crm=crm, theirs=theirs, options=listed, ours=ours)
