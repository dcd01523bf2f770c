"""Reasons why a column is not what its header says, found in its values."""

from data.language import N_, _, ngettext
from kiosk.importing.columns.column import Column
from kiosk.importing.columns.headings import to_canonical
from kiosk.importing.columns.values import MIN_REPEATING_VALUES
from kiosk.importing.columns.vocabulary import HEADING_WORDS

# How many values a column needs before it means anything that none of them fits.
_MIN_VALUES = 3

NOT_NAMES = N_("e-mail addresses, not names")

_LEAD_STATES = frozenset(
    ("waiting", "needs you", "delivered", "discarded")  # not shown: stored states, as exports have them
)


def find_objection(field: str, column: Column) -> str:
    """Return why *column* cannot be *field*; empty if nothing speaks against it."""
    shape = column.shape
    if not shape.count:
        return ""
    if field in ("name", "first_name", "last_name"):
        return _object_to_names(field, column)
    if field == "email":
        return _("contains no e-mail address") if not shape.with_at and shape.count >= _MIN_VALUES else ""
    if field == "phone":
        return _("contains no phone number") if not shape.phones and shape.count >= _MIN_VALUES else ""
    if field == "website":
        return _("contains no web address") if not shape.links and shape.count >= _MIN_VALUES else ""
    if field == "job_title":
        return _("forms of address such as Mr or Dr") if shape.salutations > 0.5 else ""
    if field == "badge_id":
        return _object_to_ids(column)
    if field == "lead_id":
        return _("not the IDs of kiosk leads") if shape.uuids < 0.5 else ""
    if field == "state":
        return _("not the states of kiosk leads") if shape.example.casefold() not in _LEAD_STATES else ""
    return _("contains e-mail addresses") if shape.emails > 0.5 else ""


def _describe_few_values(count: int) -> str:
    """Say that a column has only *count* different values."""
    return ngettext("only {count} different value", "only {count} different values", count).format(count=count)


def _object_to_names(field: str, column: Column) -> str:
    """Return why *column* does not contain names."""
    shape = column.shape
    if shape.emails > 0.5:
        return _(NOT_NAMES)
    if shape.numbers > 0.5:
        return _("numbers, not names")
    if field == "name" and shape.digits > 0.8 and shape.single_words > 0.8:
        return _("codes, not names")
    # "Visitor" may be the header of names, or of kinds of visitors.
    says_whose = to_canonical(column.header) in map(
        to_canonical, (*HEADING_WORDS["attendee"], *HEADING_WORDS["somebody"])
    )
    if field == "name" and says_whose and shape.count >= MIN_REPEATING_VALUES and shape.distinct < 0.2:
        return _describe_few_values(round(shape.distinct * shape.count))
    return ""


def _object_to_ids(column: Column) -> str:
    """Return why *column* does not contain people's IDs."""
    shape = column.shape
    if shape.emails > 0.5:
        return _("e-mail addresses, not IDs")
    if shape.dates > 0.5:
        return _("dates, not IDs")
    if shape.single_words + shape.payloads < 0.5:
        return _("words, not IDs")
    is_wordy = shape.digits + shape.payloads == 0
    if is_wordy and shape.count > 1 and (shape.distinct < 1 or not shape.ids):
        return _("words, not IDs")
    if shape.count >= MIN_REPEATING_VALUES and shape.distinct < 0.5:
        return _describe_few_values(round(shape.distinct * shape.count))
    return ""
