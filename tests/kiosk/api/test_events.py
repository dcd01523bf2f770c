"""Live events: all listeners get the same snapshots, which cost next to nothing."""

import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from data import devices
from data.clock import SystemClock
from data.store import open_store
from tests.kiosk.api.api import Api, is_hung_up, request
from tests.kiosk.api.event_stream import events
from tests.support.waiting import wait_until

TELL_READINGS = """
import sys, kiosk.api.routes.events as events
read = events.read_status_json
def telling(*given):
    print("READ", file=sys.stderr, flush=True)
    return read(*given)
events.read_status_json = telling
"""

FAST = """
import socket, kiosk.api.routes.events as events
import kiosk.api.server.connection_limits as connection_limits, kiosk.api.server.server as server
events.EVENT_INTERVAL_SECONDS, events.MAX_READ_SHARE, connection_limits.SEND_TIMEOUT_SECONDS = 0.005, 1000.0, 5.0
listening = server.open_listener
def narrow(*where):
    listener = listening(*where)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    return listener
server.open_listener = narrow
"""
"""Events without a pause, and a system that holds few of them, so that who does not keep up is found out soon."""

TROUBLED = """
import pathlib, kiosk.api.routes.events as events
from data.errors import StoreBusy
from kiosk.api.wire.problems import ApiProblem
read = events.read_status_json
def troubled(*given):
    if pathlib.Path({trouble!r}).exists():
        raise {error}
    return read(*given)
events.read_status_json = troubled
"""

HELD_UP = """
import pathlib, sys, time, kiosk.api.routes.events as events
read = events.read_status_json
def held_up(*given):
    status = read(*given)
    if pathlib.Path({hold!r}).exists():
        print("HELD", file=sys.stderr, flush=True)
        while pathlib.Path({hold!r}).exists():
            time.sleep(0.01)
    return status
events.read_status_json = held_up
"""
"""A reading that has seen the devices, and takes as long as the file is there."""


@pytest.fixture
def apis(tmp_path: Path) -> Iterator[Callable[[str], Api]]:
    """Start an API after running a line of Python."""
    api = Api(tmp_path, "calls_per_second = 1000.0\n")
    yield api.start
    api.stop()


@contextmanager
def listening(api: Api, role: str = "read", name: str = "") -> Iterator[Iterator[tuple[str, Any]]]:
    """Yield the events that a device receives."""
    with api.client(role, name) as client, client.stream("GET", "/api/v1/events") as answer:
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
        yield events(answer)


def until(heard: Iterator[tuple[str, Any]], name: str, holds: Callable[[Any], bool] = lambda document: True) -> Any:
    """Return the first document of an event *name* for which *holds* is true."""
    ends = time.monotonic() + 30
    for called, document in heard:
        if called == name and holds(document):
            return document
        assert time.monotonic() < ends, f"no such {name} within 30 s"
    raise AssertionError(f"the stream ended before {name}")


def test_a_listener_gets_hello_numbers_and_leads(apis: Callable[[str], Api]) -> None:
    """`hello` has name and role, `numbers` is the status, `leads` the pending list."""
    api = apis("pass")
    api.post({"client_id": "1", "name": "Ana"})

    with listening(api, "manage", "office") as heard:
        first = [next(heard) for _ in range(3)]

    assert [name for name, _ in first] == ["hello", "numbers", "leads"]
    assert first[0][1] == {"device": "office", "role": "manage"}
    assert set(api.call("GET", "/api/v1/sync/status").json()) == set(first[1][1])
    assert [lead["name"] for lead in first[2][1]] == ["Ana"]


def test_unchanged_leads_are_not_sent_again(apis: Callable[[str], Api]) -> None:
    """A saved lead is sent without a request; the list is sent only when it changed."""
    api = apis("pass")

    with listening(api) as heard:
        until(heard, "leads")
        names = [next(heard)[0] for _ in range(2)]
        api.post({"client_id": "1", "name": "Ana"})
        number = until(heard, "numbers", lambda numbers: numbers["waiting"] == 1)
        leads = next(heard)

    assert names == ["numbers", "numbers"]
    assert (number["leads_last_hour"], leads[0], leads[1][0]["name"]) == (1, "leads", "Ana")


