"""A scripted org, over HTTP on loopback, which records the requests it gets."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

SESSION = "00D!session-"


class OrgRequest(NamedTuple):
    """A request as the org received it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The form of a sign-in."""
        return dict(parse_qsl(self.body.decode()))

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of an upsert."""
        records: list[dict[str, Any]] = json.loads(self.body)["records"]
        return records


class OrgResponse(NamedTuple):
    """A response of the org."""

    status: int
    body: Any = b""
    """Bytes, or what is sent as JSON."""
    headers: Mapping[str, str] = {}


OrgResponder = Callable[[OrgRequest], OrgResponse]


class ScriptedOrg:
    """Accepts every sign-in and every lead, unless a test changes that."""

    def __init__(self) -> None:
        self.sign_in: OrgResponder = self.start_session
        self.api: OrgResponder = accept_all
        self.sign_ins: list[OrgRequest] = []
        self.calls: list[OrgRequest] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def start_session(self, asked: OrgRequest) -> OrgResponse:
        """Start a new session with a number."""
        return OrgResponse(200, {"access_token": f"{SESSION}{len(self.sign_ins)}", "instance_url": self.url})

    def answer(self, asked: OrgRequest) -> OrgResponse:
        """Return the response to *asked*."""
        if asked.path == "/services/oauth2/token":
            self.sign_ins.append(asked)
            return self.sign_in(asked)
        self.calls.append(asked)
        return self.api(asked)

    def stop(self) -> None:
        """Close the socket."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def make_handler(org: ScriptedOrg) -> type[BaseHTTPRequestHandler]:
    """Build the HTTP handler for *org*."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Handle any method."""
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = org.answer(OrgRequest(self.command, self.path, headers, self.rfile.read(length)))
            if said.status == 0:
                self.close_connection = True
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response_only(said.status)
            usual = {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                "Date": self.date_time_string(),
            }
            for name, value in {**usual, **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_PATCH = do_GET = do_DELETE = do_POST

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    return Handler


def make_success(number: int, created: bool = True) -> dict[str, Any]:
    """Make a successful result."""
    return {"id": f"00Q5e00000{number:05d}EAG", "success": True, "created": created, "errors": []}


def make_failure(code: str, message: str = "No.", *fields: str) -> dict[str, Any]:
    """Make a result with an error."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def accept_all(asked: OrgRequest) -> OrgResponse:
    """Accept every lead."""
    return OrgResponse(200, [make_success(number) for number, _ in enumerate(asked.records)])


def expire_session(session: str) -> OrgResponder:
    """Refuse *session* as expired, and accept everything else."""

    def answer(asked: OrgRequest) -> OrgResponse:
        if asked.headers["authorization"] == f"Bearer {session}":
            return refuse_call(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return accept_all(asked)

    return answer


def refuse_call(status: int, code: str, message: str = "No.", **headers: str) -> OrgResponse:
    """Refuse a whole call."""
    return OrgResponse(status, [{"message": message, "errorCode": code}], headers)
