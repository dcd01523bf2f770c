"""The API as a process: a real server, on loopback unless kiosk.toml says otherwise."""

import asyncio
import logging
import resource
import socket
import sqlite3
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from data.clock import Clock
from kiosk.api.context import ApiContext
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.server.app import create_app
from kiosk.api.server.certificate import create_tls_context
from kiosk.api.server.connection_limits import HEAD_TIMEOUT_SECONDS, LimitedHttpProtocol
from kiosk.config.load import Settings
from sync.wake import WorkerWaker, request_drain

_SWITCH_INTERVAL_SECONDS = 0.0002
"""
For so long a thread that has waited, for a flush or a lock, waits for Python, too. By default it is 5 ms, as long as a
slow disk takes to flush, in which a server that has much to do serves nobody new.
"""

_MAX_OPEN_FILES = 8192
"""That the server may have open, connections among them: many systems begin with 1024."""


def serve_api(settings: Settings, clock: Clock, *, on_ready: Callable[[str], None] = lambda url: None) -> None:
    """
    Serve until SIGTERM or SIGINT, and return once all that was taken is written; *on_ready* is told the URL.

    Raises:
        StoreError: the database cannot be opened.
        CertificateUnusable: TLS cannot be spoken with what there is.
        OSError: the address cannot be had.
    """
    intake = settings.api
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    _raise_open_file_limit()
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    context = create_tls_context(settings) if intake.uses_tls else None
    listener = open_listener(intake.host, intake.port)
    taking = ContactSaver(settings.event, settings.badges, clock)
    writer = GroupCommit(
        settings.database_file,
        intake.queue,
        taking.save_new_people,
        taking.save_isolated,
        WorkerWaker(settings.queue_file),
    )
    parts = ApiContext(settings, clock, writer, taking)
    writer.check_store()
    scheme = "https" if intake.uses_tls else "http"
    host = f"[{intake.host}]" if ":" in intake.host else intake.host
    url = f"{scheme}://{host}:{listener.getsockname()[1]}"
    app = create_app(parts, lambda: _wake_worker(settings.queue_file))
    try:
        asyncio.run(
            _serve_until_written(
                ApiServer(_make_uvicorn_config(context, app), lambda: on_ready(url), parts.begin_stop), listener, writer
            )
        )
    finally:
        parts.close()


async def _serve_until_written(server: uvicorn.Server, listener: socket.socket, writer: GroupCommit) -> None:
    """Serve until a signal comes, and until all that was taken is written."""
    try:
        await server.serve([listener])
    finally:
        await writer.finish()


def _make_uvicorn_config(context: ssl.SSLContext | None, app: Any) -> uvicorn.Config:
    """How uvicorn is to serve."""
    return uvicorn.Config(
        app,
        http=LimitedHttpProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        headers=[("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")],
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        ssl_context_factory=(lambda config, made: context) if context else None,
    )


class ApiServer(uvicorn.Server):
    """Says when it answers, and leaves quietly: uvicorn raises the signal once more when all is done."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready = ready
        self.on_stop = leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so; uvicorn would wait a minute for who does not get through TLS' first words."""
        loop, config = asyncio.get_running_loop(), self.config

        def protocol() -> LimitedHttpProtocol:
            return LimitedHttpProtocol(config=config, server_state=self.server_state, app_state={})

        patience = HEAD_TIMEOUT_SECONDS if config.ssl else None
        self.servers = [
            await loop.create_server(protocol, sock=listener, ssl=config.ssl, ssl_handshake_timeout=patience)
            for listener in sockets or []
        ]
        self.started = True
        self.on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no more calls, and end those under way."""
        self.should_exit = True
        self.on_stop()


def open_listener(host: str, port: int) -> socket.socket:
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


def _raise_open_file_limit() -> None:
    """Let this process have as many connections as it is to serve, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(_MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _wake_worker(queue: Path) -> None:
    """Have the worker try at once; where it cannot be woken its own tick repairs that."""
    with suppress(OSError, sqlite3.Error):
        request_drain(queue, now=True)
