"""URLs and bodies as kiosk.toml describes them, with words in braces for what a lead has: `{email}`, `{remote_id}`."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

PLACEHOLDER_PATTERN = re.compile(r"\{([a-z_]+)\}")

_QUOTED_PLACEHOLDER_PATTERN = re.compile(r"""(['"])\{([a-z_]+)\}\1""")
"""A word in quotes of a language that the CRM reads, such as OData, SQL or GraphQL."""

_GRAPHQL_PATTERN = re.compile(r"\s*(query|mutation|\{)\b|\s*\{\s")
"""How a text in GraphQL begins."""

_OMITTED = object()
"""What a part becomes of whose words nothing is known: it is not sent, so that it erases nothing there."""


def find_placeholders(template: Any) -> set[str]:
    """The words that *template* (a text, a list or an object, as deep as it goes) has in braces."""
    if isinstance(template, str):
        return set(PLACEHOLDER_PATTERN.findall(template))
    if isinstance(template, Mapping):
        template = list(template.values())
    return (
        {word for part in template for word in find_placeholders(part)} if isinstance(template, list | tuple) else set()
    )


def find_empty_placeholders(template: Any, values: Mapping[str, Any]) -> list[str]:
    """The words of *template* that *values* have nothing for, in the order of the alphabet."""
    return sorted(word for word in find_placeholders(template) if is_empty_value(values.get(word)))


def find_unsafe_placeholders(template: Any, values: Mapping[str, Any]) -> list[str]:
    """
    The words that stand in quotes within *template* (`email eq '{email}'`) and whose values have such a quote in them.

    There the value would end, and the rest of it be read as a part of the query.
    """
    if isinstance(template, Mapping):
        template = list(template.values())
    if isinstance(template, list | tuple):
        return sorted({word for part in template for word in find_unsafe_placeholders(part, values)})
    found = _QUOTED_PLACEHOLDER_PATTERN.findall(template) if isinstance(template, str) else []
    return sorted(
        {word for mark, word in found if mark in format_text(values.get(word)) or "\\" in format_text(values.get(word))}
    )


def is_empty_value(value: Any) -> bool:
    """Whether *value* is "not known": nothing, or a text, a list or an object with nothing in it."""
    return value in (None, "", [], {}, ())


def fill_url(template: str, values: Mapping[str, Any]) -> str:
    """
    *template* with each word replaced by its value, escaped so that it stays within its place in the URL.

    A parameter of the query with nothing but unknown words is left out.
    """
    address, mark, query = template.partition("?")
    kept = [part for part in query.split("&") if not _has_only_empty_placeholders(part.partition("=")[2], values)]
    return "?".join(_fill_url_part(part, values) for part in ([address, "&".join(kept)] if mark else [address]))


def fill_template(template: Any, values: Mapping[str, Any]) -> Any:
    """
    *template* as JSON, with each word replaced by its value.

    A text that is one word and nothing else becomes the value itself, whatever its type: `"{fields}"` an object.
    A key, an item of a list, or a whole object or list, is left out where nothing is known of any word in it; a text
    around a word stays, with nothing in the word's place. The arguments of a remote call, which are a list of several
    kinds of things, keep their places.
    """
    if isinstance(template, Mapping):  # what it says besides is said, though nothing else is known
        return {name: part for name, item in template.items() if (part := _fill_part(item, values)) is not _OMITTED}
    document = _fill_part([template], values)
    return document[0] if isinstance(document, list) else type(template)()


def _fill_part(template: Any, values: Mapping[str, Any]) -> Any:
    """The same as `filled`, or `_LEFT_OUT`."""
    if isinstance(template, Mapping):
        parts = {name: _fill_part(part, values) for name, part in template.items()}
        kept: Any = {name: part for name, part in parts.items() if part is not _OMITTED}
        return _OMITTED if _has_lost_all_values(template, parts.values()) else kept
    if isinstance(template, list):
        items = [_fill_part(part, values) for part in template]
        if len({type(part) for part in template}) > 1:
            return [
                _make_empty_argument(part) if item is _OMITTED else item
                for part, item in zip(template, items, strict=True)
            ]
        return _OMITTED if _has_lost_all_values(template, items) else [item for item in items if item is not _OMITTED]
    if not isinstance(template, str):
        return template
    if (whole := PLACEHOLDER_PATTERN.fullmatch(template)) is not None:
        value = values.get(whole[1])
        return _OMITTED if is_empty_value(value) and whole[1] != "fields" else value
    return _OMITTED if _has_only_empty_placeholders(template, values) else _fill_text(template, values)


def _has_lost_all_values(template: Any, parts: Any) -> bool:
    """Whether *template* has words, and those of its *parts* that have any are all left out."""
    worded = [find_placeholders(part) for part in (template.values() if isinstance(template, Mapping) else template)]
    left_out = [part is _OMITTED for part in parts]
    return any(worded) and all(gone for words, gone in zip(worded, left_out, strict=True) if words)


def _has_only_empty_placeholders(text: str, values: Mapping[str, Any]) -> bool:
    """Whether *text* has words, nothing is known of any of them, and it says nothing else."""
    found = PLACEHOLDER_PATTERN.findall(text)
    says_nothing = not any(character.isalnum() for character in PLACEHOLDER_PATTERN.sub("", text))
    return bool(found) and says_nothing and all(is_empty_value(values.get(word)) for word in found)


def _fill_text(template: str, values: Mapping[str, Any]) -> str:
    """*template* with each word's value in its place; in GraphQL, a value in quotes cannot end them."""
    is_graphql = _GRAPHQL_PATTERN.match(template) is not None

    def value(match: re.Match[str]) -> str:
        text = format_text(values.get(match[1]))
        is_quoted = template[: match.start()].endswith('"') and template[match.end() :].startswith('"')
        return json.dumps(text, ensure_ascii=False)[1:-1] if is_graphql and is_quoted else text

    return PLACEHOLDER_PATTERN.sub(value, template).strip()


def _fill_url_part(template: str, values: Mapping[str, Any]) -> str:
    """*template*, a part of a URL, with each word's value in its place."""
    return PLACEHOLDER_PATTERN.sub(lambda match: quote(format_text(values.get(match[1])), safe=""), template)


def _make_empty_argument(template: Any) -> Any:
    """What stands for an argument of a remote call of which nothing is known."""
    return None if isinstance(template, str) else type(template)()


def format_text(value: Any) -> str:
    """*value* inside a text: nothing is an empty text, and what a list has is divided by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(format_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {format_text(item)}" for name, item in value.items())
    return "" if value is None else str(value)
