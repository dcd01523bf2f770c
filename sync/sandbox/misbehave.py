"""What stands before the practice CRM: its door (tokens, the rate limit), and its faults."""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sync.sandbox.faults import Faults

WINDOW = 10.0
"""Seconds over which the rate limit counts."""

LOGIN = "<!doctype html><title>Welcome to Expo WiFi</title><h1>Sign in to use the WiFi</h1>"

App = Callable[..., Awaitable[None]]


class Misbehave:
    """ASGI middleware; `faults` may be changed at any time."""

    def __init__(self, token: str, faults: Faults) -> None:
        self.token = token
        self.faults = faults
        self.calls = 0
        """To the API, those that were refused too."""
        self.taken: deque[float] = deque()

    def around(self, app: App) -> App:
        """*app* behind this door."""

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            if scope["path"].startswith("/api/v1/contacts"):
                return await self.misbehaved(app, scope, receive, send)
            is_open = scope["path"] == "/" or self.knows(Headers(scope=scope))
            return await (app if is_open else unauthorised())(scope, receive, send)

        return guarded

    async def misbehaved(self, app: App, scope: Any, receive: Any, send: Any) -> None:
        """One call to the API, with today's faults."""
        self.calls += 1
        call, faults = self.calls, self.faults
        await asyncio.sleep(faults.seconds())
        refusal = self.refusal(Headers(scope=scope), faults)
        if refusal is None and faults.loses(call):
            await app(scope, receive, swallow)
            scope["cut"]()
            await asyncio.sleep(0)
            return
        await (refusal or app)(scope, receive, send)

    def refusal(self, headers: Headers, faults: Faults) -> Response | None:
        """What is answered in place of the API; None where the API may."""
        if faults.login_page:
            return HTMLResponse(LOGIN)
        if faults.redirect:
            return RedirectResponse("http://wifi.example.net/login", 302)
        if faults.off:
            return JSONResponse({"detail": "The CRM is down for maintenance."}, 503)
        if faults.unauthorised or not self.knows(headers):
            return unauthorised()
        return self.throttled(0 if faults.throttle else faults.rate_limit)

    def throttled(self, limit: int) -> Response | None:
        """429 where there were too many calls in the window."""
        now = time.monotonic()
        while self.taken and now - self.taken[0] >= WINDOW:
            self.taken.popleft()
        if len(self.taken) < limit:
            self.taken.append(now)
            return None
        # There is room when all but limit - 1 are out of the window; the limit may have been lowered since.
        wait = WINDOW - (now - self.taken[-limit]) if limit else WINDOW
        return JSONResponse({"detail": "Too many calls."}, 429, headers={"Retry-After": str(max(1, ceil(wait)))})

    def knows(self, headers: Headers) -> bool:
        """Whether the caller has our token."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), self.token.encode())


def unauthorised() -> Response:
    """401."""
    return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})


async def swallow(message: Any) -> None:
    """An answer that goes nowhere."""
