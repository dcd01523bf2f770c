"""What stands before the practice CRM: its door (sign-in, the rate limit), and its faults."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sync.practice_crm.answers import has_bearer
from sync.practice_crm.faces.base import Face
from sync.practice_crm.faults import Faults

WINDOW = 10.0
"""Seconds over which the rate limit counts."""

LOGIN = "<!doctype html><title>Welcome to Expo WiFi</title><h1>Sign in to use the WiFi</h1>"

App = Callable[..., Awaitable[None]]


class Misbehave:
    """ASGI middleware; `faults` may be changed at any time."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.calls = 0
        """To the API, those that were refused too."""
        self.over = 0
        """Calls beyond the rate limit: a caller who keeps it has none."""
        self.taken: deque[float] = deque()

    def around(self, app: App, faces: Sequence[Face], token: str) -> App:
        """*app* behind this door; what is no dialect's needs *token*, but for the page."""

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            for face in faces:
                if scope["path"].startswith(tuple(face.paths)):
                    return await self.misbehaved(face, app, scope, receive, send)
            is_open = scope["path"] == "/" or has_bearer(Headers(scope=scope), token)
            return await (app if is_open else needs_token())(scope, receive, send)

        return guarded

    async def misbehaved(self, face: Face, app: App, scope: Any, receive: Any, send: Any) -> None:
        """One call to the API, with today's faults."""
        is_call = scope["path"] != face.sign_in
        self.calls += is_call
        call, faults = self.calls, self.faults
        receive = await taken(receive)
        await asyncio.sleep(faults.seconds())
        refusal = self.refusal(face, scope["path"], Headers(scope=scope), faults)
        if refusal is None and is_call and faults.loses(call):
            await app(scope, receive, swallow)
            scope["cut"]()
            await asyncio.sleep(0)
            return
        await (refusal or app)(scope, receive, send)

    def refusal(self, face: Face, path: str, headers: Headers, faults: Faults) -> Response | None:
        """What is answered in place of the API; None where the API may."""
        if faults.login_page:
            return HTMLResponse(LOGIN)
        if faults.redirect:
            return RedirectResponse("http://wifi.example.net/login", 302)
        if faults.off:
            return face.down()
        if path == face.sign_in:
            return None
        if faults.unauthorised or not face.knows(headers):
            return face.unauthorised()
        if faults.forbidden:
            return face.forbidden()
        if faults.quota:
            return face.used_up()
        wait = self.room(0 if faults.throttle else faults.rate_limit)
        return face.throttled(wait) if wait else None

    def room(self, limit: int) -> float:
        """Seconds until there is room for one more call in the window; 0 where there is, and it is taken."""
        now = time.monotonic()
        while self.taken and now - self.taken[0] >= WINDOW:
            self.taken.popleft()
        if len(self.taken) < limit:
            self.taken.append(now)
            return 0.0
        self.over += 1
        # There is room when all but limit - 1 are out of the window; the limit may have been lowered since.
        return WINDOW - (now - self.taken[-limit]) if limit else WINDOW


def needs_token() -> Response:
    """401."""
    return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})


async def taken(receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """*receive*, with the whole request here already: what was asked is done, though the caller hangs up meanwhile."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def again() -> Any:
        return messages.pop(0) if messages else await receive()

    return again


async def swallow(message: Any) -> None:
    """An answer that goes nowhere."""
