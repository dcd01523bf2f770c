"""JSON badges: eventyay's, Indico's, objects whose keys name a person's fields, lists of these, and jCards."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from data.language import N_, _
from kiosk.badges.badge import Badge, RefusedPayload, ScannedCode
from kiosk.badges.delimited import read_parts
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, SECRET_KEYS, TECHNICAL_KEYS, fold_key, is_person_id
from kiosk.badges.person_fields import collect_fields
from kiosk.badges.signed_ticket import read_ticket_seed
from kiosk.badges.stored_id import hash_secret, is_entry_secret, to_stored_id
from kiosk.badges.text import clean_text, make_contact
from kiosk.badges.vcard.card import read_vcard
from kiosk.badges.vcard.frame import BEGIN_PATTERN
from kiosk.badges.vcard.jcard import read_jcard

# How many further members become answers.
_MAX_ANSWERS = 20

# Members of objects nested deeper than this are ignored; the scan keeps them.
_MAX_DEPTH = 4

# Deeper nesting than this is rejected, because recursion could exceed Python's limit.
_MAX_NESTING = 100

# The limit up to which a float represents every whole number.
_MAX_EXACT_INTEGER = 2**53

_NON_LETTERS = re.compile(r"[\W_]+")

_INCOMPLETE_TICKET = N_("This looks like part of an entry ticket, so it was not saved. Scan the badge again.")


def read_json(code: ScannedCode) -> Badge | RefusedPayload | None:
    """Read a JSON object or list by the person or the ID in it. Entry secrets are left out of what is stored."""
    if not code.text.startswith(("{", "[")):
        return None
    try:
        document = json.loads(code.text, strict=False)
        public = _remove_secret_members(document)
        keep = None if public == document else json.dumps(public).encode()
    except (ValueError, RecursionError):
        return _refuse_if_secret(code.text)
    if isinstance(document, list):
        return read_jcard(document, code) or _read_list(document, code, keep)
    card = next((text for _, text in _flatten_members(document) if BEGIN_PATTERN.match(text)), "")
    if card:
        return _read_inner_vcard(card, code, keep)
    return _read_object(document, keep)


def _read_inner_vcard(card: str, code: ScannedCode, keep: bytes | None) -> Badge | None:
    """Read the vCard inside a JSON object."""
    badge = read_vcard(ScannedCode(card.encode("utf-8", "replace"), card, code.profile))
    return badge and replace(badge, stored_payload=keep if badge.stored_payload is None else badge.stored_payload)


def _read_list(items: list[Any], code: ScannedCode, keep: bytes | None) -> Badge | None:
    """Read the person in a list: its first object, or its strings as the fields of a delimited badge."""
    if items and isinstance(items[0], dict):
        badge = _read_object(items[0], keep)
        others = (json.dumps(_remove_secret_members(item), ensure_ascii=False) for item in items[1:_MAX_ANSWERS])
        return replace(badge, unread=tuple(clean_text(item, len(item)) for item in others))
    if not items or not all(isinstance(item, str | int) for item in items):
        return None
    return read_parts(code, ",", [str(item).strip() for item in items])


def _read_object(document: dict[str, Any], keep: bytes | None) -> Badge:
    """Read the person or the ID in an object."""
    pairs = list(_flatten_members(document))
    values = collect_fields((key, value) for key, value in pairs if not _is_secret_member(key, value))
    return Badge("json", make_contact(values), _find_badge_id(pairs), _collect_answers(pairs), keep)


def _refuse_if_secret(text: str) -> RefusedPayload | None:
    """Return a refusal if *text* is incomplete JSON that may contain an entry secret."""
    letters = _NON_LETTERS.sub("", text).lower()
    return (
        RefusedPayload("entry secret", _(_INCOMPLETE_TICKET)) if any(name in letters for name in SECRET_KEYS) else None
    )


def _is_secret_member(key: str, value: object) -> bool:
    """Return whether a member of an object is an entry secret, by its key or by its format."""
    return fold_key(key) in SECRET_KEYS or (isinstance(value, str) and is_entry_secret(clean_text(value)))


def _remove_secret_members(value: Any, depth: int = 0) -> Any:
    """
    Return *value* without the members that are entry secrets.

    Raises:
        RecursionError: it is nested deeper than any real badge.
    """
    if depth > _MAX_NESTING:
        raise RecursionError
    if isinstance(value, dict):
        return {
            key: _remove_secret_members(inner, depth + 1)
            for key, inner in value.items()
            if not _is_secret_member(key, inner)
        }
    if isinstance(value, list):
        return [_remove_secret_members(inner, depth + 1) for inner in value if not _is_secret_member("", inner)]
    return value


def _flatten_members(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """
    Yield the members of *value* at any depth as pairs of key and text; list items after the first as `other …`.

    In `"company": {"name": …}` the inner name is the company's.
    """
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for name, inner in value.items():
            is_inner = fold_key(name) in ("name", "value", "title") and fold_key(key) in FIELD_BY_KEY
            yield from _flatten_members(inner, key if is_inner and fold_key(key) != "name" else name, depth + 1)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        yield from _flatten_members(value[0], key, depth + 1) if value else ()
        others = [text for item in value[1:_MAX_ANSWERS] if (text := _to_text(_remove_secret_members(item)))]
        yield from [(f"other {key}".strip(), ", ".join(others))] if others and key else ()
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield key, _format_scalar(value, fold_key(key) in ID_KEYS)


def _to_text(value: Any) -> str:
    """Return any *value* as one text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return _format_scalar(value, False) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _format_scalar(value: str | float, is_id: bool) -> str:
    """Return *value* as text; empty if it is not a number, or if it is an ID that is not whole or not exact."""
    if not isinstance(value, float):
        return str(value)
    if isfinite(value) and value.is_integer() and abs(value) < _MAX_EXACT_INTEGER:
        return str(int(value))
    return str(value) if isfinite(value) and not is_id else ""


def _find_badge_id(pairs: list[tuple[str, str]]) -> str:
    """
    Return the badge's ID; if there is none, the hash of the entry secret, which the attendee list may contain.
    """
    values: dict[str, str] = {}
    for key, value in pairs:
        values.setdefault(fold_key(key), value.strip())
    raw = next((values[key] for key in ID_KEYS if is_person_id(key, values.get(key, ""))), "")
    if raw:
        return to_stored_id(raw)
    secret = next((values[key] for key in SECRET_KEYS if values.get(key)), "")
    return (read_ticket_seed(secret) or hash_secret(secret)) if secret else ""


def _collect_answers(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return what the badge says besides the contact, the ID, and technical or secret members."""
    answers: dict[str, str] = {}
    for key, value in pairs:
        known = (
            fold_key(key) in FIELD_BY_KEY
            or fold_key(key) in ID_KEYS
            or fold_key(key) in TECHNICAL_KEYS
            or _is_secret_member(key, value)
        )
        if not known and clean_text(key) and clean_text(value) and len(answers) < _MAX_ANSWERS:
            answers.setdefault(clean_text(key, 60), clean_text(value))
    return answers
