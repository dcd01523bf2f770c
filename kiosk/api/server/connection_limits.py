"""
Per-connection timeouts and size limits, which uvicorn does not enforce.

A client needs no token to open a connection. The rules are the tables in docs/connection-limits.md.
"""

import asyncio
import socket
import struct
import time
from contextlib import suppress
from enum import Enum
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kiosk.api.wire.problems import ApiProblem, encode_raw_response

# How long a request's head may take, from the connection or from the first byte of a further request.
HEAD_TIMEOUT_SECONDS = 10.0

# How long a body may take after the head, even if it trickles in, and even if the response was already sent.
BODY_TIMEOUT_SECONDS = 15.0

# How long a client may take to read a response that no longer fits into the buffers.
SEND_TIMEOUT_SECONDS = 15.0

# How many bytes may arrive without a complete head or any body: long heads, trailers, chunk extensions.
_MAX_HEAD_BYTES = 65_536

MAX_CONNECTIONS = 2000

# The value for SO_LINGER: on, 0 seconds. The system then drops what it still holds for a client, perhaps megabytes.
_ZERO_LINGER = struct.pack("ii", 1, 0)


class Expected(Enum):
    """What a client has to send next."""

    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"
    """Its request is complete; it waits for the response, or is idle between two requests."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol for one connection, with the limits of this module."""

    def connection_made(self, transport: Any) -> None:
        """Start the head timeout, and make room if there are too many connections."""
        super().connection_made(transport)
        self.expected = Expected.HEAD
        self.completed_requests = 0
        self.bytes_without_progress = 0
        self.last_received_at = time.monotonic()
        self.receive_timer: asyncio.TimerHandle | None = None
        self.receive_timer_is_for: tuple[int, Expected] | None = None
        self.send_timer: asyncio.TimerHandle | None = None
        self._restart_receive_timer()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Parse *data*, and check that it makes progress with a request."""
        completed_before = self.completed_requests
        self.bytes_without_progress += len(data)
        self.last_received_at = time.monotonic()
        super().data_received(data)
        if self.bytes_without_progress > _MAX_HEAD_BYTES:
            self._refuse(ApiProblem(431, f"The head is too large: at most {_MAX_HEAD_BYTES} bytes."))
        if self.expected is Expected.NOTHING and self.completed_requests == completed_before:
            # The parser skips blank lines between requests. They have to start the head timeout too, or they would keep
            # an idle connection open forever.
            self.expected = Expected.HEAD
        self._restart_receive_timer()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection open for a response that is still due; TLS cannot send after the client closed."""
        if self.is_idle or self.expected is Expected.BODY or self.scheme == "https":
            return False
        self.cycle.keep_alive = False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop both timers."""
        self.expected = Expected.NOTHING
        self._restart_receive_timer()
        self._stop_send_timer()
        super().connection_lost(exc)

    # What the parser reports

    def on_message_begin(self) -> None:
        """A request has begun to arrive."""
        self.expected = Expected.HEAD
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; drop a trailer, which nothing reads."""
        if self.expected is Expected.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self.expected, self.bytes_without_progress = Expected.BODY, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body has arrived."""
        self.bytes_without_progress = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self.expected, self.bytes_without_progress = Expected.NOTHING, 0
        self.completed_requests += 1
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        self._refuse(ApiProblem(400, "This is not a valid HTTP request."))

    # Time to receive

    def _restart_receive_timer(self) -> None:
        """Start the timeout for what is expected now: once per request, not per packet, so that trickling fails."""
        timer_is_for = None if self.expected is Expected.NOTHING else (self.completed_requests, self.expected)
        if timer_is_for == self.receive_timer_is_for:
            return
        self.receive_timer_is_for = timer_is_for
        if self.receive_timer is not None:
            self.receive_timer.cancel()
            self.receive_timer = None
        if timer_is_for is not None and not self.transport.is_closing():
            seconds = HEAD_TIMEOUT_SECONDS if self.expected is Expected.HEAD else BODY_TIMEOUT_SECONDS
            self.receive_timer = self.loop.call_later(seconds, self._on_receive_timeout)

    def _on_receive_timeout(self) -> None:
        """Close the connection; send 408 first if a request has begun."""
        if self.bytes_without_progress or self.expected is Expected.BODY:
            self._refuse(ApiProblem(408, "The request did not arrive in time."))
        else:
            self._close()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle for uvicorn's keep-alive time."""
        self._close()

    # Time to send

    def pause_writing(self) -> None:
        """Start the send timeout: the client does not read, and the buffers are full."""
        super().pause_writing()
        self._start_send_timer()

    def resume_writing(self) -> None:
        """Stop the send timeout: the client reads again."""
        super().resume_writing()
        # While the connection closes, the timeout covers everything that is left, which may still be in the buffers.
        if not self.transport.is_closing():
            self._stop_send_timer()

    def _start_send_timer(self) -> None:
        """Start the send timeout, which aborts the connection when it is over."""
        self._stop_send_timer()
        self.send_timer = self.loop.call_later(SEND_TIMEOUT_SECONDS, self._abort)

    def _stop_send_timer(self) -> None:
        """Stop the send timeout."""
        if self.send_timer is not None:
            self.send_timer.cancel()
            self.send_timer = None

    # Ending a connection

    def _close(self) -> None:
        """
        Close the connection once the buffers are sent, or when the send timeout is over.

        Responses that are still being computed are dropped.
        """
        if not self.transport.is_closing():
            self.transport.close()
            self._start_send_timer()

    def _abort(self) -> None:
        """Reset the connection, and drop what was not sent."""
        connected_socket = self.transport.get_extra_info("socket")
        if connected_socket is not None:
            with suppress(OSError):
                connected_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ZERO_LINGER)
        self.transport.abort()

    def _refuse(self, problem: ApiProblem) -> None:
        """Close the connection; send *problem* first if it cannot be mistaken for the response to another request."""
        if self.transport.is_closing():
            return
        if self._can_answer:
            self.transport.write(encode_raw_response(problem))
        self._close()

    @property
    def _can_answer(self) -> bool:
        """Whether the next response on this connection belongs to the request that is arriving."""
        if self.cycle is None:  # no request so far
            return True
        if self.pipeline:  # responses to earlier requests are still due
            return False
        if self.expected is Expected.BODY:
            return not self.cycle.response_started
        return self.cycle.response_complete

    @property
    def is_idle(self) -> bool:
        """Whether no request of this connection waits for its response."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """Reset the idle connection that has been silent the longest; if none is idle, refuse this one."""
        others = (
            other
            for other in self.connections
            if isinstance(other, LimitedHttpProtocol) and other is not self and other.is_idle
        )
        longest_idle = min(others, key=lambda other: other.last_received_at, default=None)
        if longest_idle is None:
            self._refuse(ApiProblem(503, "Too many devices are connected; try again in a second.", retry_after=1))
        else:
            longest_idle._abort()
