"""The API as a process: settings in, a listening server out."""

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

# CPython's thread switch interval: how long a thread that is back from a flush or a lock may wait for the GIL. The
# default, 5 ms, is as long as a slow disk takes to flush.
_SWITCH_INTERVAL_SECONDS = 0.0002

# How many files the server may have open. Connections count too, and many systems allow only 1,024.
_MAX_OPEN_FILES = 8192

# How long responses in progress may still take at shutdown. Longer than SHUTDOWN_SECONDS of the group commit, which
# runs within it.
_SHUTDOWN_SECONDS = 6


def serve_api(settings: Settings, clock: Clock, *, on_ready: Callable[[str], None] = lambda url: None) -> None:
    """
    Serve until SIGTERM or SIGINT, and return once everything accepted is saved; call *on_ready* with the URL.

    Raises:
        StoreError: the database cannot be opened.
        CertificateUnusable: there is no usable certificate for TLS.
        OSError: the address is not available.
    """
    api = settings.api
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    _raise_open_file_limit()
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    tls_context = create_tls_context(settings, clock) if api.uses_tls else None
    listener = open_listener(api.host, api.port)
    saver = ContactSaver(settings.event, settings.badges, clock)
    group_commit = GroupCommit(
        settings.database_file,
        api.queue,
        saver.save_new_people,
        saver.save_isolated,
        WorkerWaker(settings.queue_file),
    )
    context = ApiContext(settings, clock, group_commit, saver)
    group_commit.check_store()
    scheme = "https" if api.uses_tls else "http"
    host = f"[{api.host}]" if ":" in api.host else api.host
    url = f"{scheme}://{host}:{listener.getsockname()[1]}"
    app = create_app(context, lambda: _wake_worker(settings.queue_file))
    server = _ApiServer(_make_uvicorn_config(tls_context, app), lambda: on_ready(url), context.begin_stop)
    try:
        asyncio.run(_serve_until_written(server, listener, group_commit))
    finally:
        context.close()


async def _serve_until_written(server: uvicorn.Server, listener: socket.socket, group_commit: GroupCommit) -> None:
    """Serve until a signal arrives and everything accepted is saved."""
    try:
        await server.serve([listener])
    finally:
        await group_commit.finish()


def _make_uvicorn_config(tls_context: ssl.SSLContext | None, app: Any) -> uvicorn.Config:
    """Return the configuration of uvicorn."""
    return uvicorn.Config(
        app,
        http=LimitedHttpProtocol,
        ws="none",
        # Our own log is configured by the command; uvicorn's would print every request.
        log_config=None,
        access_log=False,
        lifespan="off",
        # Nobody needs to know which version of which server runs here.
        server_header=False,
        headers=[("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")],
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ssl_context_factory=(lambda config, default_factory: tls_context) if tls_context else None,
    )


class _ApiServer(uvicorn.Server):
    """uvicorn's server, with a callback when it is ready and one when it is asked to stop."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready = on_ready
        self.on_stop = on_stop
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening. Replaces uvicorn's own method, which would wait a minute for a TLS handshake."""
        self.loop, config = asyncio.get_running_loop(), self.config

        def create_protocol() -> LimitedHttpProtocol:
            return LimitedHttpProtocol(config=config, server_state=self.server_state, app_state={})

        handshake_timeout = HEAD_TIMEOUT_SECONDS if config.ssl else None
        self.servers = [
            await self.loop.create_server(
                create_protocol, sock=listener, ssl=config.ssl, ssl_handshake_timeout=handshake_timeout
            )
            for listener in sockets or []
        ]
        self.started = True
        self.on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """
        Begin to shut down; a signal handler.

        Replaces uvicorn's own method, which raises the signal once more at the end and so spoils the exit status.
        """
        self.should_exit = True
        if self.loop is not None:
            # The handler may interrupt the loop at any line, so it only schedules the callback, which also wakes the
            # loop.
            self.loop.call_soon_threadsafe(self.on_stop)


def open_listener(host: str, port: int) -> socket.socket:
    """
    Open a listening socket at *host* and *port*.

    Raises:
        OSError: the address is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off Nagle's algorithm only where the socket names TCP. With it the second half of a response would
    # wait for 40 ms.
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
    """Raise the limit of open files to what the server needs, or to what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(_MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _wake_worker(queue_file: Path) -> None:
    """Make the worker try at once. Where it cannot be woken, its own timer does so a little later."""
    with suppress(OSError, sqlite3.Error):
        request_drain(queue_file, now=True)
