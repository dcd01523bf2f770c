"""Whoever tries out wrong tokens and codes is slowed, address by address; right ones are always let in."""

import time
from ipaddress import IPv6Address, ip_address

from kiosk.api.wire.requests import ApiProblem

MAX_FAILURES = 20
"""Wrong tokens and codes from one address, after which further wrong ones are answered with 429 for a minute."""

_WINDOW_SECONDS = 60.0

_MAX_ADDRESSES = 10_000
"""That are remembered at the same time."""


class SignInThrottle:
    """Counts what was tried in vain."""

    def __init__(self) -> None:
        self.failures: dict[str, tuple[int, float]] = {}
        """Of each address, how often, and since when."""

    def check_allowed(self, host: str) -> None:
        """
        See that *host* may try once more.

        Raises:
            Problem: it may not, for now.
        """
        tries, since = self.failures.get(normalize_address(host), (0, 0.0))
        left = since + _WINDOW_SECONDS - time.monotonic()
        if tries >= MAX_FAILURES and left > 0:
            wait = max(1, round(left))
            raise ApiProblem(429, "Too many wrong tokens or codes from this address; wait a minute.", retry_after=wait)

    def record_failure(self, host: str) -> None:
        """Note that *host* tried in vain."""
        name, now = normalize_address(host), time.monotonic()
        tries, since = self.failures.pop(name, (0, now))
        self.failures[name] = (tries + 1, since) if now - since < _WINDOW_SECONDS else (1, now)
        if len(self.failures) > _MAX_ADDRESSES:
            del self.failures[next(iter(self.failures))]


def normalize_address(host: str) -> str:
    """What counts as one address: of IPv6 everybody has as many as they like, within one network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
