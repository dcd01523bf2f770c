"""JSON: eventyay's, Indico's, plain objects that name a person's fields, lists of such, and jCards."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from kiosk.badges.badge import Badge, Code, Refused
from kiosk.badges.delimited import read_parts
from kiosk.badges.json_keys import IDS, KEYS, SECRETS, TECHNICAL, folded, is_id
from kiosk.badges.person_pairs import values_in
from kiosk.badges.signed import signed_id
from kiosk.badges.stored_id import hashed, is_secret, stored_id
from kiosk.badges.text import clean, contact_of
from kiosk.badges.vcard.card import BEGIN, read_vcard
from kiosk.badges.vcard.jcard import read_jcard

MOST_ANSWERS = 20

DEEPEST = 4
"""Objects within objects; below that only the scan knows."""

MAX_NESTING = 100
"""Lists and objects inside each other; with more, functions that call themselves could come to their end."""

EXACT = 2**53
"""Up to here each whole number has a float of its own."""

_BETWEEN = re.compile(r"[\W_]+")

HALF = "This code lets somebody in, and a part of it is missing: it was not kept; show the badge again."


def read_json(code: Code) -> Badge | Refused | None:
    """A JSON object or list, by the person or the id in it; an entry secret is dropped from what is kept."""
    if not code.text.startswith(("{", "[")):
        return None
    try:
        document = json.loads(code.text, strict=False)
        public = without_secrets(document)
        keep = None if public == document else json.dumps(public).encode()
    except (ValueError, RecursionError):
        return unreadable(code.text)
    if isinstance(document, list):
        return read_jcard(document, code) or _read_list(document, code, keep)
    card = next((text for _, text in flat(document) if BEGIN.match(text)), "")
    if card:
        return _read_inner(card, code, keep)
    return _read_object(document, keep)


def _read_inner(card: str, code: Code, keep: bytes | None) -> Badge | None:
    """The vCard inside a JSON object."""
    badge = read_vcard(Code(card.encode("utf-8", "replace"), card, code.profile))
    return badge and replace(badge, keep=keep if badge.keep is None else badge.keep)


def _read_list(items: list[Any], code: Code, keep: bytes | None) -> Badge | None:
    """The person in a list: its first object, or its texts as the fields of a delimited badge."""
    if items and isinstance(items[0], dict):
        badge = _read_object(items[0], keep)
        others = (json.dumps(without_secrets(item), ensure_ascii=False) for item in items[1:MOST_ANSWERS])
        return replace(badge, unread=tuple(clean(item, len(item)) for item in others))
    if not items or not all(isinstance(item, str | int) for item in items):
        return None
    return read_parts(code, ",", [str(item).strip() for item in items])


def _read_object(document: dict[str, Any], keep: bytes | None) -> Badge:
    """The person or the id in an object."""
    pairs = list(flat(document))
    values = values_in((key, value) for key, value in pairs if not opens_door(key, value))
    return Badge("json", contact_of(values), id_of(pairs), answers_of(pairs), keep)


def unreadable(text: str) -> Refused | None:
    """A refusal where *text* is no whole JSON object, and an entry secret may be in it."""
    letters = _BETWEEN.sub("", text).lower()
    return Refused("entry secret", HALF) if any(name in letters for name in SECRETS) else None


def opens_door(key: str, value: object) -> bool:
    """Whether this member opens a door, by its key or by its look."""
    return folded(key) in SECRETS or (isinstance(value, str) and is_secret(clean(value)))


def without_secrets(value: Any, depth: int = 0) -> Any:
    """
    *value* without the members that are entry secrets.

    Raises:
        RecursionError: it is nested deeper than any badge.
    """
    if depth > MAX_NESTING:
        raise RecursionError
    if isinstance(value, dict):
        return {key: without_secrets(inner, depth + 1) for key, inner in value.items() if not opens_door(key, inner)}
    if isinstance(value, list):
        return [without_secrets(inner, depth + 1) for inner in value if not opens_door("", inner)]
    return value


def flat(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """
    The members of *value*, at any depth, as pairs of key and text; those of a list behind its first are `other …`.

    In `"company": {"name": …}` the inner name is the company's.
    """
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            is_inner = folded(name) in ("name", "value", "title") and folded(key) in KEYS
            yield from flat(inner, key if is_inner and folded(key) != "name" else name, depth + 1)
    elif isinstance(value, list) and depth < DEEPEST:
        yield from flat(value[0], key, depth + 1) if value else ()
        others = [text for item in value[1:MOST_ANSWERS] if (text := _as_text(without_secrets(item)))]
        yield from [(f"other {key}".strip(), ", ".join(others))] if others and key else ()
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield key, written(value, folded(key) in IDS)


def _as_text(value: Any) -> str:
    """*value* as one text, whatever it is."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return written(value, False) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def written(value: str | float, is_id: bool) -> str:
    """*value* as text: empty for what is no number, and for an id that is not whole or not exact."""
    if not isinstance(value, float):
        return str(value)
    if isfinite(value) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return str(value) if isfinite(value) and not is_id else ""


def id_of(pairs: list[tuple[str, str]]) -> str:
    """The badge's id; where there is none, the hash of the entry secret, by which the attendee list knows it too."""
    values: dict[str, str] = {}
    for key, value in pairs:
        values.setdefault(folded(key), value.strip())
    raw = next((values[key] for key in IDS if is_id(key, values.get(key, ""))), "")
    if raw:
        return stored_id(raw)
    secret = next((values[key] for key in SECRETS if values.get(key)), "")
    return (signed_id(secret) or hashed(secret)) if secret else ""


def answers_of(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """What the badge says beside the contact, the id and what is technical or secret."""
    answers: dict[str, str] = {}
    for key, value in pairs:
        known = folded(key) in KEYS or folded(key) in IDS or folded(key) in TECHNICAL or opens_door(key, value)
        if not known and clean(key) and clean(value) and len(answers) < MOST_ANSWERS:
            answers.setdefault(clean(key, 60), clean(value))
    return answers
