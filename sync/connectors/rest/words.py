"""What an answer says and what it has, for whoever has to read it or to name its parts in kiosk.toml."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from sync.answers import at, message, said_in
from sync.http import Answer
from sync.said import words_in
from sync.settings.rest_answer import AnswerSettings

_PHRASES = frozenset(status.phrase.casefold() for status in HTTPStatus)
"""What HTTP calls a status: that says less than any words beside it."""

MOST_PATHS = 12
"""Names of an answer's parts that a sentence lists."""


def said_at(document: Any, places: AnswerSettings) -> str:
    """What *document* says was wrong: at `answer.error`, unless that is a mere code and words are elsewhere."""
    found = words_of(at(document, places.error)) or words_of(at(document, "exception"))
    if (" " in found and found.casefold() not in _PHRASES) or not isinstance(document, Mapping):
        return found
    return words_in({name: part for name, part in document.items() if name != places.error}) or found


def words_of(found: Any) -> str:
    """What is said in *found*: a text, or a list or an object with texts in it."""
    if isinstance(found, bool):
        return ""
    return message(words_in({"errors": found}) or found if isinstance(found, list | Mapping) else found)


def what_it_has(document: Any) -> str:
    """What *document* has, by the paths that kiosk.toml would call it."""
    paths = list(paths_in(document))
    if not paths:
        return "The answer has nothing in it"
    more = ", …" if len(paths) > MOST_PATHS else ""
    return f"The answer has: {', '.join(paths[:MOST_PATHS])}{more}"


def paths_in(document: Any, above: str = "") -> Iterator[str]:
    """Where *document* has values: `data.id`, `result.0`; of a list the first item alone."""
    parts: Mapping[Any, Any] = {}
    if isinstance(document, Mapping):
        parts = document
    elif isinstance(document, list):
        parts = dict(enumerate(document[:1]))
    for name, value in parts.items():
        path = f"{above}{message(str(name))}"
        deeper = list(paths_in(value, f"{path}.")) if above.count(".") < 3 else []
        yield from deeper or [path]


def quoted_words(answer: Answer) -> str:
    """What the CRM says, as a sentence; empty where it says nothing."""
    said = said_in(answer)
    return f"The CRM says: {said}" if said else ""
