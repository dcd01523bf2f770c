"""A scripted HubSpot on a real socket, which records the requests it gets."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from sync.connectors.base import Outcome, OutgoingLead
from sync.connectors.hubspot import HubSpotConnector

TOKEN = "pat-s3cret-of-the-booth"

Responder = Callable[[dict[str, Any]], tuple[int, Any, dict[str, str]]]
"""What is answered to a body: a status, a document (or bytes as they are), and headers."""


@dataclass(frozen=True)
class HubSpotRequest:
    """A request as HubSpot received it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedHubSpot:
    """Responds to each request as `respond` decides."""

    def __init__(self) -> None:
        self.asked: list[HubSpotRequest] = []
        self.respond: Responder = lambda body: (500, {}, {})
        hubspot = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                """Record the request, and respond."""
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
                hubspot.asked.append(HubSpotRequest(self.command, self.path, dict(self.headers), body))
                status, document, headers = hubspot.respond(body)
                content = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *args: Any) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def token(self) -> str:
        """The key, as the practice CRM has it."""
        return TOKEN

    def stop(self) -> None:
        """Close the socket."""
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()


@pytest.fixture
def hubspot() -> Iterator[ScriptedHubSpot]:
    """A scripted HubSpot."""
    server = ScriptedHubSpot()
    yield server
    server.stop()


def make_lead(email: str = "", lead_id: str = "", **fields: Any) -> OutgoingLead:
    """Make a lead that was never sent."""
    lead_id = lead_id or str(uuid4())
    email = email or f"ana.{lead_id}@initech.com"
    return OutgoingLead(lead_id, 1, {"first_name": "Ana", "last_name": "Lopez", "email": email, **fields})


def use_connector(connector: HubSpotConnector, use: Callable[[HubSpotConnector], Awaitable[Any]]) -> Any:
    """Run *use* with *connector*, close the connector, and return the result."""

    async def run() -> Any:
        try:
            return await use(connector)
        finally:
            await connector.aclose()

    return asyncio.run(run())


def push_batches(connector: HubSpotConnector, *batches: list[OutgoingLead]) -> list[dict[str, Outcome]]:
    """Push each of *batches*, and return the outcomes."""

    async def each(connector: HubSpotConnector) -> list[dict[str, Outcome]]:
        return [await connector.push(str(uuid4()), batch) for batch in batches]

    outcomes: list[dict[str, Outcome]] = use_connector(connector, each)
    return outcomes
