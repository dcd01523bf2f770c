"""A proxy that a test runs."""

import socket
import threading
from contextlib import suppress

from tests.sync.matrix.fake_crm import FakeCrm, hang_up
from tests.sync.matrix.wire import Wire

CRM_HOST = "crm.example.com"
"""A host name that leads nowhere without the proxy, which connects it to the fake CRM."""


class Proxy:
    """A tunnel to *crm*, whatever host it is asked for; with a `refusal`, it sends that instead."""

    def __init__(self, crm: FakeCrm) -> None:
        self.crm = crm
        self.refusal = b""
        self.asked: list[bytes] = []
        self.open: set[Wire] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Accept connections until stopped."""
        with suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, caller: Wire) -> None:
        """Serve one tunnel."""
        self.open.add(caller)
        with suppress(OSError), caller:
            self.asked.append(caller.recv(65536))
            if self.refusal:
                return caller.sendall(self.refusal)
            with socket.create_connection((self.crm.host, self.crm.port)) as crm:
                self.open.add(crm)
                caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                threading.Thread(target=pump, args=(crm, caller), daemon=True).start()
                pump(caller, crm)
        return None

    def stop(self) -> None:
        """Stop, and close all connections."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        hang_up(self.open)


def pump(source: Wire, target: Wire) -> None:
    """Carry bytes one way."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
