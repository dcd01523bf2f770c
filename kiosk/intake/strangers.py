"""Whoever tries out wrong tokens and codes is slowed, address by address; right ones are always let in."""

import time
from ipaddress import IPv6Address, ip_address

from kiosk.intake.body import Problem

TRIES = 20
"""Wrong tokens and codes from one address, after which further wrong ones are answered with 429 for a minute."""

SECONDS = 60.0

ADDRESSES = 10_000
"""That are remembered at the same time."""


class Strangers:
    """Counts what was tried in vain."""

    def __init__(self) -> None:
        self.wrong: dict[str, tuple[int, float]] = {}
        """Of each address, how often, and since when."""

    def look(self, host: str) -> None:
        """
        See that *host* may try once more.

        Raises:
            Problem: it may not, for now.
        """
        tries, since = self.wrong.get(network(host), (0, 0.0))
        left = since + SECONDS - time.monotonic()
        if tries >= TRIES and left > 0:
            wait = max(1, round(left))
            raise Problem(429, "Too many wrong tokens or codes from this address; wait a minute.", retry_after=wait)

    def failed(self, host: str) -> None:
        """Note that *host* tried in vain."""
        name, now = network(host), time.monotonic()
        tries, since = self.wrong.pop(name, (0, now))
        self.wrong[name] = (tries + 1, since) if now - since < SECONDS else (1, now)
        if len(self.wrong) > ADDRESSES:
            del self.wrong[next(iter(self.wrong))]


def network(host: str) -> str:
    """What counts as one address: of IPv6 everybody has as many as they like, within one network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
