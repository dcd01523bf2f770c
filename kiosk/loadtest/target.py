"""The kiosk under load: its address, and how its leads are counted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from kiosk.loadtest.connection import HttpConnection, encode_request

# The largest page of leads that the API allows.
_PAGE_LEADS = 200

_TIMEOUT_SECONDS = 30.0


class TargetUnavailable(Exception):
    """There is no kiosk that may be loaded; `str()` says why and what to do."""


class WrongTarget(TargetUnavailable):
    """The command line names something that is not a kiosk on this device."""


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """How many leads of a load test there are; None if that cannot be seen from outside."""

    saved: int
    delivered: int
    duplicates: int | None = None
    """Contacts in the CRM beyond the first with the same e-mail address."""


class LoadTarget(Protocol):
    """A kiosk that accepts posts at `host`:`port` with `token`."""

    host: str
    port: int
    token: str

    def count_leads(self, mark: str) -> LeadCounts:
        """Count the leads whose e-mail address has *mark* in it."""


class RunningKiosk:
    """A kiosk on this device that is already running, in practice mode."""

    def __init__(self, url: str, token: str) -> None:
        """
        Check that it may be loaded.

        Raises:
            TargetUnavailable: it may not.
        """
        self.host, self.port = parse_loopback_url(url)
        if not token:
            raise TargetUnavailable(
                "No token given: set KIOSK_TOKEN. Make one with `kiosk token new loadtest --role read`."
            )
        self.token = token
        status = self._get_json("/api/v1/sync/status")
        if not status["practice"]:
            raise TargetUnavailable(
                "That kiosk sends to a real CRM, which would get all these leads. Start one in practice mode."
            )

    def count_leads(self, mark: str) -> LeadCounts:
        """Count the leads whose e-mail address has *mark* in it; only the CRM could count duplicates."""
        saved = self._count_matching(f"search={quote(mark)}")
        return LeadCounts(saved, self._count_matching(f"search={quote(mark)}&state=delivered"))

    def _count_matching(self, query: str) -> int:
        """Count the leads that match *query*, page by page."""
        number, cursor = 0, ""
        while True:
            page = self._get_json(f"/api/v1/contacts?limit={_PAGE_LEADS}&{query}{cursor}")
            number += len(page["contacts"])
            if not page["next_cursor"]:
                return number
            cursor = f"&cursor={page['next_cursor']}"

    def _get_json(self, path: str) -> Mapping[str, Any]:
        """
        Get the JSON at *path*.

        Raises:
            TargetUnavailable: there is no kiosk, or it refuses.
        """
        try:
            status, document = asyncio.run(self._fetch_json(path))
        except (OSError, ValueError):
            raise TargetUnavailable(
                f"No kiosk answers at {self.host}:{self.port}; start one with `kiosk serve`."
            ) from None
        if status == 200 and isinstance(document, dict):
            return document
        if status in (401, 403):
            raise TargetUnavailable(
                "The token is not valid there, or is not allowed to read. "
                "Make one: `kiosk token new loadtest --role read`."
            )
        if status == 429:
            raise TargetUnavailable("The kiosk is busy; try again in a minute.")
        raise TargetUnavailable(f"The server at {self.host}:{self.port} is not a kiosk (status {status}).")

    async def _fetch_json(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON of *path*."""
        connection = await HttpConnection.open(self.host, self.port, _TIMEOUT_SECONDS)
        try:
            request = encode_request("GET", path, f"{self.host}:{self.port}", self.token)
            response = await connection.send_request(request, _TIMEOUT_SECONDS)
            return response.status, response.json()
        finally:
            connection.close()


def parse_loopback_url(url: str) -> tuple[str, int]:
    """
    Return the address and the port in *url*.

    Raises:
        WrongTarget: it is not an address of this device.
    """
    try:
        parts = urlsplit(url)
        host, port = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or "", parts.port
        is_own = parts.scheme == "http" and ip_address(host).is_loopback and parts.path in ("", "/")
    except ValueError:
        is_own, port = False, None
    if not is_own or port is None:
        raise WrongTarget("Only a kiosk on this device can be load-tested: --url must look like http://127.0.0.1:8770.")
    return host, port
