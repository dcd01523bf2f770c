"""Errors that a response reports in its body, although its HTTP status says yes."""

from collections.abc import Mapping
from typing import Any

from data.language import N_, _

_SUCCESS_FLAG_KEYS = ("success", "ok", "succeeded", "issuccess", "successful")
"""Keys that many APIs set to false; compared without capitals and underscores."""

FAILURE_WORDS = ("error", "fail", "failed", "failure")
"""Values that others give the status of a response (JSend), or of the lead in it (Zoho)."""

_REASON_KEYS = ("error", "errors", "message", "detail", "reason", "errormessage", "errmsg", "msg")
"""Keys under which they say why."""

_STATUS_CODE_KEYS = ("code", "status", "statuscode", "errorcode")
"""Keys under which some repeat the HTTP status that they mean."""

_NO_REASON = N_("it does not say why")


def find_body_error(document: Any) -> Any:
    """Return why *document* says that nothing was accepted; None if it does not say so."""
    if not isinstance(document, Mapping):
        return None
    named = {str(name).casefold().replace("_", ""): value for name, value in document.items()}
    why = next((named[name] for name in _REASON_KEYS if named.get(name) and named[name] is not True), None)
    if any(_is_false(named.get(name)) for name in _SUCCESS_FLAG_KEYS) or named.get("error") is True:
        return why or _(_NO_REASON)
    if "id" not in named and _is_failure(named):
        return why or named.get("data") or _(_NO_REASON)  # JSend: what is wrong with each field
    errors = document.get("errors")
    if isinstance(errors, list) and errors and _has_no_data(document):  # GraphQL
        return errors[0]
    return None


def _is_false(value: Any) -> bool:
    """Return whether a flag is false; some write it as a string or a number."""
    if isinstance(value, str):
        return value.casefold() in ("false", "no", "0")
    return value is not None and value in (False, 0)


def _is_failure(named: Mapping[str, Any]) -> bool:
    """Return whether a response without an id reports a failure; AWS Lambda's errors come with a 200, too."""
    if any(str(named.get(name) or "").casefold() in FAILURE_WORDS for name in ("status", "result")):
        return True
    if any(isinstance(code := named.get(name), int) and 400 <= code < 600 for name in _STATUS_CODE_KEYS):
        return True
    return bool(named.get("errcode")) or (bool(named.get("errormessage")) and "errortype" in named)


def _has_no_data(document: Mapping[str, Any]) -> bool:
    """Return whether *document* has nothing beside its errors."""
    data = document.get("data")
    if isinstance(data, Mapping):
        return all(part is None for part in data.values())
    return data is None and set(document) <= {"data", "errors", "extensions"}
