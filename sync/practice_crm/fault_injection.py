"""The middleware in front of the practice CRM: authentication, the rate limit, and the injected faults."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sync.practice_crm.dialects.base import Dialect
from sync.practice_crm.faults import Faults
from sync.practice_crm.responses import has_bearer_token

# The period whose calls the rate limit counts.
RATE_WINDOW_SECONDS = 10.0

_LOGIN_PAGE = "<!doctype html><title>Welcome to Expo WiFi</title><h1>Sign in to use the WiFi</h1>"

_AsgiApp = Callable[..., Awaitable[None]]


class FaultInjector:
    """ASGI middleware; `faults` may be changed at any time."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.call_count = 0
        """Calls to the API, including those that were refused."""
        self.over_limit_count = 0
        """Calls beyond the rate limit; a caller who respects the limit makes none."""
        self.recent_calls: deque[float] = deque()

    def wrap_app(self, app: _AsgiApp, dialects: Sequence[Dialect], token: str) -> _AsgiApp:
        """Wrap *app*. Outside the dialects, everything but the web page needs *token*."""

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            for dialect in dialects:
                if scope["path"].startswith(tuple(dialect.path_prefixes)):
                    return await self._handle_call(dialect, app, scope, receive, send)
            is_open = scope["path"] == "/" or has_bearer_token(Headers(scope=scope), token)
            return await (app if is_open else _token_needed_response())(scope, receive, send)

        return guarded

    async def _handle_call(self, dialect: Dialect, app: _AsgiApp, scope: Any, receive: Any, send: Any) -> None:
        """Handle one call to the API, with the current faults."""
        is_call = scope["path"] != dialect.sign_in_path
        self.call_count += is_call
        # Kept for the whole call: both may change while it waits.
        call, faults = self.call_count, self.faults
        receive = await _buffer_request(receive)
        await asyncio.sleep(faults.draw_delay())
        refusal = self.choose_refusal(dialect, scope["path"], Headers(scope=scope), faults)
        if refusal is None and is_call and faults.loses_answer(call):
            await app(scope, receive, _discard_message)
            scope["cut"]()
            # Lets the event loop close the connection before uvicorn sends its own response.
            await asyncio.sleep(0)
            return
        await (refusal or app)(scope, receive, send)

    def choose_refusal(self, dialect: Dialect, path: str, headers: Headers, faults: Faults) -> Response | None:
        """Return the response that replaces the API's; None if the API may respond."""
        if faults.login_page:
            return HTMLResponse(_LOGIN_PAGE)
        if faults.redirect:
            return RedirectResponse("http://wifi.example.net/login", 302)
        if faults.down:
            return dialect.answer_down()
        if path == dialect.sign_in_path:
            return None
        if faults.unauthorised or not dialect.is_authenticated(headers):
            return dialect.answer_unauthorised()
        if faults.forbidden:
            return dialect.answer_forbidden()
        if faults.quota:
            return dialect.answer_quota_used_up()
        wait = self.reserve_call(0 if faults.throttle else faults.rate_limit)
        return dialect.answer_throttled(wait) if wait else None

    def reserve_call(self, limit: int) -> float:
        """Count one more call, and return 0; if the limit is reached, return the seconds until it may be made."""
        now = time.monotonic()
        while self.recent_calls and now - self.recent_calls[0] >= RATE_WINDOW_SECONDS:
            self.recent_calls.popleft()
        if len(self.recent_calls) < limit:
            self.recent_calls.append(now)
            return 0.0
        self.over_limit_count += 1
        # The call may be made when all but limit - 1 are out of the window; the limit may have been lowered since.
        return RATE_WINDOW_SECONDS - (now - self.recent_calls[-limit]) if limit else RATE_WINDOW_SECONDS


def _token_needed_response() -> Response:
    """Respond 401."""
    return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})


async def _buffer_request(receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Receive the whole request first, so that it is carried out even if the caller hangs up meanwhile."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def again() -> Any:
        return messages.pop(0) if messages else await receive()

    return again


async def _discard_message(message: Any) -> None:
    """Drop a part of a response."""
