"""Who may come in: tokens, roles, and limits on bodies and rate; ASGI middleware around everything else."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from data.devices import Device
from kiosk.intake.answers import as_problem, problem
from kiosk.intake.body import Problem
from kiosk.intake.incoming import Incoming, Room
from kiosk.intake.strangers import Strangers

App = Callable[..., Awaitable[None]]

OPEN = frozenset({"/", "/healthz", "/readyz", "/api/v1/pair", "/openapi.json", "/docs", "/numbers"})
"""Paths for which no token is needed: they tell nothing of anybody."""

OPEN_BELOW = "/static/"
"""The same for all files of the pages."""

FRESH_SECONDS = 1.0
"""For so long a token that was found good is good without another look: a revoked one ends that soon."""

LARGEST_HEAD = 65_536
"""Bytes of the headers of a request."""


class Door:
    """Lets in whoever has a token, each at a rate of its own."""

    def __init__(self, find: Callable[[str], Awaitable[Device | None]], largest: int, rate: float) -> None:
        """*find* looks a token up; *largest* is the size of a body in bytes, *rate* the calls a second of a device."""
        self.find = find
        self.rate = rate
        self.room = Room(largest)
        self.strangers = Strangers()
        self.known: dict[str, tuple[Device, float]] = {}
        """Tokens that were good when they were last looked up, and when that was."""
        self.buckets: dict[str, tuple[float, float]] = {}
        """Of each device, the calls that it may still make at once, and when that was counted."""
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
            except Exception as error:  # a database that cannot be read, too
                return await problem(as_problem(error))(scope, receive, send)
            incoming = Incoming(receive, self.room)
            try:
                return await app(scope, incoming.receiving, send)
            finally:
                incoming.done()

        return guarded

    async def let_in(self, scope: Any, headers: Headers) -> None:
        """
        Put the caller's device into *scope*.

        Raises:
            Problem: it may not come in, or not now.
        """
        if sum(len(name) + len(value) for name, value in headers.raw) > LARGEST_HEAD:
            raise Problem(431, f"The head is too large: at most {LARGEST_HEAD} bytes.")
        length = headers.get("content-length", "")
        self.room.expect(int(length) if length.isdecimal() else 0)
        scope["strangers"] = self.strangers
        path = scope["path"]
        if path in OPEN or path.startswith(OPEN_BELOW):
            return
        device = await self.device(token_in(headers), caller(scope))
        self.count_call(device)
        self.heard.add(device.id)
        scope["device"] = device

    async def device(self, token: str, host: str) -> Device:
        """
        The device that has *token*. Only wrong tokens are slowed: a right one is let in, whatever others at the same
        address try, and costs one hash.

        Raises:
            Problem: none has.
            StoreError: the database cannot be read, so that nobody knows.
        """
        now = time.monotonic()
        known = self.known.get(token)
        if known and now - known[1] < FRESH_SECONDS:
            return known[0]
        device = await self.find(token) if token else None
        if device is None:
            self.known.pop(token, None)
            if token:
                self.strangers.look(host)
                self.strangers.failed(host)
            raise Problem(401, "A token is needed: `kiosk token new`, or scan the code that `kiosk token pair` shows.")
        self.known[token] = (device, now)
        return device

    def count_call(self, device: Device) -> None:
        """
        Take one call from what *device* may make: so many at once, and *rate* more each second.

        Raises:
            Problem: it made too many.
        """
        now = time.monotonic()
        most = max(1.0, self.rate * 2)
        left, counted = self.buckets.get(device.id, (most, now))
        left = min(most, left + (now - counted) * self.rate)
        if left < 1:
            self.buckets[device.id] = (left, now)
            wait = max(1, round((1 - left) / self.rate))
            raise Problem(429, "Too many calls from this device; slow down.", retry_after=wait)
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


def caller(scope: Any) -> str:
    """The address of whoever calls."""
    return str(scope["client"][0]) if scope.get("client") else ""


def token_in(headers: Headers) -> str:
    """The bearer's token (RFC 6750)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
