"""Why a column is not what its header says: because of the values below it."""

from kiosk.importing.columns.column import Column
from kiosk.importing.columns.headings import canonical
from kiosk.importing.columns.values import FEW
from kiosk.importing.columns.vocabulary import WORDS

_SOME = 3
"""Values from which on it counts when not one of them fits."""

NOT_NAMES = "e-mail addresses, not names"

_STATES = frozenset(("waiting", "needs you", "delivered", "discarded"))


def objection(field: str, column: Column) -> str:
    """Why *column* cannot be *field*; empty where nothing speaks against it."""
    shape = column.shape
    if not shape.number:
        return ""
    if field in ("name", "first_name", "last_name"):
        return _no_names(field, column)
    if field == "email":
        return "no e-mail address is in it" if not shape.with_at and shape.number >= _SOME else ""
    if field == "phone":
        return "no phone number is in it" if not shape.phones and shape.number >= _SOME else ""
    if field == "website":
        return "no web address is in it" if not shape.links and shape.number >= _SOME else ""
    if field == "job_title":
        return "a form of address, such as Mr or Dr" if shape.salutations > 0.5 else ""
    if field == "badge_id":
        return _no_ids(column)
    if field == "lead_id":
        return "not the id of a kiosk's lead" if shape.uuids < 0.5 else ""
    if field == "state":
        return "not the state of a kiosk's lead" if shape.example.casefold() not in _STATES else ""
    return "e-mail addresses are in it" if shape.emails > 0.5 else ""


def _no_names(field: str, column: Column) -> str:
    """Why *column* holds no names."""
    shape = column.shape
    if shape.emails > 0.5:
        return NOT_NAMES
    if shape.numbers > 0.5:
        return "numbers, not names"
    if field == "name" and shape.digits > 0.8 and shape.single_words > 0.8:
        return "codes, not names"
    # "Visitor" may stand over names, and over the kinds of visitors.
    says_whose = canonical(column.header) in map(canonical, (*WORDS["attendee"], *WORDS["somebody"]))
    if field == "name" and says_whose and shape.number >= FEW and shape.distinct < 0.2:
        return f"only {round(shape.distinct * shape.number)} different values"
    return ""


def _no_ids(column: Column) -> str:
    """Why *column* holds no ids of people."""
    shape = column.shape
    if shape.emails > 0.5:
        return "e-mail addresses, not ids"
    if shape.dates > 0.5:
        return "dates, not ids"
    if shape.single_words + shape.payloads < 0.5:
        return "words, not ids"
    is_wordy = shape.digits + shape.payloads == 0
    if is_wordy and shape.number > 1 and (shape.distinct < 1 or not shape.ids):
        return "words, not ids"
    if shape.number >= FEW and shape.distinct < 0.5:
        return f"only {round(shape.distinct * shape.number)} different values"
    return ""
