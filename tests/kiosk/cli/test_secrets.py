"""The CRM's token: from the environment or a file that only its owner reads; never in what is said or written."""

import http.server
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.cli.conftest import Kiosk

TOKEN = "tok-5f3c9a1e77-do-not-tell"
REST = 'crm.connector = "rest"\ncrm.rest.url = "http://127.0.0.1:9/api"\n'


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "{path} cannot be read (No such file or directory"),
        (
            lambda path: (path.write_text(TOKEN), path.chmod(0o644)),
            "other users can read {path}; run: chmod 600 {path}",
        ),
        (
            lambda path: (path.write_text(TOKEN), path.chmod(0o640)),
            "other users can read {path}; run: chmod 600 {path}",
        ),
        (lambda path: (path.write_text(" \n"), path.chmod(0o600)), "{path} is empty."),
        (lambda path: (path.write_bytes(b"\xff" + TOKEN.encode()), path.chmod(0o600)), "{path} cannot be read ("),
        (lambda path: (path.write_text(f"\x1b{TOKEN}"), path.chmod(0o600)), "{path} must contain the "),
        (lambda path: path.mkdir(0o755), "{path} is a folder. Name the file that contains the secret."),
    ],
    ids=["missing", "for all", "for the group", "empty", "no text", "a control character", "a folder"],
)
@pytest.mark.parametrize("command", ["worker", "sync", "run"])
def test_an_unusable_token_file_is_reported_before_anything_starts(
    kiosk: Kiosk, make: Any, sentence: str, command: Any
) -> None:
    """Status 2, with table and key; the sentence has no token, and no database is created."""
    path = kiosk.folder / "token"
    make(path)
    kiosk.configure(f'{REST}crm.rest.token_file = "{path}"')

    done = kiosk(command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert f"Error: [crm.rest] token_file: {sentence.format(path=path)}" in done.stderr
    assert TOKEN not in done.stderr
    assert not kiosk.settings.database_file.exists()


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_environment_without_the_token_is_told(kiosk: Kiosk, value: str | None) -> None:
    """The sentence names the variable."""
    kiosk.configure(f'{REST}crm.rest.token_env = "BOOTH_TOKEN"')
    kiosk.monkeypatch.delenv("BOOTH_TOKEN", raising=False)
    if value is not None:
        kiosk.monkeypatch.setenv("BOOTH_TOKEN", value)

    done = kiosk("sync")

    assert done.exit_code == 2
    assert done.stderr == "Error: [crm.rest] token_env: the environment variable BOOTH_TOKEN is not set.\n"


def test_a_secret_in_place_of_the_variables_name_is_not_shown(kiosk: Kiosk) -> None:
    """The sentence says where it belongs."""
    kiosk.configure(f'{REST}crm.rest.token_env = "pat-eu1-5f3c9a1e77d24c0b"')

    done = kiosk("sync")

    assert done.exit_code == 2
    assert "token_env: there is no environment variable of that name. Did you paste the secret itself?" in done.stderr
    assert "pat-eu1" not in done.stderr


def test_what_needs_no_crm_needs_no_token(kiosk: Kiosk) -> None:
    """Without a token, commands still show what is on this device."""
    kiosk.configure(f'{REST}crm.rest.token_file = "/nowhere/token"')

    assert [kiosk(command).exit_code for command in ("status", "leads", "pending")] == [0, 0, 0]


class Echo(http.server.BaseHTTPRequestHandler):
    """A CRM that quotes the key that it refuses, and remembers it."""

    heard: list[str] = []

    def do_POST(self) -> None:
        """Refuse the key."""
        self.heard.append(self.headers["Authorization"])
        self.rfile.read(int(self.headers["Content-Length"]))
        body = f'{{"error": "the key {self.headers["Authorization"]} is not known"}}'.encode()
        self.send_response(422)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    """The URL of such a CRM."""
    Echo.heard.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("place", ["token_env", "token_file"])
def test_the_token_is_sent_and_never_said(kiosk: Kiosk, echo: str, place: str) -> None:
    """No output, database, log or export has it, even if the CRM quotes it."""
    token_file = kiosk.folder.parent / f"{kiosk.folder.name}.token"
    token_file.write_text(f"{TOKEN}\n")
    token_file.chmod(0o600)
    kiosk.monkeypatch.setenv("BOOTH_TOKEN", TOKEN)
    value = "BOOTH_TOKEN" if place == "token_env" else token_file
    kiosk.configure(f'crm.connector = "rest"\ncrm.rest.url = "{echo}"\ncrm.rest.{place} = "{value}"')
    kiosk.people(1)
    log = kiosk.folder / "worker.log"

    with log.open("w") as output:
        worker = kiosk.start("worker", stdout=output, stderr=subprocess.STDOUT)
    while not Echo.heard:
        time.sleep(0.05)
    worker.terminate()
    worker.wait(60)
    done = [kiosk(*command.split()) for command in (
        "retry --all", "sync --json", "sync", "pending", "pending --json", "status --json", "leads --json",
        f"export {kiosk.folder}/leads.csv", f"export {kiosk.folder}/leads.json",
    )]  # fmt: skip

    assert set(Echo.heard) == {f"Bearer {TOKEN}"}
    assert any("is not known" in result.stdout for result in done)
    assert [result.output for result in done if TOKEN in result.output] == []
    assert "the worker starts" in log.read_text()
    assert [path for path in files(kiosk.folder) if TOKEN.encode() in path.read_bytes()] == []


def files(folder: Path) -> list[Path]:
    """Return all files in *folder* and below."""
    return [path for path in folder.rglob("*") if path.is_file()]
