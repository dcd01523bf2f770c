"""A fake CRM on a real socket, which stores contacts, and treats each call as a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from tests.sync.matrix.wire import HttpCall, Wire, build_response, read_call

Fault = Callable[[Wire, HttpCall], None]
"""What happens to a call instead of a response; the connection is closed afterwards."""


class FakeCrm:
    """
    Bulk and single contacts as the practice CRM's API has them, and a search by e-mail.

    With *has_keys* a contact with the same `client_id` again is the same record; without, each that is posted is a new
    one, as at CRMs that know no key, and only `PUT …/ID` changes one that is there.
    """

    def __init__(
        self, address: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None, has_keys: bool = True
    ) -> None:
        self.tls = tls
        self.has_keys = has_keys
        self.connections = 0
        self.unencrypted: list[bytes] = []
        """What callers sent without TLS."""
        self.calls: list[HttpCall] = []
        self.records: list[dict[str, Any]] = []
        self.fault: Fault | None = None
        """The fault for each call; None answers it."""
        self.next_faults: list[Fault] = []
        """Faults for the next calls, used before `fault`."""
        self.greeting: Callable[[Wire], None] | None = None
        """What happens to a connection before anything is read; it is closed afterwards."""
        self.lock = threading.Lock()
        self.is_stopping = False
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, port), family=family, backlog=64)
        self.host, self.port = self.listener.getsockname()[:2]
        self.open_connections: set[Wire] = set()
        self.thread = threading.Thread(target=self._accept_connections, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        """`http://ADDRESS:PORT`"""
        return f"http{'s' if self.tls else ''}://{self.host}:{self.port}"

    def _accept_connections(self) -> None:
        """Accept connections until stopped, each in its own thread."""
        while True:
            with suppress(OSError):
                wire, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(wire,), daemon=True).start()
            if self.is_stopping:
                return

    def _serve(self, wire: Wire) -> None:
        """Serve one connection."""
        self.open_connections.add(wire)
        with suppress(OSError), wire:
            if self.greeting is not None:
                self.greeting(wire)
            elif self.tls is None:
                self._answer_calls(wire)
            else:
                with self.tls.wrap_socket(wire, server_side=True) as secure:
                    self.open_connections.add(secure)
                    self._answer_calls(secure)

    def _answer_calls(self, wire: Wire) -> None:
        """Answer calls until one of them gets a fault."""
        while (call := read_call(wire)) is not None:
            self.calls.append(call)
            if fault := self.next_faults.pop(0) if self.next_faults else self.fault:
                fault(wire, call)
                return
            stays = call.headers.get("connection") != "close"
            wire.sendall(build_response("200 OK", self.process_call(call), keep=stays))
            if not stays:
                return

    def process_call(self, call: HttpCall) -> Any:
        """Do what the call asks for, and return the document to answer with."""
        with self.lock:
            if call.method == "GET":
                email = call.query.get("email", "").casefold()
                return [record for record in self.records if record["email"].casefold() == email]
            named = {"id": call.path.rpartition("/")[2]} if call.method == "PUT" else {}
            results = [self._save_contact(contact | named) for contact in call.contacts]
            return {"results": results} if call.path.endswith("/bulk") else results[0]

    def _save_contact(self, contact: dict[str, Any]) -> dict[str, Any]:
        """Store one contact, and return its result."""
        key = contact.get("client_id")
        by = "client_id" if self.has_keys and key else "id"
        found = [record for record in self.records if by in contact and record[by] == contact[by]]
        record = found[0] if found else {"id": f"R-{len(self.records) + 1}"}
        record.update(contact)
        if not found:
            self.records.append(record)
        return {"client_id": key, "id": record["id"], "status": "updated" if found else "created", "error": None}

    def list_emails(self) -> list[str]:
        """Return the e-mails of all records, sorted; a duplicate occurs twice."""
        return sorted(record["email"] for record in self.records)

    def stop(self) -> None:
        """Stop, and close all connections."""
        self.is_stopping = True
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        hang_up(self.open_connections)
        self.thread.join(10)


def hang_up(wires: Iterable[Wire]) -> None:
    """Close open connections."""
    for wire in list(wires):
        with suppress(OSError, ValueError):
            wire.shutdown(socket.SHUT_RDWR)


def respond_with(answer: bytes) -> Fault:
    """Answer every call with *answer*; nothing is stored."""
    return lambda wire, call: wire.sendall(answer)
