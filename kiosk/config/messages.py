"""What is wrong with kiosk.toml, in words of people who write one: table, key, and the nearest that exists."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_type_hints

import msgspec

from sync.settings.quoting import quote_value

_TYPE_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
}
"""What msgspec calls a kind of value, and what people do."""


def find_unknown_name(document: Mapping[str, Any], kind: type, table: str = "") -> str:
    """The first table or key of *document* that *kind* does not have, with the nearest one; empty if it has all."""
    hints = get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    for name, value in document.items():
        if name not in known:
            if not table and not isinstance(value, dict):
                return f"there is no key {name!r} outside of the tables; {suggest_table(name, kind)}"
            what, place = ("key", f"[{table}] ") if table else ("table", "")
            return f"{place}there is no {what} {name!r}; {_suggest_nearest(name, known)}"
        inner = hints[name]
        is_table = isinstance(inner, type) and is_dataclass(inner) and isinstance(value, dict)
        if is_table and (found := find_unknown_name(value, inner, f"{table}.{name}" if table else name)):
            return found
    return ""


def _suggest_nearest(name: str, known: list[str]) -> str:
    """The one of *known* that *name* was probably meant to be; all of them if none is similar."""
    near = get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"there is {', '.join(known)}."


def suggest_table(name: str, kind: type) -> str:
    """Where a key that stands in no table was probably to be."""
    tables = {item.name: [key.name for key in fields(get_type_hints(kind)[item.name])] for item in fields(kind)}
    near = get_close_matches(name, [key for keys in tables.values() for key in keys], 1, 0.5)
    where = next((table for table, keys in tables.items() if near and near[0] in keys), "")
    if near:
        return f"did you mean {near[0]!r} below [{where}]?"
    return f"there is {', '.join(f'[{table}]' for table in tables)}."


def describe_wrong_value(error: msgspec.ValidationError, document: Mapping[str, Any], kind: type) -> str:
    """msgspec's message, such as "Expected `int`, got `str` - at `$.camera.width`", with table and key in front."""
    message, _, path = str(error).partition(" - at `$.")
    steps = path.rstrip("`").removesuffix("[...]").split(".")
    if path.endswith("[...]`"):  # a table with keys of its own: msgspec does not say which
        steps.append(_find_non_text_key(document, steps))
    *tables, key = steps
    place = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    if message.startswith("Invalid enum value"):
        known = list_choices(kind, steps)
        given = message.removeprefix("Invalid enum value ").strip("'")
        near = get_close_matches(given, known, 1, 0.5)
        return f"{place}: {quote_value(given)} is not one of {', '.join(known)}" + (
            f"; did you mean {near[0]!r}?" if near else "."
        )
    return f"{place}: {message[:1].lower()}{re.sub('`([^`]*)`', _name_types, message[1:])}."


def _name_types(kinds: re.Match[str]) -> str:
    """`int | str` as people say it."""
    return " or ".join(_TYPE_WORDS.get(kind, kind) for kind in kinds[1].split(" | "))


def _find_non_text_key(document: Mapping[str, Any], steps: list[str]) -> str:
    """The first key of the table at *steps* whose value is no text."""
    table: Any = document
    for step in steps:
        table = table[step]
    return next((key for key, value in table.items() if not isinstance(value, str)), "")


def list_choices(kind: type, steps: list[str]) -> list[str]:
    """What the key at *steps* can be."""
    found: Any = kind
    for step in steps:
        found = get_type_hints(found)[step]
    return list(get_args(found))
