"""The API as a process: a real server, on loopback unless kiosk.toml says otherwise."""

import asyncio
import logging
import socket
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from data.clock import Clock
from kiosk.config import Settings
from kiosk.intake.app import intake_app
from kiosk.intake.certificate import own_certificate
from kiosk.intake.parts import Parts
from kiosk.intake.taking import Taking
from kiosk.intake.writer import Writer
from sync.nudge import Nudge, ask_for_drain

HEAD_SECONDS = 10.0
"""For the head of a request to arrive; who takes longer is cut off."""

CONNECTIONS = 2000
"""At the same time; more are answered 503."""


def serve(settings: Settings, clock: Clock, *, ready: Callable[[str], None] = lambda url: None) -> None:
    """
    Serve until SIGTERM or SIGINT, and return once all that was taken is written; *ready* is told the URL.

    Raises:
        StoreError: the database cannot be opened.
        OSError: the address cannot be had.
    """
    intake = settings.intake
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    listener = listening(intake.host, intake.port)
    taking = Taking(settings.event, settings.badges, clock)
    writer = Writer(settings.store, intake.queue, taking.take_many, Nudge(settings.queue))
    parts = Parts(settings, clock, writer, taking)
    writer.start()
    scheme = "https" if intake.uses_tls else "http"
    url = f"{scheme}://{intake.host}:{listener.getsockname()[1]}"
    app = intake_app(parts, lambda: wake(settings.queue))
    try:
        asyncio.run(Server(config_of(settings, app), lambda: ready(url)).serve([listener]))
    finally:
        parts.close()


def config_of(settings: Settings, app: Any) -> uvicorn.Config:
    """How uvicorn is to serve."""
    tls: dict[str, Any] = {}
    if settings.intake.uses_tls:
        cert, key = Path(settings.intake.cert_file).expanduser(), Path(settings.intake.key_file).expanduser()
        if not settings.intake.cert_file:
            cert, key = own_certificate(settings.folder, settings.intake.host)
        tls = {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}
    return uvicorn.Config(
        app,
        http=Patient,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        limit_concurrency=CONNECTIONS,
        **tls,
    )


class Patient(HttpToolsProtocol):
    """Cuts off whoever does not get the head of a request over the line in time; uvicorn waits for ever."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self.hurry = self.loop.call_later(HEAD_SECONDS, self.cut_off)

    def on_message_begin(self) -> None:
        """The next request of a connection has begun to arrive."""
        super().on_message_begin()
        self.hurry.cancel()
        self.hurry = self.loop.call_later(HEAD_SECONDS, self.cut_off)

    def on_headers_complete(self) -> None:
        """The head is here."""
        self.hurry.cancel()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nobody to wait for."""
        self.hurry.cancel()
        super().connection_lost(exc)

    def cut_off(self) -> None:
        """Hang up."""
        self.transport.close()


class Server(uvicorn.Server):
    """Says when it answers, and leaves quietly: uvicorn raises the signal once more when all is done."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no more calls, and end those under way."""
        self.should_exit = True


def listening(host: str, port: int) -> socket.socket:
    """
    A socket at *host* and *port*.

    Raises:
        OSError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, asyncio sends what it has at once; else the second half of an answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.listen(1024)
    return listener


def wake(queue: Path) -> None:
    """Have the worker try at once; where it cannot be woken its own tick repairs that."""
    with suppress(OSError, sqlite3.Error):
        ask_for_drain(queue, now=True)
