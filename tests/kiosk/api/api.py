"""The API as a real process, for tests."""

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from data import devices
from data.clock import SystemClock
from data.store import open_store
from sync.file_lock import hold_lock

ROOT = Path(__file__).parents[3]


class Api:
    """`kiosk serve` in a folder: started on a free port, killed, and started again."""

    def __init__(self, folder: Path, intake: str = "", more: str = "") -> None:
        self.folder = folder
        self.config = folder / "kiosk.toml"
        self.set_up(intake, more)
        self.store = folder / "practice" / "kiosk.db"
        self.log_file = folder / "serve.log"
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.tokens: dict[str, str] = {}

    def set_up(self, intake: str = "", more: str = "") -> None:
        """Write kiosk.toml."""
        port = "" if "port" in intake else "port = 0\n"
        self.config.write_text(
            f'[data]\nfolder = "{self.folder}"\n[event]\nname = "Expo"\n[api]\n{port}{intake}\n{more}', "utf-8"
        )

    def start(self, patch: str = "pass") -> "Api":
        """Start it after running the Python code *patch*, which may shorten a timeout; return once it listens."""
        assert self.process is None, "it is running already"
        code = f"{patch}\nfrom kiosk.cli import main; main()"
        command = [sys.executable, "-c", code, "--config", str(self.config), "serve"]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert "Accepting leads at" in said, self.log
        self.url = said.split()[-1]
        return self

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Stop it if it runs, and return its exit status."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        assert process.stdout is not None
        with process.stdout:
            if process.poll() is None:
                os.kill(process.pid, how)
            return process.wait(60)

    @contextmanager
    def sender(self) -> Iterator[None]:
        """Pretend that a worker is running, by holding its lock."""
        with hold_lock(self.store.with_name("worker.lock")):
            yield

    @property
    def pid(self) -> int:
        """The process id."""
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        """Its log."""
        return self.log_file.read_text(encoding="utf-8")

    def token(self, role: str = "manage", name: str = "") -> str:
        """Return a token of a device with *role*; always the same for the same device."""
        name = name or f"a {role} device"
        if name not in self.tokens:
            with closing(open_store(self.store)) as db:
                self.tokens[name] = devices.add_device(db, name, role, SystemClock())
        return self.tokens[name]

    def client(self, role: str = "manage", name: str = "", **options: Any) -> httpx.Client:
        """Create a client with the token of a device."""
        return self.stranger(headers={"Authorization": f"Bearer {self.token(role, name)}"}, **options)

    def stranger(self, **options: Any) -> httpx.Client:
        """Create a client without a token."""
        # Loading all certificate authorities takes longer than a call, so it is done for TLS only.
        found = {"base_url": self.url, "trust_env": False, "timeout": 30, "verify": self.url.startswith("https:")}
        return httpx.Client(**{**found, **options})

    def call(self, method: str, path: str, body: Any = None, role: str = "manage", **options: Any) -> httpx.Response:
        """Send one request."""
        with self.client(role) as client:
            return client.request(method, path, **({"json": body} if body is not None else {}), **options)

    def post(self, body: Any, role: str = "post", **options: Any) -> httpx.Response:
        """Post one contact."""
        return self.call("POST", "/api/v1/contacts", body, role, **options)

    def bulk(self, items: Any, role: str = "post") -> httpx.Response:
        """Post several contacts in one request."""
        return self.call("POST", "/api/v1/contacts/bulk", {"contacts": items}, role)

    def connect(self, timeout: float = 30.0) -> socket.socket:
        """Open a bare connection."""
        url = httpx.URL(self.url)
        return socket.create_connection((url.host, url.port or 80), timeout)

    def raw(self, request: bytes, timeout: float = 30.0, *, end: bool = False) -> bytes:
        """Send *request* and return everything until the server closes; with *end* the client closes its side first."""
        with self.connect(timeout) as line:
            line.sendall(request)
            if end:
                line.shutdown(socket.SHUT_WR)
            return read_all(line)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Query the database."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def count(self, table: str) -> int:
        """Count the rows of *table*."""
        return int(self.rows(f"select count(*) from {table}")[0][0])

    def holds(self, secret: str | bytes) -> list[str]:
        """List the kiosk's files that contain *secret*, logs and the database's log included."""
        wanted = secret.encode() if isinstance(secret, str) else secret
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [path.name for path in files if wanted in path.read_bytes()]

    def memory(self) -> int:
        """Return its resident memory in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(status.split("VmRSS:")[1].split()[0])


def read_all(line: socket.socket) -> bytes:
    """Read until the server closes or resets the connection."""
    found = b""
    try:
        while part := line.recv(65536):
            found += part
    except (ConnectionResetError, BrokenPipeError):
        pass
    return found


def read_answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read the next response on a connection that stays open: status, headers and body."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = line.recv(1)
        assert part, f"hung up after {found!r}"
        found += part
    first, *lines = found.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in lines if one)}
    body = b""
    while left := int(headers.get("content-length", "0")) - len(body):
        part = line.recv(left)
        assert part, f"hung up in the middle of {body!r}"
        body += part
    return int(first.split()[1]), headers, body


def request(method: str, path: str, token: str = "", body: Any = None, *headers: str) -> bytes:
    """Encode a request."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: kiosk", *headers]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Content-Length: {len(content)}"] if body is not None else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def is_hung_up(line: socket.socket, seconds: float) -> bool:
    """Return whether the server closes the connection within *seconds*; what it sends before is dropped."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if not select.select([line], [], [], left)[0]:
            return False
        try:
            if not line.recv(65536):
                return True
        except ConnectionResetError:
            return True
    return False