def test_two_hundred_listeners_share_one_read_a_second(apis: Callable[[str], Api]) -> None:
    """Each gets the numbers every second; the database is read once for all, and the processor is mostly idle."""
    api = apis(TELL_READINGS)
    lines = [listener(api, f"screen {number % 5}") for number in range(200)]
    all_hear(lines, 1)
    read, busy, began = api.log.count("READ"), cpu(api), time.monotonic()

    all_hear(lines, 3)
    seconds = time.monotonic() - began

    assert 2 <= api.log.count("READ") - read <= seconds + 1.5
    assert cpu(api) - busy < seconds / 2
    for line in lines:
        line.close()
    wait_until(lambda: quiet(api), seconds=20, what="it reads on when nobody listens")


def quiet(api: Api) -> bool:
    """Return whether nothing is read for a while."""
    before = api.log.count("READ")
    time.sleep(1.5)  # with a listener there is a reading every second
    return before == api.log.count("READ")


def listener(api: Api, name: str, room: int = 0) -> socket.socket:
    """Open a listening connection; with *room*, its receive buffer has about that many bytes."""
    line = socket.socket()
    if room:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    url = httpx.URL(api.url)
    line.connect((url.host, url.port))
    line.sendall(request("GET", "/api/v1/events", api.token("read", name)))
    return line


def count(lines: list[socket.socket], seconds: float) -> list[int]:
    """Count the `numbers` events that each receives within *seconds*."""
    found = dict.fromkeys(lines, 0)
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line, selectors.EVENT_READ)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                heard = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
                found[key.fileobj] += heard.count(b"event: numbers")  # type: ignore[index]
                LAST[key.fileobj] = heard[-300:] or b"hung up"  # type: ignore[index]
    return list(found.values())


LAST: dict[socket.socket, bytes] = {}
"""What was heard last on a line, for whoever wonders why nothing was."""


def all_hear(lines: list[socket.socket], times: int) -> None:
    """Wait until each has received *times* `numbers` events."""
    heard, ends = [0] * len(lines), time.monotonic() + 60
    while min(heard) < times:
        assert time.monotonic() < ends, f"after a minute they have heard {heard}; the last said {LAST}"
        heard = [sum(numbers) for numbers in zip(heard, count(lines, 0.2), strict=True)]


