"""
What a connection may do, and for how long: uvicorn waits for ever, for ever more bytes.

Nobody needs a token to connect, so whoever dawdles, says too much or never listens is cut off.
"""

import asyncio
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kiosk.api.wire.problems import encode_raw_response
from kiosk.api.wire.requests import ApiProblem

HEAD_TIMEOUT_SECONDS = 10.0
"""For the head of a request to arrive; who takes longer is cut off."""

BODY_TIMEOUT_SECONDS = 15.0
"""For its body, however slowly that drips, and whether or not it was answered before."""

SEND_TIMEOUT_SECONDS = 15.0
"""For a client to take what was answered, before no more is kept for it."""

ZERO_LINGER = struct.pack("ii", 1, 0)
"""The time that the system has to bring the rest of an answer to a client, as `SO_LINGER` wants it: none."""

_MAX_HEAD_BYTES = 65_536
"""Bytes that may come without bringing a request forward: heads, trailers, and what chunks say beside their size."""

MAX_CONNECTIONS = 2000
"""At the same time; after that the one that has been idle for the longest is given up for a new one."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Speaks HTTP with one client, and does not wait for ever."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request; where there are too many connections one has to go."""
        super().connection_made(transport)
        self.awaits, self.progress, self.unheard = "head", 0, 0
        self.timed: tuple[str, int] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.listening: asyncio.TimerHandle | None = None
        self.heard_at = time.monotonic()
        self._restart_timer()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what came, and see that it leads to something."""
        before = self.progress
        self.unheard += len(data)
        self.heard_at = time.monotonic()
        super().data_received(data)
        if self.unheard > _MAX_HEAD_BYTES:
            self._refuse(ApiProblem(431, f"The head is too large: at most {_MAX_HEAD_BYTES} bytes."))
        if self.awaits == "nothing" and self.progress == before:
            self.awaits = "head"  # empty lines between two requests are none
        self._restart_timer()

    def _restart_timer(self) -> None:
        """Wait for so long for what comes next; the time for one thing begins once."""
        step = None if self.awaits == "nothing" else (self.awaits, self.progress)
        if step == self.timed:
            return
        self.timed = step
        if self.timer is not None:
            self.timer.cancel()
        if step is None or self.transport.is_closing():
            self.timer = None
        else:
            seconds = HEAD_TIMEOUT_SECONDS if self.awaits == "head" else BODY_TIMEOUT_SECONDS
            self.timer = self.loop.call_later(seconds, self._handle_timeout)

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._refuse(ApiProblem(400, "That is no request as HTTP has them."))

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client says no more, and may still want its answer; within TLS that cannot be had."""
        if self.is_idle or self.awaits == "body" or self.scheme == "https":
            return False
        self.cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        """The next request of a connection has begun to arrive."""
        self.awaits = "head"
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here."""
        self.awaits, self.unheard = "body", 0
        self.progress += 1
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one line of a head; what follows a body is nobody's concern."""
        if self.awaits == "head":
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Some of the body is here."""
        self.unheard = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        self.awaits, self.unheard = "nothing", 0
        self.progress += 1  # also where the head came before: what ends a body is no empty line
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not take what it asked for."""
        super().pause_writing()
        self.listening = self.loop.call_later(SEND_TIMEOUT_SECONDS, self._abort)

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        self._cancel_send_timeout()

    def _cancel_send_timeout(self) -> None:
        """Do not give up a client that does not listen."""
        if self.listening is not None:
            self.listening.cancel()
            self.listening = None

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked for a while."""
        self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nobody to wait for."""
        self.awaits = "nothing"
        self._restart_timer()
        self._cancel_send_timeout()
        super().connection_lost(exc)

    def _close(self) -> None:
        """Hang up; what was answered already is sent, as long as the client takes it."""
        if not self.transport.is_closing():
            self.transport.close()
            self.listening = self.loop.call_later(SEND_TIMEOUT_SECONDS, self._abort)

    def _handle_timeout(self) -> None:
        """Say so to whoever has begun to speak, and hang up."""
        if self.unheard or self.awaits == "body":
            self._refuse(ApiProblem(408, "The request did not arrive in time."))
        self._close()

    def _abort(self) -> None:
        """Hang up on a client that does not listen; of what the system still holds for it, megabytes, keep nothing."""
        line = self.transport.get_extra_info("socket")
        if line is not None:
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ZERO_LINGER)
        self.transport.abort()

    def _refuse(self, problem: ApiProblem) -> None:
        """Say what is wrong with the connection itself, and hang up; who waits for another answer is told nothing."""
        if self.transport.is_closing():
            return
        if self._can_answer:
            self.transport.write(encode_raw_response(problem))
        self._close()

    @property
    def _can_answer(self) -> bool:
        """Whether what is said now would be taken for the answer to what is wrong, and to nothing else."""
        if self.cycle is None or self.pipeline:
            return self.cycle is None
        return not self.cycle.response_started if self.awaits == "body" else self.cycle.response_complete

    @property
    def is_idle(self) -> bool:
        """Whether no request of this connection is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        """Give up the connection that has been idle for the longest; where all are busy, this one."""
        others = (
            one for one in self.connections if isinstance(one, LimitedHttpProtocol) and one is not self and one.is_idle
        )
        idle = min(others, key=lambda one: one.heard_at, default=None)
        if idle is None:
            self._refuse(
                ApiProblem(503, "Too many devices speak at the same time; come again in a second.", retry_after=1)
            )
        else:
            idle.transport.abort()
