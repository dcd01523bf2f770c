"""The CRM's own message in a response: found in JSON, in plain text or in a header, as one readable line."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from json import JSONDecoder
from typing import Any

from sync.http_client import CrmResponse

_MAX_MESSAGE_CHARS = 300

_MESSAGE_KEYS = (
    "detail",
    "message",
    "title",
    "error",
    "error_description",
    "reason",
    "msg",
    "description",
    "statusMessage",
    "errorMessage",
    "error_message",
    "errmsg",
)
"""JSON keys under which CRMs say what was wrong."""

_ERROR_LIST_KEYS = ("errors", "error", "messages", "details", "violations")
"""JSON keys under which CRMs list what was wrong, or keep it one level deeper."""

_HINT_KEYS = ("hint", "help", "resolution")
"""JSON keys under which some CRMs say what to do about it."""

_REASON_HEADERS = ("x-status-reason", "x-error-message", "x-error", "x-error-description")
"""Headers in which some CRMs give the message, without repeating it in the body."""

# Levels of a document that are searched for a message.
_MAX_DEPTH = 4

# Each pattern is bounded, or stops at the next tag: a hostile page may consist of nothing but opening tags.
_TITLE_PATTERN = re.compile(r"<(title|h1)\b[^<>]*>(.{0,1000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_SCRIPT_PATTERN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG_PATTERN = re.compile(r"<[^<>]*>")


def extract_message(response: CrmResponse, read_message: Callable[[Any], Any] = lambda document: "") -> str:
    """
    Return the CRM's own message about what was wrong, as a sentence; empty if there is none.

    *read_message* finds the message in the CRM's own format; it is tried before the places where CRMs usually put it.
    """
    try:
        document = response.json()
    except ValueError:
        document = _parse_leading_json(response.text)
        if document is None:
            return end_sentence(clean_message(_read_reason_header(response) or _extract_plain_text(response)))
    return end_sentence(
        clean_message(read_message(document) or find_message(document) or _read_reason_header(response))
    )


def _parse_leading_json(text: str) -> Any:
    """Return the JSON that *text* begins with, where something else follows it (SuiteCRM#7665); else None."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return None
    try:
        return JSONDecoder().raw_decode(start)[0]
    except (ValueError, RecursionError):
        return None


def find_message(document: Any, depth: int = 0) -> str:
    """Return the message where CRMs usually put it in *document*, followed by their hint; empty if there is none."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(document, list):
        # The first of several errors is enough for a sentence.
        return next((found for item in document[:3] if (found := find_message(item, depth + 1))), "")
    if isinstance(document, str):
        return document.strip() if depth else ""
    if not isinstance(document, Mapping):
        return ""
    named = [value for name in _MESSAGE_KEYS if isinstance(value := document.get(name), str) and value.strip()]
    deeper = [
        found
        for name in (*_ERROR_LIST_KEYS, *_MESSAGE_KEYS)
        if (found := _find_nested_message(document.get(name), depth))
    ]
    found = next(iter([*named[:1], *deeper]), "")
    if deeper and named and len(deeper[0]) > len(found) and found not in deeper[0]:
        found = f"{end_sentence(found)} {deeper[0]}"
    hints = [value for name in _HINT_KEYS if isinstance(value := document.get(name), str) and value.strip()]
    return " ".join(map(end_sentence, [found, *hints[:1]])) if found and hints else found


def _find_nested_message(value: Any, depth: int) -> str:
    """Return the message within *value*: a list, an object of errors, or fields with what is wrong with each."""
    if isinstance(value, list):
        return find_message(value, depth)
    if not isinstance(value, Mapping):
        return ""
    if found := find_message(value, depth + 1):
        return found
    fields = ((name, find_message(part, depth + 1)) for name, part in value.items())
    return ", ".join(f"{name}: {part}" for name, part in fields if part)


def extract_title(response: CrmResponse) -> str:
    """Return the title of a web page; empty if it has none."""
    found = _TITLE_PATTERN.search(response.text[:20_000])
    return clean_message(unescape(_TAG_PATTERN.sub(" ", found[2]))) if found else ""


def extract_page_text(response: CrmResponse) -> str:
    """Return the text of a web page, without its markup."""
    return " ".join(unescape(_TAG_PATTERN.sub(" ", _SCRIPT_PATTERN.sub(" ", response.text[:50_000]))).split())


def get_by_path(document: Any, path: str) -> Any:
    """Return the value at the dotted *path* in *document*; None if there is none."""
    for step in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def clean_message(found: Any) -> str:
    """Return a message of a CRM on one line, printable, and cut to `_MAX_MESSAGE_CHARS`."""
    if isinstance(found, Mapping):
        fields = ", ".join(f"{key}: {value}" for key, value in found.items())
        found = found.get("message") or found.get("detail") or fields
    printable = "".join(char if char.isprintable() else " " for char in str(found or ""))
    text = " ".join(printable.split())
    return text if len(text) <= _MAX_MESSAGE_CHARS else text[: _MAX_MESSAGE_CHARS - 1] + "…"


def end_sentence(message: str) -> str:
    """Return *message* with a full stop, unless it already ends with a mark; empty stays empty."""
    return message if not message or message.endswith((".", "!", "?", "…")) else f"{message}."


def _read_reason_header(response: CrmResponse) -> str:
    """Return the message in a header; empty if there is none."""
    return next((response.headers[name] for name in _REASON_HEADERS if response.headers.get(name, "").strip()), "")


def _extract_plain_text(response: CrmResponse) -> str:
    """Return the body if it is plain text and not a page; else empty."""
    kind = response.headers.get("content-type", "").lower()
    text = response.text.strip()
    is_text = not response.is_html and not text.startswith(("<", "{", "[")) and (not kind or kind.startswith("text/"))
    return text if is_text else ""
