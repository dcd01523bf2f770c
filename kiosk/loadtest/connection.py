"""One connection of one person: a request, its answer, the next. It must not be what is slow."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from httptools import HttpResponseParser


@dataclass(slots=True)
class HttpResponse:
    """What came back."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    """By their names in lower case."""
    body: bytes = b""

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class HttpConnection(asyncio.Protocol):
    """HTTP/1.1, kept open; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self.pending: asyncio.Future[HttpResponse] | None = None
        self.response = HttpResponse()
        self.parser = HttpResponseParser(self)

    @classmethod
    async def open(cls, host: str, port: int, seconds: float) -> "HttpConnection":
        """
        A connection that is open within *seconds*.

        Raises:
            OSError: it is not.
        """
        async with asyncio.timeout(seconds):
            _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def send_request(self, request: bytes, seconds: float) -> HttpResponse:
        """
        The answer to *request*, whole as it goes over the line, within *seconds*.

        Raises:
            TimeoutError: it did not come in time; the connection is of no more use.
            ConnectionError: the other side hung up.
        """
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("hung up before the request")
        self.response = HttpResponse()
        self.pending = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        async with asyncio.timeout(seconds):
            return await self.pending

    def close(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Some of the answer is here."""
        self.parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side hung up, or the line broke."""
        if self.pending is not None and not self.pending.done():
            self.pending.set_exception(ConnectionResetError("hung up before the answer"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self.response.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self.response.body += body

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self.response.status = self.parser.get_status_code()
        if self.pending is not None and not self.pending.done():
            self.pending.set_result(self.response)


def encode_request(method: str, path: str, host: str, token: str, body: bytes = b"") -> bytes:
    """A request as it goes over the line."""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
