"""A real Tryton on loopback, with parties in SQLite, and a proxy in front of it that loses responses."""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PASSWORD = "s3cret-of-the-referee"
APPLICATION_KEY = "k3y-of-an-application-of-the-referee"
START_SECONDS = 60.0

CONF = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
"""

ALLOW = 'insert into res_user_application (key, "user", application, state) values (?, 1, ?, ?)'


class Tryton:
    """The server, in its own process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.conf = folder / "trytond.conf"
        self.conf.write_text(CONF.format(folder=folder, port=self.port))
        self._make_database()
        program = Path(sys.executable).with_name("trytond")
        with (folder / "trytond.log").open("wb") as log:
            self.process = subprocess.Popen([program, "-c", self.conf, "-d", "crm"], stdout=log, stderr=log)
        self._wait_until_it_answers()
        user, session, *_ = self.call("common.db.login", "admin", {"password": PASSWORD})
        self.session = base64.b64encode(f"admin:{user}:{session}".encode()).decode()
        """A sign-in that is quick to check: a password's hash takes the server a fifth of a second."""

    def _make_database(self) -> None:
        """Create an empty company with the module for parties, and a key for its REST API."""
        (self.folder / "crm.sqlite").touch()
        password = self.folder / "password"
        password.write_text(PASSWORD)
        admin = Path(sys.executable).with_name("trytond-admin")
        subprocess.run(
            [admin, "-c", self.conf, "-d", "crm", "-u", "party", "--activate-dependencies", "--email", "a@example.com"],
            env={**os.environ, "TRYTONPASSFILE": str(password)},
            check=True,
            capture_output=True,
        )
        db = sqlite3.connect(self.folder / "crm.sqlite", isolation_level=None)
        db.execute(ALLOW, (APPLICATION_KEY, "rest", "validated"))
        db.close()

    def _wait_until_it_answers(self) -> None:
        """Wait for the start, which takes a second or two."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "trytond.log").read_text())

    def call(self, method: str, *params: Any) -> Any:
        """Call a remote method, and return its result."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        if session := getattr(self, "session", ""):
            headers["Authorization"] = f"Session {session}"
        connection.request("POST", "/crm/rpc/", json.dumps({"id": 1, "method": method, "params": params}), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert "error" not in answer, answer
        return answer["result"]

    def parties(self) -> list[dict[str, Any]]:
        """Return all parties."""
        found: list[dict[str, Any]] = self.call(
            "model.party.party.search_read", [], 0, None, [["id", "ASC"]], ["name", "code"], {}
        )
        return found

    def forget_parties(self) -> None:
        """Delete all parties."""
        if ids := [party["id"] for party in self.parties()]:
            self.call("model.party.party.delete", ids, {})

    def stop(self) -> None:
        """Stop the server."""
        self.process.terminate()
        self.process.wait(20)


class LossyProxy:
    """Forwards calls, and cuts the connection instead of every nth response, after the server has done its work."""

    def __init__(self, port: int) -> None:
        self.lose_every = 0
        self.answers = 0
        self.lost = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                onward = HTTPConnection("127.0.0.1", port, timeout=60)
                onward.request(self.command, self.path, body, dict(self.headers))
                answer = onward.getresponse()
                content = answer.read()
                proxy.answers += 1
                if proxy.lose_every and proxy.answers % proxy.lose_every == 0:
                    proxy.lost += 1
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                onward.close()

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Stop the proxy."""
        self.server.shutdown()
        self.server.server_close()
