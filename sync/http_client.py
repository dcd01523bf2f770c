"""The HTTP client for CRMs: every failure is one of `sync.errors`, calls have a deadline, no redirect is followed."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import httpx

from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectivity import Connectivity, check_internet
from sync.errors import ConfigurationFault, NoAddress, NotAuthorised, Offline, OutcomeUnknown, SyncError
from sync.rate_limiter import Rate, RateLimiter
from sync.response_body import ACCEPT_ENCODING, BROKEN_MESSAGE, BodyReader
from sync.scrubbing import find_header_secrets, find_url_secrets, scrub_bytes, scrub_document, scrub_text
from sync.settings.urls import is_local_address, parse_origin
from sync.transport import find_proxy, make_transport, redact_proxy
from sync.transport_errors import INVALID_REQUEST_MESSAGE, UNSENDABLE_MESSAGE, translate_error

# Seconds that a step of a call may take without any progress. Conference WiFi was measured to need that much.
HTTP_TIMEOUT = httpx.Timeout(30.0, connect=10.0, write=20.0)

# How long to try to connect after a failed connection. Short, so that a network that is back is noticed soon.
RECONNECT_TIMEOUT_SECONDS = 4.0

# How long a whole call may take, however slowly its response trickles in.
CALL_DEADLINE_SECONDS = 45.0

# How long a host may have no address, despite internet access, before the URL in kiosk.toml is blamed.
_UNRESOLVED_HOST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class CrmResponse:
    """A server's response. Some CRMs quote our secrets; they are removed."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str = ""
    """The URL of the request."""
    is_captive_portal: bool = False
    """Whether it is a web page or a redirect, and there seems to be no internet access."""
    is_host_verified: bool = False
    """Whether the CRM's host itself sent it: over HTTPS, with a verified certificate."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Secrets that the body may hold in escaped form, and that must be removed once it is decoded."""

    @property
    def is_html(self) -> bool:
        """Whether it is a web page; some APIs send JSON and call it HTML."""
        start = self.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
        is_called_html = "html" in self.headers.get("content-type", "").lower()
        return start.startswith((b"<!doctype", b"<html")) or (is_called_html and not start.startswith((b"{", b"[")))

    @property
    def text(self) -> str:
        """The body as text, without secrets."""
        return scrub_text(self.body.decode("utf-8-sig", "replace"), self.secrets)

    def json(self) -> Any:
        """
        Return the body as JSON, without secrets.

        Raises:
            ValueError: it is not JSON.
        """
        try:
            return scrub_document(json.loads(self.body.decode("utf-8-sig")), self.secrets)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error  # not shown: an inner error


NO_HEADERS: Mapping[str, str] = {}


class HttpClient:
    """An HTTP client for one CRM, whose connection is kept open between calls."""

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
        *base_url* is a URL of the CRM: personal data and *headers* go to its origin and nowhere else.

        *secret_headers* returns the headers that hold a credential; it is called for each call, and may raise
        ValueError.
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
        """Whether the last call could not connect."""
        self.unresolved_since: float | None = None
        """Since when the host has had no address, by `time.monotonic`; None while it has one."""

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
        Send *body* (as JSON, as a *form*, or bytes as they are) and return the response, whatever its status.

        *secrets* are those in *body* or *url*; like those in the headers, they are removed from the response.

        Raises:
            SyncError: there was no response.
        """
        # Personal data and the key must never go to another host, whatever a template or a redirect says.
        if parse_origin(url) != self.origin:
            raise ConfigurationFault(_("The CRM's addresses are on different hosts: correct kiosk.toml."))
        try:
            secret = self.read_secret_headers()
        except ValueError as error:
            raise NotAuthorised(_("The key for the CRM is unavailable: {error}").format(error=error)) from error
        content = {"content" if isinstance(body, bytes) else "data" if form else "json": body}
        async with self.rate_limiter.wait_for_slot():
            answer = await self._call_and_translate(method, url, {**headers, **secret}, content)
        # A page or a redirect may come from a captive portal: only then is the internet access worth a request.
        is_unexpected = answer.is_html or 300 <= answer.status < 400
        is_portal = is_unexpected and (await self._check_connectivity()).internet in (
            "no",
            "login page",  # not shown: a state in code
        )
        hidden = (*find_header_secrets(secret), *find_url_secrets(url), *secrets)
        return CrmResponse(
            answer.status,
            {name: scrub_text(value, hidden) for name, value in answer.headers.items()},
            scrub_bytes(answer.body, hidden),
            scrub_text(url, hidden),
            is_portal,
            is_host_verified=self.origin[0] == "https",
            secrets=hidden,
        )

    async def _call_and_translate(
        self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> CrmResponse:
        """
        Make one call, and translate its failure into one of our errors.

        Raises:
            SyncError: there was no response.
        """
        # After a failure, internet access is checked in parallel, so that booth staff do not wait for both in turn.
        checking = asyncio.create_task(self._check_connectivity()) if self.is_disconnected else None
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                answer = await self._exchange(method, url, headers, content)
            self.is_disconnected = False
            return answer
        except TimeoutError as error:
            raise OutcomeUnknown(_("The CRM took too long to respond.")) from error
        except httpx.HTTPError as error:
            proxy = redact_proxy(find_proxy(self.network.proxy, self.base_url) or "")
            fault = translate_error(error, self.host, proxy=proxy)
            self.is_disconnected = isinstance(fault, Offline)
            if self.is_disconnected:
                fault = translate_error(error, self.host, await (checking or self._check_connectivity()), proxy)
            raise self._find_wrong_host(fault) or fault from error
        except OSError as error:  # TLS that broke in the middle of a response
            raise OutcomeUnknown(_(BROKEN_MESSAGE)) from error
        except UnicodeEncodeError as error:  # a header that is not Latin-1
            raise ConfigurationFault(_(UNSENDABLE_MESSAGE)) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise ConfigurationFault(_(INVALID_REQUEST_MESSAGE).format(error=error)) from error
        finally:
            if checking is not None:
                checking.cancel()

    def _find_wrong_host(self, fault: SyncError) -> ConfigurationFault | None:
        """Return a fault if the host has had no address for so long that kiosk.toml must be wrong."""
        if not isinstance(fault, NoAddress):
            self.unresolved_since = None
            return None
        self.unresolved_since = self.unresolved_since or time.monotonic()
        if time.monotonic() - self.unresolved_since < _UNRESOLVED_HOST_SECONDS:
            return None
        sentence = _("CRM setup: there is no host called {host}: correct its address in kiosk.toml.")
        return ConfigurationFault(sentence.format(host=self.host))

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> CrmResponse:
        """Make one request and read its whole response."""
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
        """Check for internet access, unless the CRM is on this network anyway."""
        if is_local_address(self.host):
            return Connectivity()
        check_url = self.network.check_url
        return await check_internet(check_url, proxy=find_proxy(self.network.proxy, check_url))

    async def aclose(self) -> None:
        """Close the connection."""
        if self.client is not None:
            await self.client.aclose()
        self.rate_limiter.close()
