"""Calls that break in the middle: whether the CRM has the leads or not, in the end it has each once."""

import gzip
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from sync import http_client
from tests.sync.matrix import faults
from tests.sync.matrix.fake_crm import FakeCrm, Fault
from tests.sync.matrix.faults import Breakage, break_after_saving, break_before_saving
from tests.sync.matrix.kiosk_under_test import (
    Kiosk,
    make_rest,
    make_searching_rest,
    require_all_arrived,
    require_held_back,
)
from tests.sync.matrix.wire import (
    JSON,
    HttpCall,
    Wire,
    build_response,
    read_call,
    reset_connection,
    send_slowly,
    wait_for_hang_up,
)

Crms = Callable[..., FakeCrm]
Has = Callable[[FakeCrm, Breakage], Fault]

WAYS = {"rest": make_rest, "searching": make_searching_rest}

BREAKS: list[tuple[int, Breakage]] = [
    (16, faults.close_silently),
    (16, faults.half_close),
    (17, faults.reset),
    (21, faults.cut_head),
    (21, faults.cut_body),
    (21, faults.cut_chunk),
    (22, faults.cut_without_length),
    (23, faults.cut_gzip),
    (23, faults.corrupt_gzip),
    (23, faults.claim_gzip),
    (23, faults.claim_deflate),
    (39, faults.send_utf_16),
    (39, faults.claim_short_length),
    (39, faults.claim_two_lengths),
    (39, faults.claim_negative_length),
    (39, faults.send_smtp),
    (20, faults.send_endless_head),
]


def rows(cases: list[tuple[int, Breakage]]) -> list[object]:
    """Each case, marked with its row."""
    return [
        pytest.param(breaks, marks=pytest.mark.row(number=row), id=f"{row}-{breaks.__name__}") for row, breaks in cases
    ]


