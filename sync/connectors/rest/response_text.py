"""What an answer says and what it has, for whoever has to read it or to name its parts in kiosk.toml."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from sync.crm_messages import clean_message, extract_message, find_message, get_by_path
from sync.http_client import CrmResponse
from sync.settings.rest_answer import AnswerSettings

_STATUS_PHRASES = frozenset(status.phrase.casefold() for status in HTTPStatus)
"""What HTTP calls a status: that says less than any words beside it."""

_MAX_LISTED_PATHS = 12
"""Names of an answer's parts that a sentence lists."""


def find_error_text(document: Any, places: AnswerSettings) -> str:
    """What *document* says was wrong: at `answer.error`, unless that is a mere code and words are elsewhere."""
    found = extract_text(get_by_path(document, places.error)) or extract_text(get_by_path(document, "exception"))
    if (" " in found and found.casefold() not in _STATUS_PHRASES) or not isinstance(document, Mapping):
        return found
    return find_message({name: part for name, part in document.items() if name != places.error}) or found


def extract_text(found: Any) -> str:
    """What is said in *found*: a text, or a list or an object with texts in it."""
    if isinstance(found, bool):
        return ""
    return clean_message(find_message({"errors": found}) or found if isinstance(found, list | Mapping) else found)


def describe_paths(document: Any) -> str:
    """What *document* has, by the paths that kiosk.toml would call it."""
    paths = list(list_paths(document))
    if not paths:
        return "The answer has nothing in it"
    more = ", …" if len(paths) > _MAX_LISTED_PATHS else ""
    return f"The answer has: {', '.join(paths[:_MAX_LISTED_PATHS])}{more}"


def list_paths(document: Any, above: str = "") -> Iterator[str]:
    """Where *document* has values: `data.id`, `result.0`; of a list the first item alone."""
    parts: Mapping[Any, Any] = {}
    if isinstance(document, Mapping):
        parts = document
    elif isinstance(document, list):
        parts = dict(enumerate(document[:1]))
    for name, value in parts.items():
        path = f"{above}{clean_message(str(name))}"
        deeper = list(list_paths(value, f"{path}.")) if above.count(".") < 3 else []
        yield from deeper or [path]


def quote_crm(answer: CrmResponse) -> str:
    """What the CRM says, as a sentence; empty where it says nothing."""
    said = extract_message(answer)
    return f"The CRM says: {said}" if said else ""
