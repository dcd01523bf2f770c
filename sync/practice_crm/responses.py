"""Responses that all dialects share, and reading a request's body."""

import json
import secrets
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def read_json(request: Request) -> Any:
    """Return the request's JSON; None if it is not JSON, or holds what JSON cannot return: NaN, half a character."""
    try:
        document = json.loads(await request.body())
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return document


def problem_response(status: int, sentence: str, **more: Any) -> Response:
    """Return an error in the format of RFC 9457."""
    document = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence, **more}
    return JSONResponse(document, status, media_type="application/problem+json")


def has_bearer_token(headers: Headers, token: str) -> bool:
    """Return whether the caller sends *token* as a bearer token (RFC 6750)."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode())
