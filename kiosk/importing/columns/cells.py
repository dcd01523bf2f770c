"""Cleans what databases and web pages did to a cell on its way into the list."""

from kiosk.badges.charset.double_encoding import fix_double_encoding
from kiosk.badges.html import decode_entities

# What databases, spreadsheets and JavaScript write into an empty cell.
_EMPTY_VALUES = frozenset(("NULL", "(NULL)", "\\N", "#N/A", "N/A", "#REF!", "#VALUE!", "#NAME?", "undefined", "NaN"))


def normalize_cell(field: str, cell: str) -> str:
    """Return *cell* of the column *field* as a person would write it; empty if it is a placeholder for nothing."""
    text = fix_double_encoding(decode_entities(cell))
    is_nothing = text.strip() in _EMPTY_VALUES or text.strip() == "null"
    # There are people called Null, and lists in capital letters.
    return "" if is_nothing and not (field == "last_name" and text.strip().casefold() == "null") else text
