"""Why a column is not what its header says: because of the values below it."""

from kiosk.importing.columns.column import Column
from kiosk.importing.columns.headings import to_canonical
from kiosk.importing.columns.values import MIN_REPEATING_VALUES
from kiosk.importing.columns.vocabulary import HEADING_WORDS

_MIN_VALUES = 3
"""Values from which on it counts when not one of them fits."""

NOT_NAMES = "e-mail addresses, not names"

_LEAD_STATES = frozenset(("waiting", "needs you", "delivered", "discarded"))


def find_objection(field: str, column: Column) -> str:
    """Why *column* cannot be *field*; empty where nothing speaks against it."""
    shape = column.shape
    if not shape.count:
        return ""
    if field in ("name", "first_name", "last_name"):
        return _object_to_names(field, column)
    if field == "email":
        return "no e-mail address is in it" if not shape.with_at and shape.count >= _MIN_VALUES else ""
    if field == "phone":
        return "no phone number is in it" if not shape.phones and shape.count >= _MIN_VALUES else ""
    if field == "website":
        return "no web address is in it" if not shape.links and shape.count >= _MIN_VALUES else ""
    if field == "job_title":
        return "a form of address, such as Mr or Dr" if shape.salutations > 0.5 else ""
    if field == "badge_id":
        return _object_to_ids(column)
    if field == "lead_id":
        return "not the id of a kiosk's lead" if shape.uuids < 0.5 else ""
    if field == "state":
        return "not the state of a kiosk's lead" if shape.example.casefold() not in _LEAD_STATES else ""
    return "e-mail addresses are in it" if shape.emails > 0.5 else ""


def _object_to_names(field: str, column: Column) -> str:
    """Why *column* holds no names."""
    shape = column.shape
    if shape.emails > 0.5:
        return NOT_NAMES
    if shape.numbers > 0.5:
        return "numbers, not names"
    if field == "name" and shape.digits > 0.8 and shape.single_words > 0.8:
        return "codes, not names"
    # "Visitor" may stand over names, and over the kinds of visitors.
    says_whose = to_canonical(column.header) in map(
        to_canonical, (*HEADING_WORDS["attendee"], *HEADING_WORDS["somebody"])
    )
    if field == "name" and says_whose and shape.count >= MIN_REPEATING_VALUES and shape.distinct < 0.2:
        return f"only {round(shape.distinct * shape.count)} different values"
    return ""


def _object_to_ids(column: Column) -> str:
    """Why *column* holds no ids of people."""
    shape = column.shape
    if shape.emails > 0.5:
        return "e-mail addresses, not ids"
    if shape.dates > 0.5:
        return "dates, not ids"
    if shape.single_words + shape.payloads < 0.5:
        return "words, not ids"
    is_wordy = shape.digits + shape.payloads == 0
    if is_wordy and shape.count > 1 and (shape.distinct < 1 or not shape.ids):
        return "words, not ids"
    if shape.count >= MIN_REPEATING_VALUES and shape.distinct < 0.5:
        return f"only {round(shape.distinct * shape.count)} different values"
    return ""
