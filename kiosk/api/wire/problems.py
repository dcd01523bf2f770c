"""Errors of the API: `ApiProblem`, and its response as problem details (RFC 9457)."""

import logging
import sqlite3
import time
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from data.errors import DiskFull, StoreBusy, StoreError, translate_error
from kiosk.api.wire.json_codec import encode_json

log = logging.getLogger(__name__)

# How long the same database error is not logged again.
_LOG_REPEAT_SECONDS = 60.0

STATUS_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}


class ApiProblem(Exception):
    """A request, or one item of it, cannot be served; `str()` says what is wrong and how to correct it."""

    def __init__(self, status: int, detail: str, *, field: str = "", **extra: Any) -> None:
        """*field* names the wrong field; *extra* are further members of the response: `limit`, `retry_after`."""
        super().__init__(detail)
        self.status = status
        self.field = field
        self.extra = extra

    def to_dict(self) -> dict[str, Any]:
        """Return the problem details (RFC 9457)."""
        field = {"field": self.field} if self.field else {}
        return {
            "type": "about:blank",
            "title": STATUS_TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": str(self),
            **field,
            **self.extra,
        }


class WriteQueueFull(ApiProblem):
    """Too many writes are waiting, or the server is shutting down."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "Too many requests are waiting to be saved, or the server is shutting down; send this again.",
            retry_after=1,
        )


def problem_response(problem: ApiProblem) -> Response:
    """Return the response for *problem*, with `Retry-After` where the same request may succeed later."""
    headers = {"Retry-After": str(problem.extra["retry_after"])} if "retry_after" in problem.extra else None
    if problem.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return Response(encode_json(problem.to_dict()), problem.status, headers, "application/problem+json")


def encode_raw_response(problem: ApiProblem) -> bytes:
    """Encode the whole HTTP response for *problem*, for a connection on which no request became complete."""
    response = problem_response(problem)
    lines = [b"HTTP/1.1 %d %s" % (problem.status, problem.to_dict()["title"].encode()), b"connection: close"]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


class _DatabaseErrorLog:
    """Logs database errors, each sentence at most once a minute: clients retry every few seconds."""

    def __init__(self) -> None:
        self.logged_at: dict[str, float] = {}

    def log_error(self, error: StoreError) -> None:
        """Log *error* unless the same sentence was logged within the last minute."""
        now, sentence = time.monotonic(), str(error)
        if now - self.logged_at.get(sentence, -_LOG_REPEAT_SECONDS) >= _LOG_REPEAT_SECONDS:
            self.logged_at = {sentence: now}
            log.error("a request failed: %s", sentence)


_database_error_log = _DatabaseErrorLog()


def to_problem(error: Exception) -> ApiProblem:
    """Return the response for any *error*; unexpected ones are logged with their traceback."""
    if isinstance(error, sqlite3.Error):
        error = translate_error(error)
    if isinstance(error, StoreError):
        _database_error_log.log_error(error)
    match error:
        case ApiProblem():
            return error
        case DiskFull():
            return ApiProblem(507, str(error), retry_after=10)
        case StoreBusy():
            return ApiProblem(503, str(error), retry_after=1)  # usually the screen, saving a badge
        case ClientDisconnect():
            return ApiProblem(400, "The body is incomplete.")  # nobody is there to read it
        case StoreError():
            return ApiProblem(503, str(error), retry_after=10)
    log.error("a request failed", exc_info=error)
    return ApiProblem(500, "An internal error occurred; the kiosk's log has the details. Nothing was saved.")


async def handle_error(request: Request, error: Exception) -> Response:
    """Return the response for *error*; a Starlette exception handler."""
    return problem_response(to_problem(error))
