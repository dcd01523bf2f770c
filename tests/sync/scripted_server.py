"""A scripted server on loopback, which records the requests."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    method: str = "POST"

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class ScriptedResponse:
    """One response of the script."""

    body: Any = b""
    """Bytes, or what is sent as JSON."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedServer:
    """The server; `respond` may be replaced at any time."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[ReceivedRequest] = []
        self.respond: Callable[[ReceivedRequest], ScriptedResponse] = lambda asked: ScriptedResponse(status=500)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = ReceivedRequest(
                    self.path, {name.lower(): value for name, value in self.headers.items()}, body, self.command
                )
                server.requests.append(asked)
                said = server.respond(asked)
                content = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                kind = "text/plain" if isinstance(said.body, bytes) else "application/json"
                self.send_response(said.status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Stop the server."""
        self.server.shutdown()
        self.server.server_close()
