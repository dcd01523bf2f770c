"""What a cell says, whatever a database or a web page made of it on its way into the list."""

from kiosk.badges.charset.double_encoding import fix_double_encoding
from kiosk.badges.html import decode_entities

_EMPTY_VALUES = frozenset(("NULL", "(NULL)", "\\N", "#N/A", "N/A", "#REF!", "#VALUE!", "#NAME?", "undefined", "NaN"))
"""What databases, spreadsheets and JavaScript write into a cell that holds nothing."""


def normalize_cell(field: str, cell: str) -> str:
    """*cell* of the column that is *field* as a person would write it; empty where it stands for nothing."""
    text = fix_double_encoding(decode_entities(cell))
    is_nothing = text.strip() in _EMPTY_VALUES or text.strip() == "null"
    # There are people called Null, and lists in capitals.
    return "" if is_nothing and not (field == "last_name" and text.strip().casefold() == "null") else text
