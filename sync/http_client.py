"""HTTP as a booth needs it: every failure is one of `sync.errors`, a call always ends, no redirect is followed."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import httpx

from sync.connection_context import ConnectionContext
from sync.connectivity import Connectivity, check_internet
from sync.errors import ConfigurationFault, NoAddress, NotAuthorised, Offline, OutcomeUnknown, SyncError
from sync.rate_limiter import Rate, RateLimiter
from sync.response_body import ACCEPT_ENCODING, BROKEN_MESSAGE, BodyReader
from sync.scrubbing import find_header_secrets, find_url_secrets, scrub_bytes, scrub_document, scrub_text
from sync.settings.urls import is_local_address, parse_origin
from sync.transport import find_proxy, make_transport, redact_proxy
from sync.transport_errors import UNSENDABLE_MESSAGE, translate_error

HTTP_TIMEOUT = httpx.Timeout(30.0, connect=10.0, write=20.0)
"""Seconds without a sign of life, as conference WiFi was measured to need."""

RECONNECT_TIMEOUT_SECONDS = 4.0
"""Seconds for a connection when the last one failed: a network that is back is found soon."""

CALL_DEADLINE_SECONDS = 45.0
"""Seconds for a whole call, however slowly its answer drips."""

_UNRESOLVED_HOST_SECONDS = 600.0
"""That a host may be without an address while the internet is there, before the set-up is suspected."""


@dataclass(frozen=True, slots=True)
class CrmResponse:
    """What a server said, without our secrets, which some CRMs quote."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str = ""
    """That was asked."""
    is_captive_portal: bool = False
    """Whether it is a page for people or a redirect, where nothing says that the internet is there."""
    is_host_verified: bool = False
    """Whether the CRM's host itself said it: over HTTPS, with a certificate that was verified."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What may stand escaped in it, and nobody may read."""

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people, where an API would answer with data; some call their data HTML."""
        start = self.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
        is_called_html = "html" in self.headers.get("content-type", "").lower()
        return start.startswith((b"<!doctype", b"<html")) or (is_called_html and not start.startswith((b"{", b"[")))

    @property
    def text(self) -> str:
        """The body as text."""
        return scrub_text(self.body.decode("utf-8-sig", "replace"), self.secrets)

    def json(self) -> Any:
        """
        The body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        try:
            return scrub_document(json.loads(self.body.decode("utf-8-sig")), self.secrets)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


NO_HEADERS: Mapping[str, str] = {}


