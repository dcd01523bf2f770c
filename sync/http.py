"""HTTP as a booth needs it: every failure is one of `sync.errors`, a call always ends, no redirect is followed."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import httpx

from sync.errors import CrmDown, LoginPage, Offline, SetUpFault, SyncError, Unsure
from sync.settings import is_near, origin

TIMEOUT = httpx.Timeout(30.0, connect=10.0, write=20.0)
"""Seconds without a sign of life, as conference WiFi was measured to need."""

DEADLINE = 45.0
"""Seconds for a whole call, however slowly its answer drips."""

LARGEST = 5_000_000
"""Bytes of an answer."""

PORTAL = "The WiFi wants a sign-in first: open a browser on this network."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people, where an API would answer with data."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:15].lower().startswith(
            (b"<!doctype", b"<html")
        )

    def json(self) -> Any:
        """
        The body as JSON.

        Raises:
            ValueError: it is none.
        """
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class Http:
    """A connection to one CRM, kept open between calls."""

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        """*base* is a URL of the CRM: personal data and *headers* go to its origin and nowhere else."""
        self.origin = origin(base)
        self.headers = {"User-Agent": f"booth-kiosk/{version('booth-kiosk')}", **headers}
        self.client: httpx.AsyncClient | None = None

    async def send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """
        Send *body* as JSON and return whatever was answered, errors and redirects included.

        Raises:
            SyncError: there was no answer, for the reason that it says.
        """
        if origin(url) != self.origin:
            raise SetUpFault("The CRM's addresses are on different hosts: correct kiosk.toml.")
        try:
            async with asyncio.timeout(DEADLINE):
                return await self.call(method, url, body, headers)
        except TimeoutError as error:
            raise Unsure("The CRM's answer took too long.") from error
        except httpx.HTTPError as error:
            raise translated(error, str(self.origin[1])) from error
        except (httpx.InvalidURL, ValueError, ImportError) as error:
            raise SetUpFault(f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml.") from error

    async def call(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request and its whole answer, up to `LARGEST`."""
        if self.client is None:
            near = is_near(str(self.origin[1]))
            self.client = httpx.AsyncClient(headers=self.headers, timeout=TIMEOUT, trust_env=not near)
        async with self.client.stream(method, url, json=body, headers=dict(headers)) as response:
            received = bytearray()
            async for piece in response.aiter_bytes():
                received += piece
                if len(received) > LARGEST:
                    raise CrmDown("The answer is far too large for a CRM's.")
            return Answer(response.status_code, dict(response.headers), bytes(received))

    async def aclose(self) -> None:
        """Let go of the connection."""
        if self.client is not None:
            await self.client.aclose()


def translated(error: httpx.HTTPError, host: str) -> SyncError:
    """What *error* means: whether anything can have arrived, and who is at fault."""
    match error:
        case httpx.ConnectError():
            return no_connection(error, host)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Offline(f"{host} does not answer: there is no way to it from this network.")
        case httpx.ProxyError():
            return Offline("The proxy of this network does not let us through.")
        case httpx.WriteTimeout():
            return Offline("The network stopped while sending.")
        case httpx.LocalProtocolError():
            return SetUpFault("A header or the token holds a character that cannot be sent: correct kiosk.toml.")
        case httpx.UnsupportedProtocol():
            return SetUpFault(f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml.")
        case httpx.ReadTimeout():
            return Unsure("The CRM did not answer in time.")
        case httpx.DecodingError():
            return Unsure("The CRM's answer arrived damaged.")
    return Unsure("The connection broke before the CRM's answer was complete.")


def no_connection(error: httpx.ConnectError, host: str) -> SyncError:
    """Why no connection came about: nothing was sent in any case."""
    cause = root(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return untrusted(cause, host)
    if isinstance(cause, ssl.SSLError):
        return LoginPage(PORTAL)
    if isinstance(cause, ConnectionRefusedError):
        return Offline(f"{host} cannot be reached: it refuses the connection.")
    return Offline("No network, or a network without internet.")


def untrusted(error: ssl.SSLCertVerificationError, host: str) -> SyncError:
    """What a certificate that proves nothing means."""
    reason = error.verify_message.lower()
    if "expired" in reason or "not yet valid" in reason:
        return Offline(f"{host}'s certificate is not valid today: check the date of this device.")
    if "mismatch" in reason or "not valid for" in reason:
        return LoginPage(PORTAL)
    return Offline(f"This network opens encrypted traffic, or {host}'s certificate is not trusted; nothing was sent.")


def root(error: BaseException) -> BaseException:
    """The first in the chain of errors that led to this one."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error
