"""Who may come in: tokens, roles, and limits on bodies and rate; ASGI middleware around everything else."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers

from data.devices import Device
from kiosk.api.server.throttle import SignInThrottle
from kiosk.api.wire.body_limits import BodyBudget, LimitedBody
from kiosk.api.wire.caller import get_client_address
from kiosk.api.wire.problems import problem_response, to_problem
from kiosk.api.wire.requests import ApiProblem

_AsgiApp = Callable[..., Awaitable[None]]

_PUBLIC_PATHS = frozenset({"/", "/healthz", "/readyz", "/api/v1/pair", "/openapi.json", "/docs", "/numbers"})
"""Paths for which no token is needed: they tell nothing of anybody."""

_PUBLIC_PREFIX = "/static/"
"""The same for all files of the pages."""

_TOKEN_CACHE_SECONDS = 1.0
"""For so long a token that was found good is good without another look: a revoked one ends that soon."""

_MAX_HEADER_BYTES = 65_536
"""Bytes of the headers of a request."""


class Authenticator:
    """Lets in whoever has a token, each at a rate of its own."""

    def __init__(self, find: Callable[[str], Awaitable[Device | None]], largest: int, rate: float) -> None:
        """*find* looks a token up; *largest* is the size of a body in bytes, *rate* the calls a second of a device."""
        self.find_device = find
        self.calls_per_second = rate
        self.body_budget = BodyBudget(largest)
        self.throttle = SignInThrottle()
        self.cached_devices: dict[str, tuple[Device, float]] = {}
        """Tokens that were good when they were last looked up, and when that was."""
        self.call_buckets: dict[str, tuple[float, float]] = {}
        """Of each device, the calls that it may still make at once, and when that was counted."""
        self.seen_device_ids: set[str] = set()
        """Devices that were heard of since this was last emptied."""

    def take_seen_device_ids(self) -> set[str]:
        """The devices that were heard of since this was last asked."""
        heard, self.seen_device_ids = self.seen_device_ids, set()
        return heard

    def wrap_app(self, app: _AsgiApp) -> _AsgiApp:
        """*app* behind this door."""

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            try:
                await self._admit(scope, Headers(scope=scope))
            except Exception as error:  # a database that cannot be read, too
                return await problem_response(to_problem(error))(scope, receive, send)
            incoming = LimitedBody(receive, self.body_budget)
            try:
                return await app(scope, incoming.receive_limited, send)
            finally:
                incoming.release_budget()

        return guarded

    async def _admit(self, scope: Any, headers: Headers) -> None:
        """
        Put the caller's device into *scope*.

        Raises:
            Problem: it may not come in, or not now.
        """
        if sum(len(name) + len(value) for name, value in headers.raw) > _MAX_HEADER_BYTES:
            raise ApiProblem(431, f"The head is too large: at most {_MAX_HEADER_BYTES} bytes.")
        length = headers.get("content-length", "")
        self.body_budget.check_fits(int(length) if length.isdecimal() else 0)
        scope["strangers"] = self.throttle
        path = scope["path"]
        if path in _PUBLIC_PATHS or path.startswith(_PUBLIC_PREFIX):
            return
        device = await self._authenticate(_parse_bearer_token(headers), get_client_address(scope))
        self._consume_call(device)
        self.seen_device_ids.add(device.id)
        scope["device"] = device

    async def _authenticate(self, token: str, host: str) -> Device:
        """
        The device that has *token*. Only wrong tokens are slowed: a right one is let in, whatever others at the same
        address try, and costs one hash.

        Raises:
            Problem: none has.
            StoreError: the database cannot be read, so that nobody knows.
        """
        now = time.monotonic()
        known = self.cached_devices.get(token)
        if known and now - known[1] < _TOKEN_CACHE_SECONDS:
            return known[0]
        device = await self.find_device(token) if token else None
        if device is None:
            self.cached_devices.pop(token, None)
            if token:
                self.throttle.check_allowed(host)
                self.throttle.record_failure(host)
            raise ApiProblem(
                401, "A token is needed: `kiosk token new`, or scan the code that `kiosk token pair` shows."
            )
        self.cached_devices[token] = (device, now)
        return device

    def _consume_call(self, device: Device) -> None:
        """
        Take one call from what *device* may make: so many at once, and *rate* more each second.

        Raises:
            Problem: it made too many.
        """
        now = time.monotonic()
        most = max(1.0, self.calls_per_second * 2)
        left, counted = self.call_buckets.get(device.id, (most, now))
        left = min(most, left + (now - counted) * self.calls_per_second)
        if left < 1:
            self.call_buckets[device.id] = (left, now)
            wait = max(1, round((1 - left) / self.calls_per_second))
            raise ApiProblem(429, "Too many calls from this device; slow down.", retry_after=wait)
        self.call_buckets[device.id] = (left - 1, now)


def _parse_bearer_token(headers: Headers) -> str:
    """The bearer's token (RFC 6750)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
