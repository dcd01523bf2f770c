"""Authentication and the limits of each device: ASGI middleware around all routes."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers

from data.devices import Device
from kiosk.api.wire.body_limits import BodyBudget, LimitedBody
from kiosk.api.wire.caller import get_client_address
from kiosk.api.wire.problems import ApiProblem, problem_response, to_problem
from kiosk.api.wire.throttle import SignInThrottle

_AsgiApp = Callable[..., Awaitable[None]]

# Paths that need no token: they reveal nothing about anybody. `/api/v1/pair` takes a one-time code instead.
_PUBLIC_PATHS = frozenset({"/", "/healthz", "/readyz", "/api/v1/pair", "/openapi.json", "/docs", "/numbers"})
_PUBLIC_PREFIX = "/static/"

# How long a valid token is accepted without another look-up, so a revoked token works for up to that long.
_TOKEN_CACHE_SECONDS = 1.0

_MAX_HEADER_BYTES = 65_536


class Authenticator:
    """Lets in requests with a valid token, within each device's rate limit."""

    def __init__(
        self,
        find_device: Callable[[str], Device | None],
        throttle: SignInThrottle,
        max_body_bytes: int,
        calls_per_second: float,
    ) -> None:
        """*find_device* looks up a token in the database; *calls_per_second* is the rate limit of each device."""
        self.find_device = find_device
        self.throttle = throttle
        self.calls_per_second = calls_per_second
        self.body_budget = BodyBudget(max_body_bytes)
        self.cached_devices: dict[str, tuple[Device, float]] = {}
        """By token: its device, and when it was looked up (monotonic seconds)."""
        self.call_buckets: dict[str, tuple[float, float]] = {}
        """Token buckets by device id: how many calls the device may make now, and when that was counted."""
        self.seen_device_ids: set[str] = set()
        """The devices that called since `take_seen_device_ids`."""

    def take_seen_device_ids(self) -> set[str]:
        """Return the devices that called since this was last called."""
        seen, self.seen_device_ids = self.seen_device_ids, set()
        return seen

    def wrap_app(self, app: _AsgiApp) -> _AsgiApp:
        """Return *app* behind authentication and limits."""

        async def authenticate_and_call(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            try:
                self._admit(scope, Headers(scope=scope))
            except Exception as error:  # among others: the database cannot be read
                return await problem_response(to_problem(error))(scope, receive, send)
            body = LimitedBody(receive, self.body_budget)
            try:
                return await app(scope, body.receive_limited, send)
            finally:
                body.release_budget()

        return authenticate_and_call

    def _admit(self, scope: Any, headers: Headers) -> None:
        """
        Check limits and token, and put the caller's device into *scope*.

        Raises:
            ApiProblem: the request is not admitted, or not now.
        """
        if sum(len(name) + len(value) for name, value in headers.raw) > _MAX_HEADER_BYTES:
            raise ApiProblem(431, f"The head is too large: at most {_MAX_HEADER_BYTES} bytes.")
        # Checked before the token, so that a body that is too large is not read at all.
        length = headers.get("content-length", "")
        self.body_budget.check_fits(int(length) if length.isdecimal() else 0)
        path = scope["path"]
        if path in _PUBLIC_PATHS or path.startswith(_PUBLIC_PREFIX):
            return
        device = self._authenticate(_parse_bearer_token(headers), get_client_address(scope))
        self._consume_call(device)
        self.seen_device_ids.add(device.id)
        scope["device"] = device

    def _authenticate(self, token: str, address: str) -> Device:
        """
        Return the device that has *token*.

        Raises:
            ApiProblem: the token is not valid, or too many invalid ones came from *address*.
            StoreError: the database cannot be read.
        """
        now = time.monotonic()
        cached = self.cached_devices.get(token)
        if cached and now - cached[1] < _TOKEN_CACHE_SECONDS:
            return cached[0]
        device = self.find_device(token) if token else None
        if device is None:
            self.cached_devices.pop(token, None)
            if token:
                # Only after the lookup: a valid token is let in whatever others at the same address try.
                self.throttle.check_allowed(address)
                self.throttle.record_failure(address)
            raise ApiProblem(
                401, "A valid token is needed: run `kiosk token new`, or scan the code of `kiosk token pair`."
            )
        self.cached_devices[token] = (device, now)
        return device

    def _consume_call(self, device: Device) -> None:
        """
        Take one call from the device's token bucket, which holds two seconds' worth of calls.

        Raises:
            ApiProblem: the bucket is empty.
        """
        now = time.monotonic()
        capacity = max(1.0, self.calls_per_second * 2)
        left, counted_at = self.call_buckets.get(device.id, (capacity, now))
        left = min(capacity, left + (now - counted_at) * self.calls_per_second)
        if left < 1:
            self.call_buckets[device.id] = (left, now)
            wait_seconds = max(1, round((1 - left) / self.calls_per_second))
            raise ApiProblem(429, "Too many requests from this device; slow down.", retry_after=wait_seconds)
        self.call_buckets[device.id] = (left - 1, now)


def _parse_bearer_token(headers: Headers) -> str:
    """Return the bearer token (RFC 6750); empty if there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
