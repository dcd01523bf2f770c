"""URLs and bodies as kiosk.toml describes them, with words in braces for what a lead has: `{email}`, `{remote_id}`."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

WORD = re.compile(r"\{([a-z_]+)\}")


def words_in(template: Any) -> set[str]:
    """The words that *template* (a text, a list or an object, as deep as it goes) has in braces."""
    if isinstance(template, str):
        return set(WORD.findall(template))
    parts = template.values() if isinstance(template, Mapping) else template if isinstance(template, list) else ()
    return {word for part in parts for word in words_in(part)}


def filled_url(template: str, values: Mapping[str, Any]) -> str:
    """*template* with each word replaced by its value, escaped so that it stays within its place in the URL."""
    return WORD.sub(lambda match: quote(text(values.get(match[1])), safe=""), template)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """
    *template* as JSON, with each word replaced by its value.

    A text that is one word and nothing else becomes the value itself, whatever its type: `"{fields}"` an object.
    """
    if isinstance(template, Mapping):
        return {name: filled(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, values) for part in template]
    if not isinstance(template, str):
        return template
    if (whole := WORD.fullmatch(template)) is not None:
        return values.get(whole[1])
    return WORD.sub(lambda match: text(values.get(match[1])), template)


def text(value: Any) -> str:
    """*value* inside a text; nothing is an empty text."""
    return "" if value is None else str(value)
