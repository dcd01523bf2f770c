"""Checks whether this device has a network, and internet access. Used when the CRM cannot be reached."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

import httpx

from sync.retry_after import parse_http_date

CHECK_TIMEOUT_SECONDS = 4.0
"""Limit for the whole check."""

# The longest answer to a connectivity check; a login page is longer.
_MAX_CHECK_BYTES = 200

_ROUTE_TABLES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))

_InternetState: TypeAlias = Literal["yes", "no", "login page", "not asked"]  # not shown: a state in code


@dataclass(frozen=True, slots=True)
class Connectivity:
    """What the connectivity check found."""

    internet: _InternetState = "not asked"  # not shown: a state in code
    server_time: datetime | None = None
    """The time according to the server that answered; None if none did."""


async def check_internet(check_url: str, *, proxy: str | None = None) -> Connectivity:
    """Check by *check_url* whether there is internet access; it gets no data, and no redirect is followed."""
    # An empty URL means that no foreign server may be contacted.
    if not check_url:
        return Connectivity()
    try:
        async with (
            asyncio.timeout(CHECK_TIMEOUT_SECONDS),
            httpx.AsyncClient(trust_env=False, proxy=proxy) as client,
            client.stream("GET", check_url) as answer,
        ):
            date = parse_http_date(answer.headers.get("date", ""))
            body = b""
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > _MAX_CHECK_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, ImportError):
        return Connectivity("no")
    is_there = answer.status_code == 204 or (
        answer.status_code == 200 and len(body) <= _MAX_CHECK_BYTES and b"<" not in body
    )
    return Connectivity("yes" if is_there else "login page", date)  # not shown: a state in code


def has_network() -> bool:
    """Return whether this device has a default route, as proc(5) lists them; True if that cannot be known."""
    found = False
    for path in _ROUTE_TABLES:
        try:
            lines = path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        found = True
        if any(_is_default_route(line.split()) for line in lines):
            return True
    return not found


def _is_default_route(fields: list[str]) -> bool:
    """Return whether a line of /proc/net/route or /proc/net/ipv6_route is a default route, and not the loopback's."""
    if len(fields) == 10:  # IPv6: the device is the last field, and an unreachable default route is on `lo`
        return fields[0] == "0" * 32 and fields[1] == "00" and fields[9] != "lo"
    return len(fields) == 11 and fields[1] == "00000000" and fields[7] == "00000000"
