"""The practice CRM as a process: a real HTTP server on loopback."""

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sync.practice_address import PracticeAddress, read_address, write_address
from sync.practice_crm.api import build_practice_app
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase

_HOST = "127.0.0.1"


def run_practice_crm(folder: Path, port: int, faults: Faults, *, on_ready: Callable[[str], None] | None = None) -> None:
    """
    Run the practice CRM until SIGTERM or SIGINT; call *on_ready* with its URL once it responds.

    Its database, its address and its token are kept in *folder*, which is created if it is missing. If *port* is in
    use, a free one is used instead; 0 is any free port.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A lost response is an error to uvicorn, and here it is a rehearsal.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    listener = open_listener(port)
    url = f"http://{_HOST}:{listener.getsockname()[1]}"
    token = _load_token(folder)
    records = ContactDatabase(folder / "practice-crm.db")
    app = build_practice_app(token, records, FaultInjector(faults))
    config = uvicorn.Config(
        app,
        http=AbortableProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )
    asyncio.run(
        _run_server(
            _PracticeServer(config, lambda: _announce_address(folder, PracticeAddress(url, token), on_ready)), listener
        )
    )
    records.close()


async def _run_server(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until a signal arrives."""
    await server.serve([listener])


class AbortableProtocol(H11Protocol):
    """Lets the application abort its connection. If it merely raises, uvicorn responds 500."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        app = self.app

        async def cuttable(scope: Any, receive: Any, send: Any) -> None:
            scope["cut"] = self.transport.abort
            await app(scope, receive, send)

        self.app = cuttable


class _PracticeServer(uvicorn.Server):
    """Calls `on_ready` once it responds, and ends quietly: uvicorn would raise the signal again at the end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and report it."""
        await super().startup(sockets)
        self.on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop accepting calls, and finish those in progress; a second Ctrl-C does not wait for them."""
        self.force_exit |= self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _announce_address(folder: Path, address: PracticeAddress, ready: Callable[[str], None] | None) -> None:
    """Write down the address, and report it."""
    write_address(folder, address)
    if ready is not None:
        ready(address.url)


def open_listener(port: int) -> socket.socket:
    """Open a socket on loopback at *port*, or at a free one if that is in use."""
    # The wanted port may belong to another program; a rehearsal should start all the same.
    for wanted in (port, 0):
        # Only if TCP is named here does asyncio send at once; else the second half of a response waits for 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, wanted))
        except OSError:
            listener.close()
            if wanted == 0:
                raise
            continue
        listener.listen(128)
        return listener
    raise AssertionError


def _load_token(folder: Path) -> str:
    """Return the token of earlier runs, or a new one."""
    try:
        return read_address(folder).token
    except (OSError, ValueError):
        return secrets.token_urlsafe(24)
