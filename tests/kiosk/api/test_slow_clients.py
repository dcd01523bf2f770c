"""Slow clients are cut off, and nobody waits for them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kiosk.api.api import Api, is_hung_up, read_all, read_answer, request

SHORT = """
import kiosk.api.server.connection_limits as p
p.HEAD_TIMEOUT_SECONDS = p.BODY_TIMEOUT_SECONDS = p.SEND_TIMEOUT_SECONDS = 1.0
"""
"""The shortest of them is ten seconds where nobody changes it; the tests allow nine."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API with timeouts of one second."""
    folder: Path = tmp_path_factory.mktemp("api")
    found = Api(folder, "calls_per_second = 100_000").start(SHORT)
    yield found
    found.stop()


def dripped(api: Api, first: bytes, drop: bytes, seconds: float = 12.0) -> tuple[bytes, float]:
    """Send *first* and then *drop* repeatedly; return the response, and the seconds until the connection closed."""
    began = time.monotonic()
    with api.connect() as line:
        line.sendall(first)
        line.settimeout(0.1)
        found = b""
        while time.monotonic() - began < seconds:
            try:
                line.sendall(drop)
                part = line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not part:
                break
            found += part
        return found, time.monotonic() - began


def test_a_trickling_head_is_cut_off(api: Api) -> None:
    """408 after the head timeout, however often a little more arrives."""
    answer, took = dripped(api, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert took < 9


def test_a_trickling_body_is_cut_off_and_not_saved(api: Api) -> None:
    """With or without a token."""
    before = api.count("leads")
    head = request("POST", "/api/v1/contacts", api.token("post"), None, "Content-Length: 5000")
    answer, took = dripped(api, head + b'{"name": "', b"x")
    stranger, its = dripped(api, request("POST", "/api/v1/contacts", "", None, "Content-Length: 5000"), b"x")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert stranger.startswith(b"HTTP/1.1 401 ") and stranger.count(b"HTTP/1.1") == 1
    assert max(took, its) < 9
    assert api.count("leads") == before


def test_a_silent_connection_is_closed(api: Api) -> None:
    """Without a response, because there was no request."""
    with api.connect() as line:
        assert is_hung_up(line, 9)
    assert api.raw(b"") == b""


def test_blank_lines_do_not_keep_a_connection_open(api: Api) -> None:
    """They are not a request, and start the head timeout."""
    with api.connect() as line:
        line.sendall(request("GET", "/healthz"))
        assert read_answer(line)[0] == 200
    answer, took = dripped(api, request("GET", "/healthz"), b"\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert took < 9


def test_a_client_that_does_not_read_is_cut_off(api: Api) -> None:
    """A hundred unread pages are not kept in memory."""
    api.bulk([{"client_id": f"l{number}", "name": f"Li St {number}", "note": "n" * 5000} for number in range(100)])
    ask = request("GET", "/api/v1/contacts?limit=100", api.token("read"))
    with api.connect() as line:
        line.sendall(ask * 100)
        time.sleep(3.5)
        found = read_all(line)

    assert found.count(b"HTTP/1.1 200") < 100
    assert api.call("GET", "/healthz").status_code == 200


def test_slow_clients_do_not_delay_others(api_with: Callable[..., Api]) -> None:
    """Two hundred clients trickle heads and bodies, and another device is served at once."""
    slow = api_with("calls_per_second = 100_000").start()
    half = request("POST", "/api/v1/contacts", slow.token("post"), None, "Content-Length: 500") + b'{"name"'
    lines = [slow.connect() for _ in range(200)]
    for number, line in enumerate(lines):
        line.sendall(half if number % 2 else b"POST /api/v1/contacts HTTP/1.1\r\n")
    began = time.monotonic()
    with slow.client("post") as client:
        statuses = [
            client.post("/api/v1/contacts", json={"name": f"Fa St {number}"}).status_code for number in range(20)
        ]

    assert statuses == [201] * 20
    assert time.monotonic() - began < 10
    for line in lines:
        line.close()