class HttpClient:
    """A connection to one CRM, kept open between calls."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        secret_headers: Callable[[], Mapping[str, str]] = lambda: NO_HEADERS,
        context: ConnectionContext | None = None,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        """
        *base* is a URL of the CRM: personal data and *headers* go to its origin and nowhere else.

        *secret_headers* gives the headers that hold a credential, anew for each call; it may raise ValueError.
        """
        self.base_url = base_url
        self.origin = parse_origin(base_url)
        self.host = str(self.origin[1])
        agent = f"booth-kiosk/{version('booth-kiosk')}"
        self.headers = {"User-Agent": agent, "Accept-Encoding": ACCEPT_ENCODING, **headers}
        self.read_secret_headers = secret_headers
        self.network = (context or ConnectionContext()).network
        self.rate_limiter = rate_limiter or RateLimiter("", Rate())
        self.client: httpx.AsyncClient | None = None
        self.is_disconnected = False
        """Whether the last call found no connection."""
        self.unresolved_since: float | None = None
        """Since when nobody knows an address for the host, in seconds of `time.monotonic`."""

    async def send(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        form: bool = False,
        secrets: Iterable[str] = (),
    ) -> CrmResponse:
        """
        Send *body* (as JSON, as a *form*, or bytes as they are) and return what was answered, whatever that is.

        *secrets* are those in *body* or *url*; like those in the headers, they are taken out of the answer.

        Raises:
            SyncError: there was no answer, for the reason that it says.
        """
        if parse_origin(url) != self.origin:
            raise ConfigurationFault("The CRM's addresses are on different hosts: correct kiosk.toml.")
        try:
            secret = self.read_secret_headers()
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be had: {error}") from error
        content = {"content" if isinstance(body, bytes) else "data" if form else "json": body}
        async with self.rate_limiter.wait_for_slot():
            answer = await self._call_and_translate(method, url, {**headers, **secret}, content)
        is_strange = answer.is_html or 300 <= answer.status < 400
        portal = is_strange and (await self._check_connectivity()).internet in ("no", "login page")
        hidden = (*find_header_secrets(secret), *find_url_secrets(url), *secrets)
        return CrmResponse(
            answer.status,
            {name: scrub_text(value, hidden) for name, value in answer.headers.items()},
            scrub_bytes(answer.body, hidden),
            scrub_text(url, hidden),
            portal,
            is_host_verified=self.origin[0] == "https",
            secrets=hidden,
        )

    async def _call_and_translate(
        self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> CrmResponse:
        """
        One call.

        Raises:
            SyncError: there was no answer.
        """
        around = asyncio.create_task(self._check_connectivity()) if self.is_disconnected else None
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                answer = await self._exchange(method, url, headers, content)
            self.is_disconnected = False
            return answer
        except TimeoutError as error:
            raise OutcomeUnknown("The CRM's answer took too long.") from error
        except httpx.HTTPError as error:
            proxy = redact_proxy(find_proxy(self.network.proxy, self.base_url) or "")
            fault = translate_error(error, self.host, proxy=proxy)
            self.is_disconnected = isinstance(fault, Offline)
            if self.is_disconnected:
                fault = translate_error(error, self.host, await (around or self._check_connectivity()), proxy)
            raise self._find_wrong_host(fault) or fault from error
        except OSError as error:  # of encryption, that broke in the middle of an answer
            raise OutcomeUnknown(BROKEN_MESSAGE) from error
        except UnicodeEncodeError as error:  # of a header
            raise ConfigurationFault(UNSENDABLE_MESSAGE) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise ConfigurationFault(
                f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml."
            ) from error
        finally:
            if around is not None:
                around.cancel()

    def _find_wrong_host(self, fault: SyncError) -> ConfigurationFault | None:
        """Whether the CRM's host has had no address for so long, with the internet there, that kiosk.toml is wrong."""
        if not isinstance(fault, NoAddress):
            self.unresolved_since = None
            return None
        self.unresolved_since = self.unresolved_since or time.monotonic()
        if time.monotonic() - self.unresolved_since < _UNRESOLVED_HOST_SECONDS:
            return None
        return ConfigurationFault(
            f"CRM set-up: nobody knows a host called {self.host}: correct its address in kiosk.toml."
        )

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> CrmResponse:
        """One request and its whole answer, see `BodyReader`."""
        if self.client is None:
            self.client = httpx.AsyncClient(headers=self.headers, transport=make_transport(self.network, self.base_url))
        timeout = (
            httpx.Timeout(HTTP_TIMEOUT.read, connect=RECONNECT_TIMEOUT_SECONDS, write=HTTP_TIMEOUT.write)
            if self.is_disconnected
            else HTTP_TIMEOUT
        )
        async with self.client.stream(method, url, headers=dict(headers), timeout=timeout, **content) as response:
            reader = BodyReader(response.headers.get("content-encoding", ""))
            async for piece in response.aiter_raw():
                reader.feed(piece)
            return CrmResponse(response.status_code, dict(response.headers), reader.finish())

    async def _check_connectivity(self) -> Connectivity:
        """Whether the internet is there, where the CRM should be in it."""
        if is_local_address(self.host):
            return Connectivity()
        check_url = self.network.check_url
        return await check_internet(check_url, proxy=find_proxy(self.network.proxy, check_url))

    async def aclose(self) -> None:
        """Let go of the connection."""
        if self.client is not None:
            await self.client.aclose()
        self.rate_limiter.close()
