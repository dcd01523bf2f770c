"""A minimal HTTP client over asyncio: httpx would need more time per request than the server that is measured."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from httptools import HttpResponseParser


@dataclass(slots=True)
class HttpResponse:
    """The response to a request."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    """By name in lower case."""
    body: bytes = b""

    def json(self) -> Any:
        """Decode the body."""
        return json.loads(self.body)


class HttpConnection(asyncio.Protocol):
    """An HTTP/1.1 connection that is kept open; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self.pending: asyncio.Future[HttpResponse] | None = None
        self.response = HttpResponse()
        self.parser = HttpResponseParser(self)

    @classmethod
    async def open(cls, host: str, port: int, seconds: float) -> "HttpConnection":
        """
        Open a connection within *seconds*.

        Raises:
            OSError: it could not be opened.
        """
        async with asyncio.timeout(seconds):
            _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def send_request(self, request: bytes, seconds: float) -> HttpResponse:
        """
        Send the encoded *request*, and return the response if it arrives within *seconds*.

        Raises:
            TimeoutError: it did not; the connection cannot be used any more.
            ConnectionError: the server closed the connection.
        """
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("closed before the request")
        self.response = HttpResponse()
        self.pending = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        async with asyncio.timeout(seconds):
            return await self.pending

    def close(self) -> None:
        """Close the connection."""
        if self.transport is not None:
            self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Parse a piece of the response."""
        self.parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request under way."""
        if self.pending is not None and not self.pending.done():
            self.pending.set_exception(ConnectionResetError("closed before the response"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self.response.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self.response.body += body

    def on_message_complete(self) -> None:
        """Hand the complete response to whoever waits for it."""
        self.response.status = self.parser.get_status_code()
        if self.pending is not None and not self.pending.done():
            self.pending.set_result(self.response)


def encode_request(method: str, path: str, host: str, token: str, body: bytes = b"") -> bytes:
    """Encode a request with a JSON body."""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
