"""Limits on bodies, heads, rates and connections: exceeding them gets a clear error and does no harm."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.kiosk.api.api import Api, read_answer, request


def is_well(api: Api) -> bool:
    """Return whether another device is served at once."""
    began = time.monotonic()
    with api.client("post", "a device that is well") as client:
        return client.post("/api/v1/contacts", json={"name": "We Ll"}).is_success and time.monotonic() - began < 10


def test_a_body_that_is_too_large_is_not_read(api_with: Callable[..., Api]) -> None:
    """413 names the limit, whether the length is announced or the body comes in chunks."""
    api = api_with("max_body = 2000").start()
    said = api.post({"name": "x", "note": "y" * 3000})
    pieces = api.call("POST", "/api/v1/contacts", content=iter([b'{"name": "', b"x" * 1500, b"x" * 1500, b'"}']))
    lied = api.raw(
        request("POST", "/api/v1/contacts", api.token("post"), None, "Content-Length: 999999999", "Connection: close")
    )
    fits = api.post({"name": "x", "note": "y" * 1900})

    assert (said.status_code, said.json()["limit"]) == (413, 2000)
    assert (pieces.status_code, pieces.json()["limit"]) == (413, 2000)
    assert lied.startswith(b"HTTP/1.1 413 ")
    assert fits.status_code == 201
    assert api.count("leads") == 1


def test_all_bodies_together_are_limited(api_with: Callable[..., Api]) -> None:
    """Further bodies get 503 until the others are done."""
    api = api_with("max_body = 100_000").start(
        "import kiosk.api.wire.body_limits as i; i.MAX_TOTAL_BODY_BYTES = 150_000"
    )
    big = b'{"name": "' + b"x" * 80_000
    head = request("POST", "/api/v1/contacts", api.token("post"), None, "Content-Length: 90000")
    with api.connect() as first, api.connect() as second:
        first.sendall(head + big)
        time.sleep(0.3)
        second.sendall(head)
        status, headers, _ = read_answer(second)

        assert (status, headers["retry-after"]) == (503, "1")
        assert is_well(api)
    time.sleep(0.3)
    assert api.call("POST", "/api/v1/contacts", {"name": "x" * 90_000}).status_code == 422


def test_each_device_has_its_own_rate_limit(api_with: Callable[..., Api]) -> None:
    """429 has Retry-After, other devices are not slowed down, and waiting helps."""
    api = api_with("calls_per_second = 5").start()
    with api.client("post", "eager") as eager:
        answers = [
            eager.post("/api/v1/contacts", json={"client_id": str(number), "name": f"E {number}"})
            for number in range(30)
        ]

        late = [answer for answer in answers if answer.status_code == 429]
        assert 10 <= sum(answer.status_code == 201 for answer in answers) < 30
        assert late
        assert {answer.headers["retry-after"] for answer in late} == {"1"}
        assert is_well(api)
        time.sleep(1.2)
        assert eager.post("/api/v1/contacts", json={"client_id": "later", "name": "La Ter"}).status_code == 201


@contextmanager
def idle(api: Api, number: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """Open connections that have sent *said* and are silent."""
    with ExitStack() as stack:
        lines = [stack.enter_context(api.connect()) for _ in range(number)]
        for line in lines:
            line.sendall(said)
        yield lines


def test_a_thousand_idle_connections_do_no_harm(api: Api) -> None:
    """Others are served meanwhile, and memory stays within bounds."""
    assert is_well(api)
    before = api.memory()
    with idle(api, 1000, b"GET / HTTP/1.1\r\nX-Slow: "):
        assert is_well(api)
        during = api.memory()

    assert during - before < 60_000_000
    assert is_well(api)


def test_the_longest_idle_connection_makes_room(api_with: Callable[..., Api]) -> None:
    """Occupying all connections does not lock anybody out."""
    api = api_with().start("import kiosk.api.server.connection_limits as p; p.MAX_CONNECTIONS = 20")
    with idle(api, 20) as lines:
        assert is_well(api)
        lines[0].settimeout(10)
        try:
            gone = lines[0].recv(10) == b""
        except ConnectionResetError:
            gone = True
        assert gone


def test_a_new_connection_is_refused_while_all_are_busy(api_with: Callable[..., Api]) -> None:
    """A connection that waits for a response is never closed for it."""
    api = api_with().start("import kiosk.api.server.connection_limits as p; p.MAX_CONNECTIONS = 3")
    begun = request("POST", "/api/v1/contacts", api.token("post"), None, "Content-Length: 16")
    with idle(api, 3, begun) as lines:
        time.sleep(0.3)
        with api.connect() as late:
            status, headers, body = read_answer(late)

        assert (status, headers["retry-after"]) == (503, "1")
        assert b"Too many devices" in body
        for line in lines:
            line.sendall(b'{"name": "Busy"}')
        assert {200, 201} >= {read_answer(line)[0] for line in lines}