@pytest.mark.parametrize("has", [break_after_saving, break_before_saving], ids=["taken", "not taken"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("breaks", rows(BREAKS))
def test_an_answer_that_breaks(kiosk: Kiosk, crms: Crms, way: str, has: Has, breaks: Breakage) -> None:
    """Rows 16, 17, 20, 21, 22, 23, 39: half an answer proves nothing and spends no attempt; none is lost or doubled."""
    crm = crms(has_keys=way != "searching")
    kiosk.add_leads(5)
    kiosk.use_connector(WAYS[way](crm.url))
    crm.fault = faults.break_only([1, 2, 3, 4], crm, has(crm, breaks))

    summary = kiosk.drain()

    assert summary.delivered == 0
    require_held_back(kiosk, "CRM down")
    require_all_arrived(kiosk, crm)


DRIPS: list[tuple[int, Breakage]] = [
    (20, faults.drip_head),
    (20, faults.drip_body),
    (20, faults.drip_chunks),
    (20, faults.repeat_continue),
    (20, faults.repeat_processing),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("breaks", rows(DRIPS))
def test_an_answer_that_trickles_in(
    kiosk: Kiosk, crms: Crms, monkeypatch: pytest.MonkeyPatch, way: str, breaks: Breakage
) -> None:
    """Row 20: signs of life keep no call alive: each, of whatever kind, ends by the deadline."""
    monkeypatch.setattr(http_client, "CALL_DEADLINE_SECONDS", 0.1)
    crm = crms(has_keys=way != "searching")
    kiosk.add_leads(2)
    kiosk.use_connector(WAYS[way](crm.url))
    crm.fault = break_after_saving(crm, breaks)
    started = time.monotonic()

    for _ in range(3 if way == "searching" else 1):  # a lead that was sent before is searched first
        kiosk.drain()
        require_held_back(kiosk, "CRM down", "took too long")
        kiosk.wait_for_next_try()

    assert time.monotonic() - started < 10
    assert way != "searching" or "GET" in {call.method for call in crm.calls}
    monkeypatch.setattr(http_client, "CALL_DEADLINE_SECONDS", 45.0)
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=20)
def test_the_deadline_of_the_field() -> None:
    """Row 20: no call is longer than a minute, and no part of one waits longer than the whole."""
    parts = (
        http_client.HTTP_TIMEOUT.connect,
        http_client.HTTP_TIMEOUT.read,
        http_client.HTTP_TIMEOUT.write,
        http_client.RECONNECT_TIMEOUT_SECONDS,
    )

    assert http_client.CALL_DEADLINE_SECONDS <= 60
    assert all(part is not None and 0 < part < http_client.CALL_DEADLINE_SECONDS for part in parts)


@pytest.mark.row(number=14)
@pytest.mark.parametrize("has", [break_after_saving, break_before_saving], ids=["taken", "not taken"])
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_never_comes(
    kiosk: Kiosk, crms: Crms, monkeypatch: pytest.MonkeyPatch, way: str, has: Has
) -> None:
    """Row 14: as when the WiFi is lost while the CRM works: the outcome is unknown, so the same ids are sent again."""
    # Connecting may take its time on a busy machine; what is tested is a response that never comes.
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(30.0, read=0.2))
    crm = crms(has_keys=way != "searching")
    kiosk.add_leads(5)
    kiosk.use_connector(WAYS[way](crm.url))
    crm.fault = has(crm, faults.stay_silent)

    kiosk.drain()

    require_held_back(kiosk, "CRM down", "did not respond in time")
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(30.0))
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=12)
@pytest.mark.row(number=13)
@pytest.mark.parametrize("has", [break_after_saving, break_before_saving], ids=["downward", "upward"])
def test_only_small_batches_get_through(kiosk: Kiosk, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch, has: Has) -> None:
    """Rows 12, 13: where large calls are dropped, smaller batches get through; no attempt is spent."""
    monkeypatch.setattr(
        http_client, "HTTP_TIMEOUT", httpx.Timeout(1.0)
    )  # small calls must be answered in time on a busy machine
    kiosk.add_leads(10)
    kiosk.use_connector(make_rest(crm.url))
    swallow = has(crm, faults.stay_silent)

    def swallow_large(wire: Wire, call: HttpCall) -> None:
        if len(call.body) > 1200:
            swallow(wire, call)
        else:
            wire.sendall(build_response("200 OK", crm.process_call(call)))

    crm.fault = swallow_large
    summary = kiosk.drain()

    assert (summary.delivered, summary.postponed) == (10, 0)
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=15)
@pytest.mark.parametrize("way", WAYS)
def test_a_crm_or_a_network_that_is_slow(kiosk: Kiosk, crms: Crms, way: str) -> None:
    """Row 15: late is not lost; nothing is sent twice, and nothing closes."""
    crm = crms(has_keys=way != "searching")
    kiosk.add_leads(3)
    kiosk.use_connector(WAYS[way](crm.url))
    crm.fault = break_after_saving(crm, faults.answer_late(0.4))

    summary = kiosk.drain()

    assert (summary.delivered, summary.gate.is_open) == (3, True)
    assert summary.calls == len(crm.calls)
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=18)
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_an_upload_that_is_cut(kiosk: Kiosk, crm: FakeCrm, how: str) -> None:
    """Row 18: it looks like an answer that was cut off: the outcome is unknown, and the same ids are sent again."""
    kiosk.add_leads(30, company="x" * 200_000)
    kiosk.use_connector(make_rest(crm.url))

    def cut(wire: Wire) -> None:
        wire.recv(1000)
        if how == "resets":
            reset_connection(wire)

    crm.greeting = cut
    kiosk.drain()

    require_held_back(kiosk, "CRM down", "broke")
    assert crm.calls == []
    crm.greeting = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=19)
