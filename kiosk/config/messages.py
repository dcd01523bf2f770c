"""Error messages about kiosk.toml: they name the table, the key, and the nearest one that exists."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_type_hints

import msgspec

from data.language import N_, _
from sync.settings.quoting import quote_value

_TYPE_WORDS = {
    "int": N_("a whole number"),
    "float": N_("a number"),
    "str": N_("text in quotes"),
    "bool": N_("true or false"),
    "array": N_("a list in [ ]"),
    "object": N_("a table"),
}
"""msgspec's names for types, in words."""


def find_unknown_name(document: Mapping[str, Any], kind: type, table: str = "") -> str:
    """
    Return a message about the first table or key of *document* that *kind* does not have, or an empty string.

    *kind* is a settings class; *table* is the dotted name of the table that *document* is.
    """
    hints = get_type_hints(kind)
    known = [item.name for item in fields(kind)]
    for name, value in document.items():
        if name not in known:
            if not table and not isinstance(value, dict):
                message = _("there is no setting {name!r} outside of the tables; {suggestion}")
                return message.format(name=name, suggestion=_suggest_table(name, kind))
            suggestion = _suggest_nearest(name, known)
            if table:
                message = _("[{table}] has no setting {name!r}; {suggestion}")
                return message.format(table=table, name=name, suggestion=suggestion)
            return _("there is no table {name!r}; {suggestion}").format(name=name, suggestion=suggestion)
        inner = hints[name]
        is_table = isinstance(inner, type) and is_dataclass(inner) and isinstance(value, dict)
        if is_table and (found := find_unknown_name(value, inner, f"{table}.{name}" if table else name)):
            return found
    return ""


def _suggest_nearest(name: str, known: list[str]) -> str:
    """Suggest the one of *known* that is most like *name*, or list all of them."""
    # A secret written into the file itself, such as `token`: it has two possible places.
    if {f"{name}_env", f"{name}_file"} <= set(known):
        return _("did you mean {env!r} or {file!r}?").format(env=f"{name}_env", file=f"{name}_file")
    near = get_close_matches(name, known, 1, 0.5)
    if near:
        return _("did you mean {name!r}?").format(name=near[0])
    return _("available: {names}.").format(names=", ".join(known))


def _suggest_table(name: str, kind: type) -> str:
    """Suggest the table that the key *name* belongs in, or list all tables."""
    tables = {item.name: [key.name for key in fields(get_type_hints(kind)[item.name])] for item in fields(kind)}
    near = get_close_matches(name, [key for keys in tables.values() for key in keys], 1, 0.5)
    if near:
        table = next(table for table, keys in tables.items() if near[0] in keys)
        return _("did you mean {name!r} in [{table}]?").format(name=near[0], table=table)
    return _("available: {names}.").format(names=", ".join(f"[{table}]" for table in tables))


def locate_message(table: str, message: str) -> str:
    """
    Return *message* about a key with its table in front: `[crm.rest] url: ...`.

    The message of a connector's key begins with the path below *table*, such as `rest.url: ...`.
    """
    path, separator, text = message.partition(": ")
    if not separator or not re.fullmatch(r"\w+(\.\w+)+", path):
        return f"[{table}] {message}"
    *tables, key = path.split(".")
    return f"[{'.'.join((table, *tables))}] {key}: {text}"


def describe_wrong_value(error: msgspec.ValidationError, document: Mapping[str, Any], kind: type) -> str:
    """Reword msgspec's message, such as "Expected `int`, got `str` - at `$.camera.width`", with table and key first."""
    message, _separator, path = str(error).partition(" - at `$.")
    steps = path.rstrip("`").removesuffix("[...]").split(".")
    if path.endswith("[...]`"):  # a table with arbitrary keys: msgspec does not say which one is wrong
        steps.append(_find_non_text_key(document, steps))
    *tables, key = steps
    place = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    if message.startswith("Invalid enum value"):  # not shown: msgspec's words
        return _describe_wrong_choice(message, place, _list_choices(kind, steps))
    if types := re.fullmatch("Expected `([^`]*)`, got `([^`]*)`", message):
        expected, actual = map(_name_types, types.groups())
        return _("{place}: expected {expected}, got {actual}.").format(place=place, expected=expected, actual=actual)
    return f"{place}: {message[:1].lower()}{message[1:]}."


def _describe_wrong_choice(message: str, place: str, known: list[str]) -> str:
    """Say that the value is not one of *known*, with the nearest one."""
    given = message.removeprefix("Invalid enum value ").strip("'")  # not shown: msgspec's words
    names = ", ".join(known)
    if near := get_close_matches(given, known, 1, 0.5):
        sentence = _("{place}: {value} is not one of {names}; did you mean {name!r}?")
        return sentence.format(place=place, value=quote_value(given), names=names, name=near[0])
    return _("{place}: {value} is not one of {names}.").format(place=place, value=quote_value(given), names=names)


def _name_types(kinds: str) -> str:
    """Return msgspec's `int | str` in words."""
    words = [_(_TYPE_WORDS[kind]) if kind in _TYPE_WORDS else kind for kind in kinds.split(" | ")]
    return _(" or ").join(words)


def _find_non_text_key(document: Mapping[str, Any], steps: list[str]) -> str:
    """Return the first key of the table at *steps* whose value is not text."""
    table: Any = document
    for step in steps:
        table = table[step]
    return next((key for key, value in table.items() if not isinstance(value, str)), "")


def _list_choices(kind: type, steps: list[str]) -> list[str]:
    """Return the allowed values of the key at *steps*."""
    found: Any = kind
    for step in steps:
        found = get_type_hints(found)[step]
    return list(get_args(found))
