"""The other side's own words: found in JSON, in plain text or in a header, on one line that a person can read."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from json import JSONDecoder
from typing import Any

from sync.http import Answer

LONGEST_MESSAGE = 300
"""Characters of a CRM's own words that are kept."""

MESSAGES = (
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

LISTS = ("errors", "error", "messages", "details", "violations")
"""Where they list it, or keep it one step deeper."""

HINTS = ("hint", "help", "resolution")
"""Where some say what to do about it."""

REASON_HEADERS = ("x-status-reason", "x-error-message", "x-error", "x-error-description")
"""Headers in which some say it alone."""

_DEEPEST = 4
"""Steps into a document in which words are looked for."""

# Each of these has an end, or stops at the next of its kind: a page may be made of nothing but beginnings.
_TITLE = re.compile(r"<(title|h1)\b[^<>]*>(.{0,1000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def said_in(answer: Answer, words: Callable[[Any], Any] = lambda document: "") -> str:
    """The CRM's own words for what was wrong, ending as a sentence does; empty where there are none."""
    try:
        document = answer.json()
    except ValueError:
        document = _first_document(answer.text)
        if document is None:
            return ended(message(_reason_in(answer) or _plain_text(answer)))
    return ended(message(words(document) or words_in(document) or _reason_in(answer)))


def _first_document(text: str) -> Any:
    """The JSON that *text* begins with, where a program wrote something behind it (SuiteCRM#7665); else None."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return None
    try:
        return JSONDecoder().raw_decode(start)[0]
    except (ValueError, RecursionError):
        return None


def words_in(document: Any, depth: int = 0) -> str:
    """What *document* says where CRMs usually say it, with their hint after it; empty where it says nothing there."""
    if depth > _DEEPEST:
        return ""
    if isinstance(document, list):
        return next((found for item in document[:3] if (found := words_in(item, depth + 1))), "")
    if isinstance(document, str):
        return document.strip() if depth else ""
    if not isinstance(document, Mapping):
        return ""
    named = [value for name in MESSAGES if isinstance(value := document.get(name), str) and value.strip()]
    deeper = [found for name in (*LISTS, *MESSAGES) if (found := _deeper(document.get(name), depth))]
    found = next(iter([*named[:1], *deeper]), "")
    if deeper and named and len(deeper[0]) > len(found) and found not in deeper[0]:
        found = f"{ended(found)} {deeper[0]}"
    hints = [value for name in HINTS if isinstance(value := document.get(name), str) and value.strip()]
    return " ".join(map(ended, [found, *hints[:1]])) if found and hints else found


def _deeper(value: Any, depth: int) -> str:
    """What is said within *value*, which is a list, an object of errors, or fields with what is wrong with each."""
    if isinstance(value, list):
        return words_in(value, depth)
    if not isinstance(value, Mapping):
        return ""
    if found := words_in(value, depth + 1):
        return found
    fields = ((name, words_in(part, depth + 1)) for name, part in value.items())
    return ", ".join(f"{name}: {part}" for name, part in fields if part)


def title_of(answer: Answer) -> str:
    """What a page for people calls itself; empty where it has no title."""
    found = _TITLE.search(answer.text[:20_000])
    return message(unescape(_TAG.sub(" ", found[2]))) if found else ""


def page_text(answer: Answer) -> str:
    """The words of a page for people, without its markup."""
    return " ".join(unescape(_TAG.sub(" ", _CODE.sub(" ", answer.text[:50_000]))).split())


def at(document: Any, path: str) -> Any:
    """What is at *path* in *document*, steps divided by dots; None where nothing is."""
    for step in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def message(found: Any) -> str:
    """A CRM's words on one line, printable, and cut to a length that a person reads."""
    if isinstance(found, Mapping):
        fields = ", ".join(f"{key}: {value}" for key, value in found.items())
        found = found.get("message") or found.get("detail") or fields
    printable = "".join(char if char.isprintable() else " " for char in str(found or ""))
    text = " ".join(printable.split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def ended(words: str) -> str:
    """*words* as the end of a sentence; none where there are none."""
    return words if not words or words.endswith((".", "!", "?", "…")) else f"{words}."


def _reason_in(answer: Answer) -> str:
    """What a header says."""
    return next((answer.headers[name] for name in REASON_HEADERS if answer.headers.get(name, "").strip()), "")


def _plain_text(answer: Answer) -> str:
    """The body, where it is a text for people and not a page."""
    kind = answer.headers.get("content-type", "").lower()
    text = answer.text.strip()
    is_text = not answer.is_html and not text.startswith(("<", "{", "[")) and (not kind or kind.startswith("text/"))
    return text if is_text else ""
