"""Answers that all dialects share, and reading what was asked."""

import json
import secrets
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def read_json(request: Request) -> Any:
    """The request's JSON; None where it is none, or holds what could not be given back: NaN, half a character."""
    try:
        document = json.loads(await request.body())
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return document


def problem_response(status: int, sentence: str, **more: Any) -> Response:
    """An error, as RFC 9457 has it."""
    document = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence, **more}
    return JSONResponse(document, status, media_type="application/problem+json")


def has_bearer_token(headers: Headers, token: str) -> bool:
    """Whether the caller has *token*, as RFC 6750 sends it."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode())
