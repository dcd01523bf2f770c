"""HTTP by hand: read a request from a socket, and build responses that may be false."""

import json
import re
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

Wire: TypeAlias = socket.socket
"""A connection on the server's side; over TLS it is an `ssl.SSLSocket`."""

JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html; charset=utf-8"

PAGE = b"<!DOCTYPE html><title>Expo WiFi</title><h1>Sign in to use the WiFi</h1>"
"""Of a captive portal."""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        """The body; None if there is no body."""
        return json.loads(self.body) if self.body else None

    @property
    def contacts(self) -> list[dict[str, Any]]:
        """The contacts in it, one or many."""
        document = self.json() or {}
        return list(document.get("contacts", [document] if "email" in document else []))

    @property
    def ids(self) -> list[str]:
        """Our ids of those contacts."""
        return [str(contact.get("client_id")) for contact in self.contacts]


def read_call(wire: Wire) -> HttpCall | None:
    """Read the next request on a connection; None where the caller hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := wire.recv(65536)):
            return None
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        if not (piece := wire.recv(65536)):
            return None
        body += piece
    method, target, _ = first.split(" ", 2)
    return HttpCall(method, target, headers, body)


def build_response(status: str, body: Any = b"", *headers: str, length: int | None = None, keep: bool = False) -> bytes:
    """Build a response, whose *length* may be false; a *body* that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = [] if isinstance(body, bytes) else [JSON]
    size = len(content) if length is None else length
    sized = [] if re.match(r"1\d\d|204", status) else [f"Content-Length: {size}"]
    head = [f"HTTP/1.1 {status}", *sized, *([] if keep else ["Connection: close"]), *kind, *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def reset_connection(wire: Wire) -> None:
    """Let the connection be reset instead of closed."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def wait_for_hang_up(wire: Wire, seconds: float = 20.0) -> None:
    """Send nothing until the caller hangs up."""
    wire.settimeout(seconds)
    while wire.recv(65536):
        pass


def send_slowly(wire: Wire, piece: bytes = b" ", seconds: float = 20.0) -> None:
    """Send a little every 20 ms until the caller hangs up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        wire.sendall(piece)
        time.sleep(0.02)
