"""Describes what a response says and contains, for the person who reads it or names its parts in kiosk.toml."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from data.language import _
from sync.crm_messages import clean_message, extract_message, find_message, get_by_path
from sync.http_client import CrmResponse
from sync.settings.rest_answer import AnswerSettings

# HTTP's own names for statuses: they say less than any words beside them.
_STATUS_PHRASES = frozenset(status.phrase.casefold() for status in HTTPStatus)

# Number of a response's paths that a sentence lists.
_MAX_LISTED_PATHS = 12


def find_error_text(document: Any, places: AnswerSettings) -> str:
    """Return the error message at `answer.error`, or elsewhere in *document* if that is a mere code."""
    found = extract_text(get_by_path(document, places.error)) or extract_text(get_by_path(document, "exception"))
    if (" " in found and found.casefold() not in _STATUS_PHRASES) or not isinstance(document, Mapping):
        return found
    return find_message({name: part for name, part in document.items() if name != places.error}) or found


def extract_text(found: Any) -> str:
    """Return the text in *found*: a string, or a list or an object that contains one."""
    if isinstance(found, bool):
        return ""
    return clean_message(find_message({"errors": found}) or found if isinstance(found, list | Mapping) else found)


def describe_paths(document: Any) -> str:
    """Describe what *document* contains, by the paths for kiosk.toml."""
    paths = list(list_paths(document))
    if not paths:
        return _("The response is empty")
    listed = ", ".join(paths[:_MAX_LISTED_PATHS]) + (", …" if len(paths) > _MAX_LISTED_PATHS else "")
    return _("The response has: {paths}").format(paths=listed)


def list_paths(document: Any, above: str = "") -> Iterator[str]:
    """Yield the paths of the values in *document*, such as `data.id` or `result.0`; of a list, only the first."""
    parts: Mapping[Any, Any] = {}
    if isinstance(document, Mapping):
        parts = document
    elif isinstance(document, list):
        parts = dict(enumerate(document[:1]))
    for name, value in parts.items():
        path = f"{above}{clean_message(str(name))}"
        deeper = list(list_paths(value, f"{path}.")) if above.count(".") < 3 else []
        yield from deeper or [path]


def quote_crm(response: CrmResponse) -> str:
    """Return a sentence that quotes the CRM; empty if it says nothing."""
    message = extract_message(response)
    return _("The CRM says: {message}").format(message=message) if message else ""
