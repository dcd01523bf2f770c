"""
Delimited badges that say nothing of their order: RainFocus', alf.io's, Aptify's, and those with an address in them.

Nothing is guessed that could greet a visitor by a wrong name; for the rest there is `[badges]` in kiosk.toml.
"""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.event import NAMED
from kiosk.badges.stored_id import is_secret, stored_id, without_secrets
from kiosk.badges.text import clean, contact_of, is_email

STRONG = ("^", "::")
"""Separators that nobody types in a sentence: behind the id come the first and the last name."""

SEPARATORS = (*STRONG, "|", "\t", ";", ",", "\n")
"""What is looked for, in this order."""

RAINFOCUS = (
    *("id", "first_name", "last_name", "email", "company", "address 1", "address 2", "address 3"),
    *("city", "region", "postcode", "country", "phone"),
)
"""The fields of RainFocus' long badge."""

ID = re.compile(r"(?=\D{0,63}\d)[\w.-]{1,64}", re.ASCII)

MOST = 60
"""More fields than that are no badge but a table."""


def read_delimited(code: Code) -> Badge | None:
    """A badge of several fields, as far as it can be told without the event's help."""
    if NAMED.match(code.text):
        return None
    for separator in SEPARATORS:
        parts = [part.strip() for part in code.text.split(separator, MOST)]
        if 2 <= len(parts) <= MOST:
            badge = read_parts(code, separator, [part if part.upper() != "NULL" else "" for part in parts])
            if badge:
                return badge
    return None


def read_parts(code: Code, separator: str, parts: list[str]) -> Badge | None:
    """The badge in *parts*; None where they hold neither an id in its place nor an e-mail address."""
    at = id_at(separator, parts)
    raw_id = parts[at] if at is not None else ""
    values = {"email": next((part for part in parts if is_email(part)), "")}
    if at == 0 and separator == "^" and len(parts) == len(RAINFOCUS):
        values = dict(zip(RAINFOCUS, parts, strict=True))
        values["address"] = " ".join(filter(None, parts[5:8]))
    elif at == 0 and separator in STRONG and not any(map(is_email, parts[1:3])):
        values |= dict(zip(("first_name", "last_name"), parts[1:], strict=False))
    elif at == 1 and separator == "^":
        values["name"], _, values["company"] = parts[0].partition("_")
    if not raw_id and not values["email"]:
        return None
    keep = without_secrets(code.payload, parts)
    values = {name: part for name, part in values.items() if not is_secret(part)}
    answers = answers_in(parts, raw_id, values)
    return Badge("delimited", contact_of(values), stored_id(raw_id), answers, keep, tuple(answers.values()))


def id_at(separator: str, parts: list[str]) -> int | None:
    """
    Where in *parts* the id is: in front; of two also behind a strong separator; else nowhere.

    Beside a weak separator something must back it up, an e-mail address or a second id.
    """
    first, last = (bool(ID.fullmatch(part)) or is_secret(part) for part in (parts[0], parts[-1]))
    is_pair = len(parts) == 2
    if separator in STRONG:
        return 0 if first else 1 if last and is_pair else None
    is_backed = any(map(is_email, parts)) or (separator == "|" and is_pair and last)
    return 0 if first and is_backed else None


def answers_in(parts: list[str], raw_id: str, values: dict[str, str]) -> dict[str, str]:
    """What is left over, under the number of its field."""
    whole = f"{values.get('first_name', '')} {values.get('last_name', '')}"
    used = {raw_id, whole, parts[0] if values.get("name") else "", *values.values()}
    return {
        f"field {number}": clean(part)
        for number, part in enumerate(parts, start=1)
        if clean(part) and part not in used and not is_secret(part)
    }
