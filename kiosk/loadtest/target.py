"""The kiosk that is to carry the load: its address, and what can be asked of it about that load."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from kiosk.loadtest.connection import HttpConnection, encode_request

PAGE_LEADS = 200
"""Leads that a page of the API holds at the most."""

_TIMEOUT_SECONDS = 30.0


class TargetUnavailable(Exception):
    """That is no kiosk to be loaded; `str()` says why, and what to do."""


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """What became of the leads of a load; None is what cannot be told from outside."""

    saved: int
    delivered: int
    duplicates: int | None = None
    """Contacts that the CRM has beyond one for each e-mail."""


class LoadTarget(Protocol):
    """A kiosk that takes posts at `host`:`port` from whoever has `token`."""

    host: str
    port: int
    token: str

    def count_leads(self, mark: str) -> LeadCounts:
        """What became of the leads whose e-mail has *mark* in it."""


class RunningKiosk:
    """A kiosk of this device that runs already, and rehearses."""

    def __init__(self, url: str, token: str) -> None:
        """
        Look whether it may be loaded.

        Raises:
            NotThere: it may not.
        """
        self.host, self.port = parse_loopback_url(url)
        self.token = token
        status = self._get_json("/api/v1/sync/status")
        if not status["practice"]:
            raise TargetUnavailable(
                "That kiosk delivers to a real CRM, which would get all these leads; start a practice."
            )

    def count_leads(self, mark: str) -> LeadCounts:
        """What became of the leads whose e-mail has *mark* in it; what the CRM has twice, only the CRM could tell."""
        saved = self._count_matching(f"search={quote(mark)}")
        return LeadCounts(saved, self._count_matching(f"search={quote(mark)}&state=delivered"))

    def _count_matching(self, query: str) -> int:
        """How many leads there are of which *query* is true."""
        number, cursor = 0, ""
        while True:
            page = self._get_json(f"/api/v1/contacts?limit={PAGE_LEADS}&{query}{cursor}")
            number += len(page["contacts"])
            if not page["next_cursor"]:
                return number
            cursor = f"&cursor={page['next_cursor']}"

    def _get_json(self, path: str) -> Mapping[str, Any]:
        """
        What the kiosk answers.

        Raises:
            NotThere: nothing that a kiosk would.
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
                "The token is none that may read there; make one: `kiosk token new loadtest --role read`."
            )
        if status == 429:
            raise TargetUnavailable("The kiosk asks to wait; try it again in a minute.")
        raise TargetUnavailable(f"What answers at {self.host}:{self.port} is no kiosk (status {status}).")

    async def _fetch_json(self, path: str) -> tuple[int, Any]:
        """The status and the document that *path* has."""
        connection = await HttpConnection.open(self.host, self.port, _TIMEOUT_SECONDS)
        try:
            answer = await connection.send_request(
                encode_request("GET", path, f"{self.host}:{self.port}", self.token), _TIMEOUT_SECONDS
            )
            return answer.status, answer.json()
        finally:
            connection.close()


def parse_loopback_url(url: str) -> tuple[str, int]:
    """
    The address and the port in *url*.

    Raises:
        NotThere: it is none of this device's own.
    """
    try:
        parts = urlsplit(url)
        host, port = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or "", parts.port
        is_own = parts.scheme == "http" and ip_address(host).is_loopback and parts.path in ("", "/")
    except ValueError:
        is_own, port = False, None
    if not is_own or port is None:
        raise TargetUnavailable("Only a kiosk of this device can be loaded: --url must be like http://127.0.0.1:8770.")
    return host, port
