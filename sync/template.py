"""Fill the templates of kiosk.toml: URLs and bodies with placeholders for a lead's values, such as `{email}`."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_PLACEHOLDER_PATTERN = re.compile(r"\{([a-z_]+)\}")

_QUOTED_PLACEHOLDER_PATTERN = re.compile(r"""(['"])\{([a-z_]+)\}\1""")
"""A placeholder in quotes, as in a query language of the CRM such as OData, SQL or GraphQL."""

_GRAPHQL_PATTERN = re.compile(r"\s*(query|mutation|\{)\b|\s*\{\s")
"""The beginning of a GraphQL document."""

_OMITTED = object()
"""Stands for a part whose placeholders are all empty: it is not sent, so that it erases nothing in the CRM."""


def find_placeholders(template: Any) -> set[str]:
    """Return the placeholders in *template*: a string, a list or an object, at any depth."""
    if isinstance(template, str):
        return set(_PLACEHOLDER_PATTERN.findall(template))
    if isinstance(template, Mapping):
        template = list(template.values())
    return (
        {word for part in template for word in find_placeholders(part)} if isinstance(template, list | tuple) else set()
    )


def find_empty_placeholders(template: Any, values: Mapping[str, Any]) -> list[str]:
    """Return the placeholders of *template* without a value in *values*, sorted."""
    return sorted(word for word in find_placeholders(template) if is_empty_value(values.get(word)))


def find_unsafe_placeholders(template: Any, values: Mapping[str, Any]) -> list[str]:
    """
    Return the quoted placeholders in *template* (`email eq '{email}'`) whose values contain such a quote, sorted.

    The value would end at that quote, and the rest of it would be read as a part of the query.
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
    """Return whether *value* is unknown: None, or an empty string, list or object."""
    return value in (None, "", [], {}, ())


def fill_url(template: str, values: Mapping[str, Any]) -> str:
    """
    Return *template* with each placeholder replaced by its value, percent-encoded so that it stays in its place.

    A query parameter that consists of empty placeholders is left out.
    """
    address, mark, query = template.partition("?")
    kept = [part for part in query.split("&") if not _has_only_empty_placeholders(part.partition("=")[2], values)]
    return "?".join(_fill_url_part(part, values) for part in ([address, "&".join(kept)] if mark else [address]))


def fill_template(template: Any, values: Mapping[str, Any]) -> Any:
    """
    Return *template* as JSON, with each placeholder replaced by its value.

    A string that is one placeholder and nothing else becomes the value itself, whatever its type: `"{fields}"` becomes
    an object. A key, a list item, or a whole object or list is left out if all placeholders in it are empty; in a
    longer string an empty one is replaced by nothing. The arguments of a remote call, a list of items of different
    types, keep their positions.
    """
    if isinstance(template, Mapping):  # the top level stays an object, even an empty one
        return {name: part for name, item in template.items() if (part := _fill_part(item, values)) is not _OMITTED}
    document = _fill_part([template], values)
    return document[0] if isinstance(document, list) else type(template)()


def _fill_part(template: Any, values: Mapping[str, Any]) -> Any:
    """Fill one part of a template; `_OMITTED` where it is left out."""
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
    if (whole := _PLACEHOLDER_PATTERN.fullmatch(template)) is not None:
        value = values.get(whole[1])
        # The fields are the lead itself: they are sent even when all of them are empty.
        return _OMITTED if is_empty_value(value) and whole[1] != "fields" else value
    return _OMITTED if _has_only_empty_placeholders(template, values) else _fill_text(template, values)


def _has_lost_all_values(template: Any, parts: Any) -> bool:
    """Return whether *template* has placeholders, and each of its *parts* that has some was left out."""
    worded = [find_placeholders(part) for part in (template.values() if isinstance(template, Mapping) else template)]
    left_out = [part is _OMITTED for part in parts]
    return any(worded) and all(is_left_out for has_text, is_left_out in zip(worded, left_out, strict=True) if has_text)


def _has_only_empty_placeholders(text: str, values: Mapping[str, Any]) -> bool:
    """Return whether *text* consists of placeholders (and punctuation) that are all empty."""
    found = _PLACEHOLDER_PATTERN.findall(text)
    says_nothing = not any(character.isalnum() for character in _PLACEHOLDER_PATTERN.sub("", text))
    return bool(found) and says_nothing and all(is_empty_value(values.get(word)) for word in found)


def _fill_text(template: str, values: Mapping[str, Any]) -> str:
    """Return *template* with its placeholders filled; in GraphQL, quoted values are escaped."""
    is_graphql = _GRAPHQL_PATTERN.match(template) is not None

    def value(match: re.Match[str]) -> str:
        text = format_text(values.get(match[1]))
        is_quoted = template[: match.start()].endswith('"') and template[match.end() :].startswith('"')
        return json.dumps(text, ensure_ascii=False)[1:-1] if is_graphql and is_quoted else text

    return _PLACEHOLDER_PATTERN.sub(value, template).strip()


def _fill_url_part(template: str, values: Mapping[str, Any]) -> str:
    """Return *template*, a part of a URL, with its placeholders filled and percent-encoded."""
    return _PLACEHOLDER_PATTERN.sub(lambda match: quote(format_text(values.get(match[1])), safe=""), template)


def _make_empty_argument(template: Any) -> Any:
    """Return what stands for an argument of a remote call whose placeholders are all empty."""
    return None if isinstance(template, str) else type(template)()


def format_text(value: Any) -> str:
    """Return *value* as it stands within a string: None as an empty one, a list with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(format_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {format_text(item)}" for name, item in value.items())
    return "" if value is None else str(value)
