"""URLs and bodies as kiosk.toml describes them, with words in braces for what a lead has: `{email}`, `{remote_id}`."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

WORD = re.compile(r"\{([a-z_]+)\}")

QUOTED = re.compile(r"""(['"])\{([a-z_]+)\}\1""")
"""A word in quotes of a language that the CRM reads, such as OData, SQL or GraphQL."""

_GRAPHQL = re.compile(r"\s*(query|mutation|\{)\b|\s*\{\s")
"""How a text in GraphQL begins."""

_LEFT_OUT = object()
"""What a part becomes of whose words nothing is known: it is not sent, so that it erases nothing there."""


def words_in(template: Any) -> set[str]:
    """The words that *template* (a text, a list or an object, as deep as it goes) has in braces."""
    if isinstance(template, str):
        return set(WORD.findall(template))
    if isinstance(template, Mapping):
        template = list(template.values())
    return {word for part in template for word in words_in(part)} if isinstance(template, list | tuple) else set()


def unknown_words(template: Any, values: Mapping[str, Any]) -> list[str]:
    """The words of *template* that *values* have nothing for, in the order of the alphabet."""
    return sorted(word for word in words_in(template) if is_unknown(values.get(word)))


def unsafe_words(template: Any, values: Mapping[str, Any]) -> list[str]:
    """
    The words that stand in quotes within *template* (`email eq '{email}'`) and whose values have such a quote in them.

    There the value would end, and the rest of it be read as a part of the query.
    """
    if isinstance(template, Mapping):
        template = list(template.values())
    if isinstance(template, list | tuple):
        return sorted({word for part in template for word in unsafe_words(part, values)})
    found = QUOTED.findall(template) if isinstance(template, str) else []
    return sorted(
        {word for mark, word in found if mark in as_text(values.get(word)) or "\\" in as_text(values.get(word))}
    )


def is_unknown(value: Any) -> bool:
    """Whether *value* is "not known": nothing, or a text, a list or an object with nothing in it."""
    return value in (None, "", [], {}, ())


def filled_url(template: str, values: Mapping[str, Any]) -> str:
    """
    *template* with each word replaced by its value, escaped so that it stays within its place in the URL.

    A parameter of the query with nothing but unknown words is left out.
    """
    address, mark, query = template.partition("?")
    kept = [part for part in query.split("&") if not _is_all_unknown(part.partition("=")[2], values)]
    return "?".join(_escaped(part, values) for part in ([address, "&".join(kept)] if mark else [address]))


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """
    *template* as JSON, with each word replaced by its value.

    A text that is one word and nothing else becomes the value itself, whatever its type: `"{fields}"` an object.
    A key, an item of a list, or a whole object or list, is left out where nothing is known of any word in it; a text
    around a word stays, with nothing in the word's place. The arguments of a remote call, which are a list of several
    kinds of things, keep their places.
    """
    if isinstance(template, Mapping):  # what it says besides is said, though nothing else is known
        return {name: part for name, item in template.items() if (part := _filled(item, values)) is not _LEFT_OUT}
    document = _filled([template], values)
    return document[0] if isinstance(document, list) else type(template)()


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The same as `filled`, or `_LEFT_OUT`."""
    if isinstance(template, Mapping):
        parts = {name: _filled(part, values) for name, part in template.items()}
        kept: Any = {name: part for name, part in parts.items() if part is not _LEFT_OUT}
        return _LEFT_OUT if _is_emptied(template, parts.values()) else kept
    if isinstance(template, list):
        items = [_filled(part, values) for part in template]
        if len({type(part) for part in template}) > 1:
            return [
                _in_its_place(part) if item is _LEFT_OUT else item for part, item in zip(template, items, strict=True)
            ]
        return _LEFT_OUT if _is_emptied(template, items) else [item for item in items if item is not _LEFT_OUT]
    if not isinstance(template, str):
        return template
    if (whole := WORD.fullmatch(template)) is not None:
        value = values.get(whole[1])
        return _LEFT_OUT if is_unknown(value) and whole[1] != "fields" else value
    return _LEFT_OUT if _is_all_unknown(template, values) else _text_with(template, values)


def _is_emptied(template: Any, parts: Any) -> bool:
    """Whether *template* has words, and those of its *parts* that have any are all left out."""
    worded = [words_in(part) for part in (template.values() if isinstance(template, Mapping) else template)]
    left_out = [part is _LEFT_OUT for part in parts]
    return any(worded) and all(gone for words, gone in zip(worded, left_out, strict=True) if words)


def _is_all_unknown(text: str, values: Mapping[str, Any]) -> bool:
    """Whether *text* has words, nothing is known of any of them, and it says nothing else."""
    found = WORD.findall(text)
    says_nothing = not any(character.isalnum() for character in WORD.sub("", text))
    return bool(found) and says_nothing and all(is_unknown(values.get(word)) for word in found)


def _text_with(template: str, values: Mapping[str, Any]) -> str:
    """*template* with each word's value in its place; in GraphQL, a value in quotes cannot end them."""
    is_graphql = _GRAPHQL.match(template) is not None

    def value(match: re.Match[str]) -> str:
        text = as_text(values.get(match[1]))
        is_quoted = template[: match.start()].endswith('"') and template[match.end() :].startswith('"')
        return json.dumps(text, ensure_ascii=False)[1:-1] if is_graphql and is_quoted else text

    return WORD.sub(value, template).strip()


def _escaped(template: str, values: Mapping[str, Any]) -> str:
    """*template*, a part of a URL, with each word's value in its place."""
    return WORD.sub(lambda match: quote(as_text(values.get(match[1])), safe=""), template)


def _in_its_place(template: Any) -> Any:
    """What stands for an argument of a remote call of which nothing is known."""
    return None if isinstance(template, str) else type(template)()


def as_text(value: Any) -> str:
    """*value* inside a text: nothing is an empty text, and what a list has is divided by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {as_text(item)}" for name, item in value.items())
    return "" if value is None else str(value)
