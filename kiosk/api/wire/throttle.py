"""
The sign-in throttle: slows down whoever guesses tokens and pairing codes, by address.

Valid tokens and codes are accepted all the same, so that a guesser cannot lock out devices behind the same address.
"""

import time
from ipaddress import IPv6Address, ip_address

from kiosk.api.wire.problems import ApiProblem

# How many wrong tokens and codes one address may try within a window; until it is over, more of them get 429.
MAX_FAILURES = 20

_WINDOW_SECONDS = 60.0

# How many addresses are remembered. The oldest is forgotten first, so that a flood of addresses cannot fill the memory.
_MAX_ADDRESSES = 10_000


class SignInThrottle:
    """Counts failed sign-ins by address."""

    def __init__(self) -> None:
        self.failures: dict[str, tuple[int, float]] = {}
        """By address: how many failures, and since when (monotonic seconds)."""

    def check_allowed(self, address: str) -> None:
        """
        Check that *address* may fail once more.

        Raises:
            ApiProblem: it failed too often within the last minute.
        """
        failures, since = self.failures.get(normalize_address(address), (0, 0.0))
        seconds_left = since + _WINDOW_SECONDS - time.monotonic()
        if failures >= MAX_FAILURES and seconds_left > 0:
            raise ApiProblem(
                429,
                "Too many wrong tokens or codes from this address; wait a minute.",
                retry_after=max(1, round(seconds_left)),
            )

    def record_failure(self, address: str) -> None:
        """Count a failed sign-in of *address*."""
        key, now = normalize_address(address), time.monotonic()
        failures, since = self.failures.pop(key, (0, now))
        self.failures[key] = (failures + 1, since) if now - since < _WINDOW_SECONDS else (1, now)
        if len(self.failures) > _MAX_ADDRESSES:
            del self.failures[next(iter(self.failures))]


def normalize_address(address: str) -> str:
    """Reduce an IPv6 *address* to its /64 network, within which everybody has as many addresses as they like."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address
