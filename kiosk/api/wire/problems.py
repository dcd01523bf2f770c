"""Answers: JSON, and errors as RFC 9457 has them."""

import logging
import re
import sqlite3
import time
from json import loads
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from data.errors import DiskFull, StoreBusy, StoreError, translate_error
from kiosk.api.wire.requests import ApiProblem

log = logging.getLogger(__name__)

_ESCAPED_NUL = rb"\u0000"
"""How JSON writes it."""

_UNSTORABLE_CHARACTERS = re.compile("[\0\ud800-\udfff]")
"""The same, and halves of characters that stand alone."""

_LOG_REPEAT_SECONDS = 60.0
"""Between two lines of the log that say the same of the database."""

encode_json = msgspec.json.Encoder().encode


class WriteQueueFull(Exception):
    """So much is waiting to be written that more would only wait longer."""


def json_response(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """*document* as JSON."""
    return Response(encode_json(document), status, headers, "application/json")


def problem_response(error: ApiProblem) -> Response:
    """An error that says what was wrong; where it is worth trying again, when."""
    headers = {"Retry-After": str(error.extra["retry_after"])} if "retry_after" in error.extra else None
    if error.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return Response(encode_json(error.to_dict()), error.status, headers, "application/problem+json")


def encode_raw_response(error: ApiProblem) -> bytes:
    """The same as it goes over the line, for a connection on which no request came to an end."""
    answer = problem_response(error)
    lines = [b"HTTP/1.1 %d %s" % (error.status, error.to_dict()["title"].encode()), b"connection: close"]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])


class _DatabaseErrorLog:
    """Errors of the database in the log, each sentence once in a while: callers come again every few seconds."""

    def __init__(self) -> None:
        self.logged_at: dict[str, float] = {}

    def log_error(self, error: StoreError) -> None:
        """Log *error*, unless the same was logged just now."""
        now, sentence = time.monotonic(), str(error)
        if now - self.logged_at.get(sentence, -_LOG_REPEAT_SECONDS) >= _LOG_REPEAT_SECONDS:
            self.logged_at = {sentence: now}
            log.error("a call was not answered: %s", sentence)


_database_error_log = _DatabaseErrorLog()


def to_problem(error: Exception) -> ApiProblem:
    """What went wrong inside, for whoever called."""
    if isinstance(error, sqlite3.Error):
        error = translate_error(error)
    if isinstance(error, StoreError):
        _database_error_log.log_error(error)
    match error:
        case ApiProblem():
            return error
        case WriteQueueFull():
            return ApiProblem(
                503, "So many leads arrive that this one would wait too long; send it again.", retry_after=1
            )
        case DiskFull():
            return ApiProblem(507, str(error), retry_after=10)
        case StoreBusy():
            return ApiProblem(503, str(error), retry_after=1)
        case ClientDisconnect():
            return ApiProblem(400, "The body broke off.")  # nobody is there to read it
        case StoreError():
            return ApiProblem(503, str(error), retry_after=10)
    log.error("a call failed", exc_info=error)
    return ApiProblem(500, "Something failed here; it is written in the kiosk's log. Nothing was saved.")


async def handle_error(request: Request, error: Exception) -> Response:
    """The answer to a call that failed."""
    return problem_response(to_problem(error))


async def read_json_body(request: Request) -> Any:
    """
    The JSON that was sent.

    Raises:
        Problem: it is none.
    """
    body = await request.body()
    try:
        document = msgspec.json.decode(body)
        return _remove_characters(document, "\0") if _ESCAPED_NUL in body else document
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _parse_leniently(body, error)


def _parse_leniently(body: bytes, error: Exception) -> Any:
    """
    JSON in which a text was cut in the middle of a character, as JavaScript writes it, or a number is too large.

    One item of many may have it, and the others are as good as ever.

    Raises:
        Problem: it is no JSON; *error* says why.
    """
    try:
        document = loads(body.decode(), parse_constant=reject_constant)
    except (ValueError, RecursionError):
        raise ApiProblem(400, f"The body is no JSON: {error}.") from None
    return _remove_characters(document, _UNSTORABLE_CHARACTERS)


def reject_constant(name: str) -> None:
    """`NaN` and `Infinity` are no JSON."""
    raise ValueError(name)


def _remove_characters(document: Any, pattern: re.Pattern[str] | str) -> Any:
    """*document*, whose texts have lost what no text may hold: the end of a text for SQLite, or half a character."""
    match document:
        case str():
            return re.sub(pattern, "", document)
        case list():
            return [_remove_characters(item, pattern) for item in document]
        case dict():
            return {_mark_unstorable(key): _clean_answers(key, value, pattern) for key, value in document.items()}
    return document


def _clean_answers(name: Any, value: Any, pattern: re.Pattern[str] | str) -> Any:
    """The *value* of a field; questions are texts from outside like their answers, names of fields are not."""
    if name != "answers" or not isinstance(value, dict):
        return _remove_characters(value, pattern)
    answers: dict[str, Any] = {}
    for question, answer in value.items():
        plain = re.sub(pattern, "", question)
        answers[_mark_unstorable(question) if plain in answers else plain] = _remove_characters(answer, pattern)
    return answers


def _mark_unstorable(name: str) -> str:
    """The *name* of a field with a mark for what no text may hold: without it, it might be another field's name."""
    return _UNSTORABLE_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", name)
