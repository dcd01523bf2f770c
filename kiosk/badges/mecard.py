"""
MeCard, NTT docomo's one-line card (`MECARD:N:Doe,John;TEL:13035551212;;`), and its relatives.

The relatives are BIZCARD, `MATMSG` (an e-mail to somebody), and KDDI's `MEMORY`, which has one field per line. If a
field has several values, the first counts; a postal address counts as one value.
"""

import re

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.escapes import split_escaped, unescape_text
from kiosk.badges.phone import extract_phone
from kiosk.badges.text import clean_text, join_family_first, make_contact
from kiosk.badges.vcard.fields import split_email_addresses

_MECARD = {"TEL": "phone", "EMAIL": "email", "ORG": "company", "TIL": "job_title", "TITLE": "job_title"}
_MECARD |= {"URL": "website", "NICKNAME": "nickname", "NOTE": "note", "DIV": "division", "MEMO": "note"}

_BIZCARD = {"N": "first_name", "X": "last_name", "T": "job_title", "C": "company", "A": "address", "B": "phone"}
_BIZCARD |= {"M": "phone", "E": "email", "F": "fax", "U": "website", "W": "website"}

_MATMSG = {"TO": "email", "SUB": "subject", "BODY": "body"}

_MEMORY = {"MEMORY": "note", "NAME1": "name", "NAME2": "", "MAIL1": "email", "TEL1": "phone", "ADD": "address"}
_MEMORY |= {"MAIL2": "email", "MAIL3": "email", "TEL2": "phone", "TEL3": "phone"}

# How the text begins, and what its fields are: a contact field or an answer; a field with an empty name is ignored.
_FORMATS = {"MECARD": _MECARD, "BIZCARD": _BIZCARD, "MATMSG": _MATMSG, "MEMORY": _MEMORY}

# The pronunciation of the name, the birthday, a number for video calls.
_IGNORED = {"SOUND", "BDAY", "TEL-AV", ""}

_BREAK = re.compile(r"[\r\n]+")

_LINE = re.compile(r"(?<![\r\n])[\r\n]{1,40}(?=\s{0,8}[A-Z][A-Z0-9-]{0,12}:)")

_NAMED = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,20})\s{0,2}:(.*)", re.DOTALL)

# The parts of `ADR` in docomo's order; the first two are the post box and the room.
_ADDRESS = ("", "", "address", "city", "region", "postcode", "country")

_CONTACT = {"phone", "email", "company", "job_title", "website", "first_name", "last_name", "address", "name"}


def read_mecard(code: ScannedCode) -> Badge | None:
    """Read a MeCard or one of its relatives."""
    name, colon, text = code.text.partition(":")
    kind = name.strip().upper()
    if not colon or kind not in _FORMATS:
        return None
    fields = _BREAK.split(code.text) if kind == "MEMORY" else _split_fields(text)
    values: dict[str, str] = {}
    answers: dict[str, str] = {}
    unread: list[str] = []
    for field in fields:
        _read_field(kind, field, values, answers, unread)
    if kind == "BIZCARD" and "last_name" not in values:
        values["name"] = values.pop("first_name", "")
    whole = values.pop("name", "") or join_family_first(values.get("first_name", ""), values.get("last_name", ""))
    values["name"] = whole or (
        "" if values.get("first_name") or values.get("last_name") else answers.get("nickname", "")
    )
    answers = {name: text for name, text in answers.items() if text != values["name"]}
    return Badge("mecard", make_contact(values), answers=answers, unread=tuple(unread))


def _split_fields(text: str) -> list[str]:
    """Split *text* at semicolons; at line breaks if these are missing."""
    return [line for field in split_escaped(text, ";") for line in _LINE.split(field)]


def _read_field(kind: str, field: str, values: dict[str, str], answers: dict[str, str], unread: list[str]) -> None:
    """Add what one *field* says to *values*, *answers* or *unread*; existing values are kept."""
    found = _NAMED.fullmatch(field)
    if found is None or not found[2].strip():
        unread += [clean_text(field, len(field))] if found is None and clean_text(field) else []
        return
    name, value = found[1].upper(), found[2].strip()
    meaning = _FORMATS[kind].get(name)
    if kind == "MECARD" and name == "N":
        values |= {} if values.get("name") or values.get("last_name") else _parse_name(value)
    elif kind == "MECARD" and name == "ADR":
        _add_address(_parse_address(value), values, answers)
    elif meaning in _CONTACT:
        _add_value(meaning, unescape_text(value), values, answers)
    elif name not in _IGNORED and meaning != "":
        text = clean_text(unescape_text(value))
        answers[meaning or name.lower()] = f"{answers[meaning]} {text}" if meaning in answers else text


def _add_value(field: str, value: str, values: dict[str, str], answers: dict[str, str]) -> None:
    """Set *field*; if it has a value already, add *value* to the answers."""
    found = split_email_addresses(value) if field == "email" else []
    texts = found or [extract_phone(value) if field == "phone" else value]
    for text in texts:
        if values.setdefault(field, text) != text:
            name = f"other {'e-mail' if field == 'email' else field.replace('_', ' ')}"
            answers[name] = ", ".join(filter(None, (answers.get(name, ""), clean_text(text))))


def _add_address(parts: dict[str, str], values: dict[str, str], answers: dict[str, str]) -> None:
    """Set the postal address; if there is one already, add the new one to the answers."""
    if not any(parts.values()):
        return
    if any(values.get(name) for name in _ADDRESS if name):
        answers.setdefault("other address", clean_text(", ".join(filter(None, parts.values()))))
    else:
        values |= parts


def _parse_name(value: str) -> dict[str, str]:
    """Parse `N`: last,first; or a full name without a comma."""
    last, *others = (unescape_text(part).strip() for part in split_escaped(value, ","))
    if not others:
        return {"name": last}
    return {"first_name": " ".join(filter(None, others)), "last_name": last}


def _parse_address(value: str) -> dict[str, str]:
    """Parse `ADR`: seven parts, or one text."""
    parts = [unescape_text(part).strip() for part in split_escaped(value, ",")]
    if len(parts) != len(_ADDRESS):
        return {"address": ", ".join(filter(None, parts))}
    found = {name: part for name, part in zip(_ADDRESS, parts, strict=True) if name}
    return {**found, "address": " ".join(filter(None, (found["address"], parts[1], parts[0])))}