def cpu(api: Api) -> float:
    """Return the processor seconds of the server."""
    fields = Path(f"/proc/{api.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_listener_that_does_not_keep_up_is_dropped(apis: Callable[[str], Api]) -> None:
    """Nothing is queued for it, and the others are not affected."""
    api = apis(FAST)
    for number in range(60):
        api.post({"client_id": str(number), "name": f"Ana {number}", "note": "x" * 3000})
    slow, well = listener(api, "slow", room=4096), listener(api, "well")
    all_hear([well], 1)
    memory = api.memory()

    wait_until(lambda: count([well], 0.2) > [0] and is_reset(slow))
    all_hear([well], 1)
    assert api.memory() - memory < 30_000_000
    slow.close()
    well.close()


def is_reset(line: socket.socket) -> bool:
    """Return whether the server has reset this connection, without reading."""
    state = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state != 1  # TCP_ESTABLISHED


def test_revoking_a_token_ends_its_stream(apis: Callable[[str], Api]) -> None:
    """Its stream ends within seconds; that of another device continues."""
    api = apis("pass")
    gone, stays = listener(api, "lost phone"), listener(api, "wall")
    all_hear([gone, stays], 1)

    revoke(api, "lost phone")

    assert is_hung_up_on(gone)
    all_hear([stays], 2)
    gone.close()
    stays.close()


def test_a_token_made_during_a_read_is_not_taken_for_revoked(apis: Callable[[str], Api], tmp_path: Path) -> None:
    """The read does not know the new device; the stream continues until the token is revoked."""
    hold = tmp_path / "hold"
    api = apis(HELD_UP.format(hold=str(hold)))

    with listening(api, name="wall") as first:
        until(first, "numbers")
        hold.touch()
        wait_until(lambda: "HELD" in api.log)
        with listening(api, name="phone") as second:
            assert until(second, "hello")["device"] == "phone"
            hold.unlink()
            documents = [until(second, "numbers") for _ in range(3)]
            revoke(api, "phone")
            rest = list(second)

    assert "phone" in [device["name"] for device in documents[-1]["devices"]]
    assert [name for name, _ in rest].count("numbers") <= 3


def is_hung_up_on(line: socket.socket) -> bool:
    """Return whether the stream ends, by its last chunk or the end of the connection."""
    line.settimeout(10)
    text = b"\r\n"
    while part := line.recv(65536):
        text = text[-10:] + part
        if text.endswith(b"\r\n0\r\n\r\n"):
            return True
    return is_hung_up(line, 1.0)


def revoke(api: Api, name: str) -> None:
    """Revoke a device's token."""
    with closing(open_store(api.store)) as db:
        assert devices.revoke_device(db, name, SystemClock()) == 1


def test_the_server_ends_though_somebody_listens(apis: Callable[[str], Api]) -> None:
    """Listeners do not delay the shutdown."""
    api = apis("pass")
    line = listener(api, "wall")
    all_hear([line], 1)
    began = time.monotonic()

    assert api.stop() == 0
    assert time.monotonic() - began < 8.0
    line.close()


def test_the_server_ends_though_a_listener_does_not_read(apis: Callable[[str], Api]) -> None:
    """Its buffers are full, so its stream cannot end; the shutdown waits for its own time, not for the send timeout."""
    patch = FAST.replace("SEND_TIMEOUT_SECONDS = 0.005, 1000.0, 5.0", "SEND_TIMEOUT_SECONDS = 0.005, 1000.0, 60.0")
    api = apis(f"{patch}\nserver._SHUTDOWN_SECONDS = 1\n")
    for number in range(60):
        api.post({"client_id": str(number), "name": f"Ana {number}", "note": "x" * 3000})
    stuck, reads = listener(api, "stuck", room=4096), listener(api, "reads")
    all_hear([reads], 20)
    began = time.monotonic()

    assert api.stop() == 0
    assert time.monotonic() - began < 30
    stuck.close()
    reads.close()


@pytest.mark.parametrize(
    ("error", "detail", "traces"),
    [
        ("StoreBusy('The database is busy.')", "The database is busy.", 0),
        ("ApiProblem(503, 'Too many requests are waiting.')", "Too many requests are waiting.", 0),
        ("RuntimeError('A bug.')", "An unexpected error; see the kiosk's log.", 1),
    ],
)
def test_numbers_that_cannot_be_read_are_reported_to_listeners(
    apis: Callable[[str], Api], tmp_path: Path, error: str, detail: str, traces: int
) -> None:
    """The stream stays open, reports the problem, and continues with the numbers. The log gets a bug only once."""
    trouble = tmp_path / "trouble"
    api = apis(FAST + TROUBLED.format(trouble=str(trouble), error=error))

    with listening(api) as heard:
        until(heard, "numbers")
        trouble.touch()
        told = [until(heard, "trouble") for _ in range(5)]
        trouble.unlink()
        until(heard, "numbers")

    assert told == [{"detail": detail}] * 5
    assert api.log.count("Traceback") == traces


def test_devices_that_only_read_are_recorded_as_seen(apis: Callable[[str], Api]) -> None:
    """Last seen is recorded although nobody posts."""
    api = apis("import kiosk.api.server.last_seen as last_seen; last_seen.SAVE_DELAY_SECONDS = 0.2")

    api.call("GET", "/api/v1/sync/status", role="read")

    wait_until(lambda: api.rows("select seen_at is not null from devices") == [(1,)])


def test_too_many_listeners_are_asked_to_come_back(apis: Callable[[str], Api]) -> None:
    """They get 503 with Retry-After, and the listeners are not affected."""
    api = apis("import kiosk.api.routes.events as events; events.MAX_LISTENERS = 1")

    with listening(api) as heard:
        until(heard, "numbers")
        answer = api.call("GET", "/api/v1/events", role="read")
        until(heard, "numbers")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
