"""Answers that say no in so many words, though their HTTP status says yes."""

from collections.abc import Mapping
from typing import Any

NO = ("success", "ok", "succeeded")
"""What many APIs call it, and set to false."""

WORDS = ("error", "errors", "message", "detail", "reason")
"""Where they say why."""


def plain_no(document: Any) -> Any:
    """Why *document* says that nothing was taken; None where it does not say so in so many words."""
    if not isinstance(document, Mapping):
        return None
    why = next((document[name] for name in WORDS if document.get(name) and document[name] is not True), None)
    if any(document.get(name) is False for name in NO) or document.get("error") is True:
        return why or "it does not say why"
    errors = document.get("errors")
    if isinstance(errors, list) and errors and _has_no_data(document):  # GraphQL
        return errors[0]
    return None


def _has_no_data(document: Mapping[str, Any]) -> bool:
    """Whether *document* brings nothing beside its errors."""
    data = document.get("data")
    if isinstance(data, Mapping):
        return all(part is None for part in data.values())
    return data is None and set(document) <= {"data", "errors", "extensions"}
