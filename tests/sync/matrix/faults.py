"""Ways in which a call to a CRM breaks in the middle, each with and without the CRM having taken it."""

import gzip
import json
import time
from collections.abc import Callable, Sequence

from tests.sync.matrix.fake_crm import FakeCrm, Fault
from tests.sync.matrix.wire import JSON, HttpCall, Wire, build_response, reset_connection, send_slowly, wait_for_hang_up

Breakage = Callable[[Wire, bytes], None]
"""What is done to a connection on which *answer*, a whole and true one, would have been sent."""


def break_after_saving(crm: FakeCrm, breaks: Breakage) -> Fault:
    """The CRM has what was sent, and then the answer breaks."""

    def fault(wire: Wire, call: HttpCall) -> None:
        breaks(wire, json.dumps(crm.process_call(call)).encode())

    return fault


def break_before_saving(crm: FakeCrm, breaks: Breakage) -> Fault:
    """The CRM has nothing, and what comes of an answer says that it has."""

    def fault(wire: Wire, call: HttpCall) -> None:
        results = [{"client_id": key, "id": "X-1", "status": "created", "error": None} for key in call.ids]
        one_or_all = {"results": results} if call.path.endswith("/bulk") else results[:1]
        breaks(wire, json.dumps(crm.process_call(call) if call.method == "GET" else one_or_all).encode())

    return fault


def break_only(calls: Sequence[int], crm: FakeCrm, fault: Fault) -> Fault:
    """*fault* for the calls with these numbers, counted from 1; the others are answered."""

    def chosen(wire: Wire, call: HttpCall) -> None:
        if len(crm.calls) in calls:
            fault(wire, call)
        else:
            wire.sendall(build_response("200 OK", crm.process_call(call)))

    return chosen


def close_silently(wire: Wire, answer: bytes) -> None:
    """Nothing is said."""


def reset(wire: Wire, answer: bytes) -> None:
    """The connection is torn down."""
    reset_connection(wire)


def stay_silent(wire: Wire, answer: bytes) -> None:
    """Nothing is said, and the connection stays."""
    wait_for_hang_up(wire)


def half_close(wire: Wire, answer: bytes) -> None:
    """It says that it will say nothing more, and stays on the line."""
    wire.shutdown(1)
    wait_for_hang_up(wire)


def cut_head(wire: Wire, answer: bytes) -> None:
    """It ends within a header."""
    wire.sendall(build_response("200 OK", answer, JSON)[:30])


def cut_body(wire: Wire, answer: bytes) -> None:
    """It ends before its length."""
    wire.sendall(build_response("200 OK", answer, JSON)[:-5])


def cut_chunk(wire: Wire, answer: bytes) -> None:
    """It ends within a chunk."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    wire.sendall(head + f"{len(answer):x}\r\n".encode() + answer[:-5])


def cut_without_length(wire: Wire, answer: bytes) -> None:
    """It ends early, and nothing tells."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + answer[:-5])


def cut_gzip(wire: Wire, answer: bytes) -> None:
    """What is left of it unpacks, without its end."""
    wire.sendall(build_response("200 OK", gzip.compress(answer + b" " * 4000)[:-40], JSON, "Content-Encoding: gzip"))


def corrupt_gzip(wire: Wire, answer: bytes) -> None:
    """Some bytes of it are others."""
    packed = gzip.compress(answer)
    wire.sendall(build_response("200 OK", packed[:15] + b"\xff\xff\xff" + packed[18:], JSON, "Content-Encoding: gzip"))


def claim_gzip(wire: Wire, answer: bytes) -> None:
    """It is not packed at all."""
    wire.sendall(build_response("200 OK", answer, JSON, "Content-Encoding: gzip"))


def claim_deflate(wire: Wire, answer: bytes) -> None:
    """It is packed otherwise than it says."""
    wire.sendall(build_response("200 OK", gzip.compress(answer), JSON, "Content-Encoding: deflate"))


def send_utf_16(wire: Wire, answer: bytes) -> None:
    """JSON is UTF-8."""
    wire.sendall(
        build_response("200 OK", answer.decode().encode("utf-16"), "Content-Type: application/json; charset=utf-16")
    )


def claim_short_length(wire: Wire, answer: bytes) -> None:
    """Its length is too small."""
    wire.sendall(build_response("200 OK", answer, JSON, length=len(answer) - 5, keep=True))


def claim_two_lengths(wire: Wire, answer: bytes) -> None:
    """One of them must be wrong."""
    wire.sendall(build_response("200 OK", answer, JSON, "Content-Length: 7"))


def claim_negative_length(wire: Wire, answer: bytes) -> None:
    """No length at all."""
    wire.sendall(build_response("200 OK", answer, JSON, length=-1))


def send_smtp(wire: Wire, answer: bytes) -> None:
    """Another protocol altogether."""
    wire.sendall(b"220 smtp.example.net ESMTP ready\r\n" + answer)


def send_endless_head(wire: Wire, answer: bytes) -> None:
    """Header after header."""
    wire.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        wire.sendall(f"X-Number-{number}: {'x' * 100}\r\n".encode())


def drip_head(wire: Wire, answer: bytes) -> None:
    """A header that grows letter by letter."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    send_slowly(wire, b"x")


def drip_body(wire: Wire, answer: bytes) -> None:
    """White space that JSON may begin with, for ever."""
    wire.sendall(build_response("200 OK", b"", JSON, length=100_000))
    send_slowly(wire)


def drip_chunks(wire: Wire, answer: bytes) -> None:
    """Chunk after chunk of it."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n")
    send_slowly(wire, b"1\r\n \r\n")


def repeat_continue(wire: Wire, answer: bytes) -> None:
    """Again and again that the answer is yet to come."""
    send_slowly(wire, b"HTTP/1.1 100 Continue\r\n\r\n")


def repeat_processing(wire: Wire, answer: bytes) -> None:
    """The same in the words of a proxy."""
    send_slowly(wire, b"HTTP/1.1 102 Processing\r\n\r\n")


def answer_late(seconds: float) -> Breakage:
    """The whole answer, late."""

    def late(wire: Wire, answer: bytes) -> None:
        time.sleep(seconds)
        wire.sendall(build_response("200 OK", answer, JSON))

    return late
