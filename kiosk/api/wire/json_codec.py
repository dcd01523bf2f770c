"""JSON in and out: responses, and request bodies as other devices really send them."""

import re
from json import loads
from typing import Any

import msgspec
from starlette.responses import Response

# How JSON escapes a NUL, which SQLite takes for the end of a text.
_ESCAPED_NUL = rb"\u0000"

# NUL, and surrogates without their other half: JavaScript makes those when it cuts a text in the middle of an emoji.
_UNSTORABLE_CHARACTERS = re.compile("[\0\ud800-\udfff]")

encode_json = msgspec.json.Encoder().encode


def json_response(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with *document* as JSON."""
    return Response(encode_json(document), status, headers, "application/json")


def decode_json(body: bytes) -> Any:
    """
    Decode a request's *body*, without the characters that no text in the database may hold.

    Raises:
        ValueError: it is not JSON; `str()` says why.
    """
    try:
        document = msgspec.json.decode(body)
        return _remove_characters(document, "\0") if _ESCAPED_NUL in body else document
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _decode_leniently(body, error)


def _decode_leniently(body: bytes, error: Exception) -> Any:
    """
    Decode JSON that msgspec refuses as a whole: lone surrogates, and numbers that are too large.

    Only one item of a bulk request may have them, and the others must not fail for that.

    Raises:
        ValueError: it is not JSON; the message is that of *error*, which is clearer.
    """
    try:
        document = loads(body.decode(), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise ValueError(str(error)) from None
    return _remove_characters(document, _UNSTORABLE_CHARACTERS)


def _reject_constant(name: str) -> None:
    """Reject `NaN` and `Infinity`, which Python would accept and JSON does not have."""
    raise ValueError(name)


def _remove_characters(document: Any, pattern: re.Pattern[str] | str) -> Any:
    """Return *document* with everything that matches *pattern* removed from its texts."""
    match document:
        case str():
            return re.sub(pattern, "", document)
        case list():
            return [_remove_characters(item, pattern) for item in document]
        case dict():
            return {_mark_unstorable(key): _clean_field(key, value, pattern) for key, value in document.items()}
    return document


def _clean_field(name: Any, value: Any, pattern: re.Pattern[str] | str) -> Any:
    """Return the *value* of a field, cleaned; the keys of `answers` are free text (questions) and cleaned, too."""
    if name != "answers" or not isinstance(value, dict):
        return _remove_characters(value, pattern)
    answers: dict[str, Any] = {}
    for question, answer in value.items():
        cleaned = re.sub(pattern, "", question)
        answers[_mark_unstorable(question) if cleaned in answers else cleaned] = _remove_characters(answer, pattern)
    return answers


def _mark_unstorable(name: str) -> str:
    """Replace unstorable characters in the *name* of a field: with them removed it might become another field."""
    return _UNSTORABLE_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", name)
