"""jCard (RFC 7095): a vCard as a JSON array, `["vcard", [["fn", {}, "text", "Ana Lopez"], …]]`."""

from typing import Any

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.vcard.card import build_badge
from kiosk.badges.vcard.properties import VCardProperty

# Properties of one card that are read.
_MAX_PROPERTIES = 200


def read_jcard(document: Any, code: ScannedCode) -> Badge | None:
    """Read *document*, the JSON of *code*; None if it is not a jCard."""
    card = document[0] if _is_list(document) and document and _is_list(document[0]) else document
    if not (_is_list(card) and len(card) > 1 and card[0] == "vcard" and _is_list(card[1])):
        return None
    return build_badge([found for item in card[1][:_MAX_PROPERTIES] for found in _read_member(item)], code)


def _read_member(item: Any) -> list[VCardProperty]:
    """Return the properties in one member of a jCard, one for each of its values."""
    if not (_is_list(item) and len(item) > 3 and isinstance(item[0], str) and isinstance(item[1], dict)):
        return []
    params = tuple(
        f"{name}={_join_values(value, ',')}".upper() for name, value in item[1].items() if isinstance(name, str)
    )
    group = str(item[1].get("group", "")).upper()
    return [VCardProperty(item[0].upper(), params, _format_value(value), group) for value in item[3:]]


def _format_value(value: Any) -> str:
    """Return *value* in vCard notation: parts separated by semicolons, list items by commas."""
    if _is_list(value):
        return ";".join(",".join(map(escape_value, part)) if _is_list(part) else escape_value(part) for part in value)
    return escape_value(value)


def _join_values(value: Any, between: str) -> str:
    """Return the values of a parameter."""
    return between.join(map(str, value)) if _is_list(value) else str(value)


def escape_value(value: Any) -> str:
    """Return *value* as escaped vCard text; empty for anything but a text or a number."""
    if not isinstance(value, str | int | float):
        return ""
    text = str(value)
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
