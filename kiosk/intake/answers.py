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

from data.errors import DiskFull, StoreBusy, StoreError, translated
from kiosk.intake.body import Problem
from kiosk.intake.writer import Full

log = logging.getLogger(__name__)

NUL = rb"\u0000"
"""How JSON writes it."""

HALVES = re.compile("[\0\ud800-\udfff]")
"""The same, and halves of characters that stand alone."""

LOG_AGAIN_SECONDS = 60.0
"""Between two lines of the log that say the same of the database."""

encode = msgspec.json.Encoder().encode


def json(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """*document* as JSON."""
    return Response(encode(document), status, headers, "application/json")


def problem(error: Problem) -> Response:
    """An error that says what was wrong; where it is worth trying again, when."""
    headers = {"Retry-After": str(error.more["retry_after"])} if "retry_after" in error.more else None
    if error.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return Response(encode(error.document()), error.status, headers, "application/problem+json")


def raw(error: Problem) -> bytes:
    """The same as it goes over the line, for a connection on which no request came to an end."""
    answer = problem(error)
    lines = [b"HTTP/1.1 %d %s" % (error.status, error.document()["title"].encode()), b"connection: close"]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])


class Complaints:
    """Errors of the database in the log, each sentence once in a while: callers come again every few seconds."""

    def __init__(self) -> None:
        self.said_at: dict[str, float] = {}

    def say(self, error: StoreError) -> None:
        """Log *error*, unless the same was logged just now."""
        now, sentence = time.monotonic(), str(error)
        if now - self.said_at.get(sentence, -LOG_AGAIN_SECONDS) >= LOG_AGAIN_SECONDS:
            self.said_at = {sentence: now}
            log.error("a call was not answered: %s", sentence)


complaints = Complaints()


def as_problem(error: Exception) -> Problem:
    """What went wrong inside, for whoever called."""
    if isinstance(error, sqlite3.Error):
        error = translated(error)
    if isinstance(error, StoreError):
        complaints.say(error)
    match error:
        case Problem():
            return error
        case Full():
            return Problem(503, "So many leads arrive that this one would wait too long; send it again.", retry_after=1)
        case DiskFull():
            return Problem(507, str(error), retry_after=10)
        case StoreBusy():
            return Problem(503, str(error), retry_after=1)
        case ClientDisconnect():
            return Problem(400, "The body broke off.")  # nobody is there to read it
        case StoreError():
            return Problem(503, str(error), retry_after=10)
    log.error("a call failed", exc_info=error)
    return Problem(500, "Something failed here; it is written in the kiosk's log. Nothing was saved.")


async def on_error(request: Request, error: Exception) -> Response:
    """The answer to a call that failed."""
    return problem(as_problem(error))


async def body_of(request: Request) -> Any:
    """
    The JSON that was sent.

    Raises:
        Problem: it is none.
    """
    body = await request.body()
    try:
        document = msgspec.json.decode(body)
        return without(document, "\0") if NUL in body else document
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return lenient(body, error)


def lenient(body: bytes, error: Exception) -> Any:
    """
    JSON in which a text was cut in the middle of a character, as JavaScript writes it, or a number is too large.

    One item of many may have it, and the others are as good as ever.

    Raises:
        Problem: it is no JSON; *error* says why.
    """
    try:
        document = loads(body.decode(), parse_constant=refused)
    except (ValueError, RecursionError):
        raise Problem(400, f"The body is no JSON: {error}.") from None
    return without(document, HALVES)


def refused(name: str) -> None:
    """`NaN` and `Infinity` are no JSON."""
    raise ValueError(name)


def without(document: Any, pattern: re.Pattern[str] | str) -> Any:
    """*document*, whose texts have lost what no text may hold: the end of a text for SQLite, or half a character."""
    match document:
        case str():
            return re.sub(pattern, "", document)
        case list():
            return [without(item, pattern) for item in document]
        case dict():
            return {_whole(key): _answers_without(key, value, pattern) for key, value in document.items()}
    return document


def _answers_without(name: Any, value: Any, pattern: re.Pattern[str] | str) -> Any:
    """The *value* of a field; questions are texts from outside like their answers, names of fields are not."""
    if name != "answers" or not isinstance(value, dict):
        return without(value, pattern)
    answers: dict[str, Any] = {}
    for question, answer in value.items():
        plain = re.sub(pattern, "", question)
        answers[_whole(question) if plain in answers else plain] = without(answer, pattern)
    return answers


def _whole(name: str) -> str:
    """The *name* of a field with a mark for what no text may hold: without it, it might be another field's name."""
    return HALVES.sub("\N{REPLACEMENT CHARACTER}", name)