def test_an_upload_that_stalls(kiosk: Kiosk, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 19: the CRM cannot have all of it, so the network is at fault, and the gate says so."""
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(20.0, write=0.3))
    kiosk.add_leads(60, company="x" * 300_000)
    kiosk.use_connector(make_rest(crm.url))
    done = threading.Event()

    def stall(wire: Wire) -> None:
        wire.recv(1000)
        done.wait(20)

    crm.greeting = stall
    kiosk.drain()
    done.set()

    require_held_back(kiosk, "offline", "network stopped while sending")
    assert crm.calls == []
    crm.greeting = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=24)
@pytest.mark.parametrize("how", ["closed while idle", "closes at the next call", "resets at the next call"])
def test_a_connection_that_was_kept_and_is_stale(kiosk: Kiosk, crm: FakeCrm, how: str) -> None:
    """Row 24: a connection that died while idle costs nothing, or one call that is made again."""
    kiosk.add_leads(3)
    kiosk.use_connector(make_rest(crm.url))
    stale = threading.Event()

    def speak_once(wire: Wire) -> None:
        crm.greeting = None
        if call := read_call(wire):
            wire.sendall(build_response("200 OK", crm.process_call(call), keep=True))
        if how != "closed while idle":
            wire.recv(1)
            if how == "resets at the next call":
                reset_connection(wire)
        stale.set()

    crm.greeting = speak_once
    assert kiosk.drain().delivered == 3
    assert how != "closed while idle" or stale.wait(10)
    kiosk.add_leads(3)
    summary = kiosk.drain()

    assert {("delivered", 0, ""), ("waiting", 0, "")} >= kiosk.read_rows()
    assert how != "closed while idle" or summary.delivered == 3
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=50)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("status", ["200 OK", "502 Bad Gateway", "302 Found"])
def test_gigabytes(kiosk: Kiosk, crm: FakeCrm, stranger: FakeCrm, status: str, packed: bool) -> None:
    """Row 50: an answer without end is not read to its end, whatever it says it is, or unpacks to."""
    kiosk.add_leads(3)
    kiosk.use_connector(make_rest(crm.url))
    sent: list[int] = []
    bomb = gzip.compress(b" " * 50_000_000, 1)

    def flood(wire: Wire, call: HttpCall) -> None:
        coding = ["Content-Encoding: gzip"] if packed else []
        wire.sendall(build_response(status, b"", JSON, f"Location: {stranger.url}", *coding, length=10**12))
        for _ in range(1000):
            wire.sendall(bomb if packed else b" " * 1_000_000)
            sent.append(len(bomb) if packed else 1_000_000)

    crm.fault = flood
    kiosk.drain()

    require_held_back(kiosk, "CRM down", "far too large")
    assert sum(sent) < 100_000_000, "megabytes were read that nobody needs"
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=50)
def test_gigabytes_that_trickle_in(kiosk: Kiosk, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 50: an answer that comes slowly is held to the deadline long before it is too large."""
    monkeypatch.setattr(http_client, "CALL_DEADLINE_SECONDS", 0.3)
    kiosk.add_leads(1)
    kiosk.use_connector(make_rest(crm.url))

    def flood(wire: Wire, call: HttpCall) -> None:
        wire.sendall(build_response("200 OK", b"", JSON, length=10**12))
        send_slowly(wire, b" " * 1000)

    crm.fault = flood
    kiosk.drain()

    require_held_back(kiosk, "CRM down", "took too long")
    monkeypatch.setattr(http_client, "CALL_DEADLINE_SECONDS", 45.0)
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=16)
def test_a_crm_that_answers_before_the_upload_is_complete(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 16: an answer that comes early, with the upload cut, is read all the same."""
    kiosk.add_leads(30, company="x" * 200_000)
    kiosk.use_connector(make_rest(crm.url))

    def refuse(wire: Wire) -> None:
        wire.recv(1000)
        wire.sendall(build_response("429 Too Many Requests", b"{}", JSON, "Retry-After: 17"))
        wire.shutdown(socket.SHUT_WR)
        wait_for_hang_up(wire)

    crm.greeting = refuse
    kiosk.drain()

    require_held_back(kiosk, "throttled", "asked the kiosk to wait")
    crm.greeting = None
    require_all_arrived(kiosk, crm)
