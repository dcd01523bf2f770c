"""The other side's own words: found in JSON, in plain text or in a header, on one line that a person can read."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from json import JSONDecoder
from typing import Any

from sync.http_client import CrmResponse

MAX_MESSAGE_CHARS = 300
"""Characters of a CRM's own words that are kept."""

MESSAGE_KEYS = (
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
"""Where CRMs say what was wrong."""

_ERROR_LIST_KEYS = ("errors", "error", "messages", "details", "violations")
"""Where they list it, or keep it one step deeper."""

_HINT_KEYS = ("hint", "help", "resolution")
"""Where some say what to do about it."""

_REASON_HEADERS = ("x-status-reason", "x-error-message", "x-error", "x-error-description")
"""Headers in which some say it alone."""

_MAX_DEPTH = 4
"""Steps into a document in which words are looked for."""

# Each of these has an end, or stops at the next of its kind: a page may be made of nothing but beginnings.
_TITLE_PATTERN = re.compile(r"<(title|h1)\b[^<>]*>(.{0,1000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_SCRIPT_PATTERN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG_PATTERN = re.compile(r"<[^<>]*>")


def extract_message(answer: CrmResponse, read_message: Callable[[Any], Any] = lambda document: "") -> str:
    """The CRM's own words for what was wrong, ending as a sentence does; empty where there are none."""
    try:
        document = answer.json()
    except ValueError:
        document = _parse_leading_json(answer.text)
        if document is None:
            return end_sentence(clean_message(_read_reason_header(answer) or _extract_plain_text(answer)))
    return end_sentence(clean_message(read_message(document) or find_message(document) or _read_reason_header(answer)))


def _parse_leading_json(text: str) -> Any:
    """The JSON that *text* begins with, where a program wrote something behind it (SuiteCRM#7665); else None."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return None
    try:
        return JSONDecoder().raw_decode(start)[0]
    except (ValueError, RecursionError):
        return None


def find_message(document: Any, depth: int = 0) -> str:
    """What *document* says where CRMs usually say it, with their hint after it; empty where it says nothing there."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(document, list):
        return next((found for item in document[:3] if (found := find_message(item, depth + 1))), "")
    if isinstance(document, str):
        return document.strip() if depth else ""
    if not isinstance(document, Mapping):
        return ""
    named = [value for name in MESSAGE_KEYS if isinstance(value := document.get(name), str) and value.strip()]
    deeper = [
        found
        for name in (*_ERROR_LIST_KEYS, *MESSAGE_KEYS)
        if (found := _find_nested_message(document.get(name), depth))
    ]
    found = next(iter([*named[:1], *deeper]), "")
    if deeper and named and len(deeper[0]) > len(found) and found not in deeper[0]:
        found = f"{end_sentence(found)} {deeper[0]}"
    hints = [value for name in _HINT_KEYS if isinstance(value := document.get(name), str) and value.strip()]
    return " ".join(map(end_sentence, [found, *hints[:1]])) if found and hints else found


def _find_nested_message(value: Any, depth: int) -> str:
    """What is said within *value*, which is a list, an object of errors, or fields with what is wrong with each."""
    if isinstance(value, list):
        return find_message(value, depth)
    if not isinstance(value, Mapping):
        return ""
    if found := find_message(value, depth + 1):
        return found
    fields = ((name, find_message(part, depth + 1)) for name, part in value.items())
    return ", ".join(f"{name}: {part}" for name, part in fields if part)


def extract_title(answer: CrmResponse) -> str:
    """What a page for people calls itself; empty where it has no title."""
    found = _TITLE_PATTERN.search(answer.text[:20_000])
    return clean_message(unescape(_TAG_PATTERN.sub(" ", found[2]))) if found else ""


def extract_page_text(answer: CrmResponse) -> str:
    """The words of a page for people, without its markup."""
    return " ".join(unescape(_TAG_PATTERN.sub(" ", _SCRIPT_PATTERN.sub(" ", answer.text[:50_000]))).split())


def get_by_path(document: Any, path: str) -> Any:
    """What is at *path* in *document*, steps divided by dots; None where nothing is."""
    for step in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def clean_message(found: Any) -> str:
    """A CRM's words on one line, printable, and cut to a length that a person reads."""
    if isinstance(found, Mapping):
        fields = ", ".join(f"{key}: {value}" for key, value in found.items())
        found = found.get("message") or found.get("detail") or fields
    printable = "".join(char if char.isprintable() else " " for char in str(found or ""))
    text = " ".join(printable.split())
    return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 1] + "…"


def end_sentence(words: str) -> str:
    """*words* as the end of a sentence; none where there are none."""
    return words if not words or words.endswith((".", "!", "?", "…")) else f"{words}."


def _read_reason_header(answer: CrmResponse) -> str:
    """What a header says."""
    return next((answer.headers[name] for name in _REASON_HEADERS if answer.headers.get(name, "").strip()), "")


def _extract_plain_text(answer: CrmResponse) -> str:
    """The body, where it is a text for people and not a page."""
    kind = answer.headers.get("content-type", "").lower()
    text = answer.text.strip()
    is_text = not answer.is_html and not text.startswith(("<", "{", "[")) and (not kind or kind.startswith("text/"))
    return text if is_text else ""
