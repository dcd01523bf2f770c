"""HTTP as a booth needs it: every failure is one of `sync.errors`, a call always ends, no redirect is followed."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import httpx

from sync.broken import UNSENDABLE, translated
from sync.decoding import ACCEPT_ENCODING, BROKEN, BodyReader
from sync.errors import NoAddress, NotAuthorised, Offline, SetUpFault, SyncError, Unsure
from sync.internet import Surroundings, look_around
from sync.line import Line
from sync.pace import Pace, Rate
from sync.scrub import scrub, scrub_bytes, scrub_document, secrets_in, secrets_in_url
from sync.settings.urls import is_near, origin
from sync.way import proxy_for, spoken, transport

TIMEOUT = httpx.Timeout(30.0, connect=10.0, write=20.0)
"""Seconds without a sign of life, as conference WiFi was measured to need."""

CONNECT_AGAIN = 4.0
"""Seconds for a connection when the last one failed: a network that is back is found soon."""

DEADLINE = 45.0
"""Seconds for a whole call, however slowly its answer drips."""

NAMELESS_SECONDS = 600.0
"""That a host may be without an address while the internet is there, before the set-up is suspected."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, without our secrets, which some CRMs quote."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str = ""
    """That was asked."""
    is_portal: bool = False
    """Whether it is a page for people or a redirect, where nothing says that the internet is there."""
    is_proven: bool = False
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
        return scrub(self.body.decode("utf-8-sig", "replace"), self.secrets)

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


class Http:
    """A connection to one CRM, kept open between calls."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        *,
        secret: Callable[[], Mapping[str, str]] = lambda: NO_HEADERS,
        line: Line | None = None,
        pace: Pace | None = None,
    ) -> None:
        """
        *base* is a URL of the CRM: personal data and *headers* go to its origin and nowhere else.

        *secret* gives the headers that hold a credential, anew for each call; it may raise ValueError.
        """
        self.base = base
        self.origin = origin(base)
        self.host = str(self.origin[1])
        agent = f"booth-kiosk/{version('booth-kiosk')}"
        self.headers = {"User-Agent": agent, "Accept-Encoding": ACCEPT_ENCODING, **headers}
        self.secret = secret
        self.network = (line or Line()).network
        self.pace = pace or Pace("", Rate())
        self.client: httpx.AsyncClient | None = None
        self.is_lost = False
        """Whether the last call found no connection."""
        self.nameless_since: float | None = None
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
    ) -> Answer:
        """
        Send *body* (as JSON, as a *form*, or bytes as they are) and return what was answered, whatever that is.

        *secrets* are those in *body* or *url*; like those in the headers, they are taken out of the answer.

        Raises:
            SyncError: there was no answer, for the reason that it says.
        """
        if origin(url) != self.origin:
            raise SetUpFault("The CRM's addresses are on different hosts: correct kiosk.toml.")
        try:
            secret = self.secret()
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be had: {error}") from error
        content = {"content" if isinstance(body, bytes) else "data" if form else "json": body}
        async with self.pace.turn():
            answer = await self.answered(method, url, {**headers, **secret}, content)
        is_strange = answer.is_html or 300 <= answer.status < 400
        portal = is_strange and (await self.look_around()).internet in ("no", "login page")
        hidden = (*secrets_in(secret), *secrets_in_url(url), *secrets)
        return Answer(
            answer.status,
            {name: scrub(value, hidden) for name, value in answer.headers.items()},
            scrub_bytes(answer.body, hidden),
            scrub(url, hidden),
            portal,
            is_proven=self.origin[0] == "https",
            secrets=hidden,
        )

    async def answered(self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]) -> Answer:
        """
        One call.

        Raises:
            SyncError: there was no answer.
        """
        around = asyncio.create_task(self.look_around()) if self.is_lost else None
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await self.call(method, url, headers, content)
            self.is_lost = False
            return answer
        except TimeoutError as error:
            raise Unsure("The CRM's answer took too long.") from error
        except httpx.HTTPError as error:
            proxy = spoken(proxy_for(self.network.proxy, self.base) or "")
            fault = translated(error, self.host, proxy=proxy)
            self.is_lost = isinstance(fault, Offline)
            if self.is_lost:
                fault = translated(error, self.host, await (around or self.look_around()), proxy)
            raise self.wrong_host(fault) or fault from error
        except OSError as error:  # of encryption, that broke in the middle of an answer
            raise Unsure(BROKEN) from error
        except UnicodeEncodeError as error:  # of a header
            raise SetUpFault(UNSENDABLE) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise SetUpFault(f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml.") from error
        finally:
            if around is not None:
                around.cancel()

    def wrong_host(self, fault: SyncError) -> SetUpFault | None:
        """Whether the CRM's host has had no address for so long, with the internet there, that kiosk.toml is wrong."""
        if not isinstance(fault, NoAddress):
            self.nameless_since = None
            return None
        self.nameless_since = self.nameless_since or time.monotonic()
        if time.monotonic() - self.nameless_since < NAMELESS_SECONDS:
            return None
        return SetUpFault(f"CRM set-up: nobody knows a host called {self.host}: correct its address in kiosk.toml.")

    async def call(self, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]) -> Answer:
        """One request and its whole answer, see `BodyReader`."""
        if self.client is None:
            self.client = httpx.AsyncClient(headers=self.headers, transport=transport(self.network, self.base))
        timeout = httpx.Timeout(TIMEOUT.read, connect=CONNECT_AGAIN, write=TIMEOUT.write) if self.is_lost else TIMEOUT
        async with self.client.stream(method, url, headers=dict(headers), timeout=timeout, **content) as response:
            reader = BodyReader(response.headers.get("content-encoding", ""))
            async for piece in response.aiter_raw():
                reader.feed(piece)
            return Answer(response.status_code, dict(response.headers), reader.finish())

    async def look_around(self) -> Surroundings:
        """Whether the internet is there, where the CRM should be in it."""
        if is_near(self.host):
            return Surroundings()
        check_url = self.network.check_url
        return await look_around(check_url, proxy=proxy_for(self.network.proxy, check_url))

    async def aclose(self) -> None:
        """Let go of the connection."""
        if self.client is not None:
            await self.client.aclose()
        self.pace.close()
