"""Who may come in: tokens, roles, and limits on bodies, rate and time; ASGI middleware around everything else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from data.devices import Device
from kiosk.intake.answers import problem
from kiosk.intake.body import Problem

App = Callable[..., Awaitable[None]]

OPEN = ("/healthz", "/readyz", "/api/v1/pair", "/openapi.json", "/docs", "/static/", "/numbers")
"""Paths for which no token is needed: they tell nothing of anybody."""

BODY_SECONDS = 15.0
"""For a whole request to arrive, however slowly it drips."""

FRESH_SECONDS = 1.0
"""For so long a token that was found good is good without another look: a revoked one ends that soon."""

STRANGERS = 20
"""Wrong tokens a minute from one address, after which none of its tokens is looked at for the rest of it."""


class Door:
    """Lets in whoever has a token, each at a rate of its own."""

    def __init__(self, find: Callable[[str], Awaitable[Device | None]], largest: int, rate: float) -> None:
        """*find* looks a token up; *largest* is the size of a body in bytes, *rate* the calls a second of a device."""
        self.find = find
        self.largest = largest
        self.rate = rate
        self.fresh: dict[str, tuple[Device, float]] = {}
        self.buckets: dict[str, tuple[float, float]] = {}
        """Of each device, the calls that it may still make at once, and when that was counted."""
        self.wrong: dict[str, tuple[int, float]] = {}
        self.heard: set[str] = set()
        """Devices that were heard of since this was last emptied."""

    def take_heard(self) -> set[str]:
        """The devices that were heard of since this was last asked."""
        heard, self.heard = self.heard, set()
        return heard

    def around(self, app: App) -> App:
        """*app* behind this door."""

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            try:
                await self.let_in(scope, Headers(scope=scope))
            except Problem as error:
                return await problem(error)(scope, receive, send)
            return await app(scope, limited(receive, self.largest), send)

        return guarded

    async def let_in(self, scope: Any, headers: Headers) -> None:
        """
        Put the caller's device into *scope*.

        Raises:
            Problem: it may not come in, or not now.
        """
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.largest:
            raise Problem(413, f"The body is too large: at most {self.largest} bytes.", limit=self.largest)
        if scope["path"] == "/" or scope["path"].startswith(OPEN):
            return
        host = scope["client"][0] if scope.get("client") else ""
        device = await self.device(token_in(headers), host)
        self.count_call(device)
        self.heard.add(device.id)
        scope["device"] = device

    async def device(self, token: str, host: str) -> Device:
        """
        The device that has *token*.

        Raises:
            Problem: none has.
        """
        now = time.monotonic()
        if (known := self.fresh.get(token)) and now - known[1] < FRESH_SECONDS:
            return known[0]
        tries, since = self.wrong.get(host, (0, now))
        if now - since > 60.0:
            tries, since = 0, now
        if tries >= STRANGERS:
            raise Problem(429, "Too many wrong tokens from this address; wait a minute.", retry_after=60)
        device = await self.find(token) if token else None
        if device is None:
            self.fresh.pop(token, None)
            self.wrong[host] = (tries + 1, since)
            raise Problem(401, "A token is needed: `kiosk token new`, or scan the code that `kiosk token pair` shows.")
        self.fresh = {key: value for key, value in self.fresh.items() if now - value[1] < FRESH_SECONDS}
        self.fresh[token] = (device, now)
        return device

    def count_call(self, device: Device) -> None:
        """
        Take one call from what *device* may make: so many at once, and *rate* more each second.

        Raises:
            Problem: it made too many.
        """
        now = time.monotonic()
        left, counted = self.buckets.get(device.id, (self.rate * 2, now))
        left = min(self.rate * 2, left + (now - counted) * self.rate)
        if left < 1:
            self.buckets[device.id] = (left, now)
            raise Problem(429, "Too many calls from this device; slow down.", retry_after=1)
        self.buckets[device.id] = (left - 1, now)


def needs(request: Request, role: str) -> Device:
    """
    The calling device, if its role allows what takes *role*.

    Raises:
        Problem: it does not.
    """
    device: Device = request.scope["device"]
    if not device.may(role):
        raise Problem(403, f"This device may only {device.role}; that takes the role {role}.")
    return device


def token_in(headers: Headers) -> str:
    """The bearer's token (RFC 6750)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def limited(receive: Any, largest: int) -> Any:
    """*receive*, which ends a body that is too large, or takes too long to arrive."""
    seen, until = 0, time.monotonic() + BODY_SECONDS

    async def receiving() -> Any:
        nonlocal seen
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic()) if seen >= 0 else None):
                message = await receive()
        except TimeoutError:
            raise Problem(408, "The body did not arrive in time.") from None
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > largest:
                raise Problem(413, f"The body is too large: at most {largest} bytes.", limit=largest)
            if not message.get("more_body"):
                seen = -1  # whoever waits now waits for the caller to hang up
        return message

    return receiving
