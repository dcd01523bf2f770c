"""Answers that say no in so many words, though their HTTP status says yes."""

from collections.abc import Mapping
from typing import Any

_SUCCESS_FLAG_KEYS = ("success", "ok", "succeeded", "issuccess", "successful")
"""What many APIs call it, and set to false; compared without capitals and underscores."""

FAILURE_WORDS = ("error", "fail", "failed", "failure")
"""What others have as the status of an answer (JSend), or of the lead in it (Zoho)."""

_REASON_KEYS = ("error", "errors", "message", "detail", "reason", "errormessage", "errmsg", "msg")
"""Where they say why."""

_STATUS_CODE_KEYS = ("code", "status", "statuscode", "errorcode")
"""Where some repeat the HTTP status that they meant."""

_NO_REASON = "it does not say why"


def find_body_error(document: Any) -> Any:
    """Why *document* says that nothing was taken; None where it does not say so in so many words."""
    if not isinstance(document, Mapping):
        return None
    named = {str(name).casefold().replace("_", ""): value for name, value in document.items()}
    why = next((named[name] for name in _REASON_KEYS if named.get(name) and named[name] is not True), None)
    if any(_is_false(named.get(name)) for name in _SUCCESS_FLAG_KEYS) or named.get("error") is True:
        return why or _NO_REASON
    if "id" not in named and _is_failure(named):
        return why or named.get("data") or _NO_REASON  # JSend: what is wrong with each field
    errors = document.get("errors")
    if isinstance(errors, list) and errors and _has_no_data(document):  # GraphQL
        return errors[0]
    return None


def _is_false(value: Any) -> bool:
    """Whether a flag is down; some write it as a text or a number."""
    if isinstance(value, str):
        return value.casefold() in ("false", "no", "0")
    return value is not None and value in (False, 0)


def _is_failure(named: Mapping[str, Any]) -> bool:
    """Whether an answer without an id tells of a failure; what a function of AWS failed with comes with a 200, too."""
    if any(str(named.get(name) or "").casefold() in FAILURE_WORDS for name in ("status", "result")):
        return True
    if any(isinstance(code := named.get(name), int) and 400 <= code < 600 for name in _STATUS_CODE_KEYS):
        return True
    return bool(named.get("errcode")) or (bool(named.get("errormessage")) and "errortype" in named)


def _has_no_data(document: Mapping[str, Any]) -> bool:
    """Whether *document* brings nothing beside its errors."""
    data = document.get("data")
    if isinstance(data, Mapping):
        return all(part is None for part in data.values())
    return data is None and set(document) <= {"data", "errors", "extensions"}
