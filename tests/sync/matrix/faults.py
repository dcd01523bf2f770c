"""Ways in which a call to a CRM breaks in the middle, before and after the CRM has saved the leads."""

import gzip
import json
import time
from collections.abc import Callable, Sequence

from tests.sync.matrix.fake_crm import FakeCrm, Fault
from tests.sync.matrix.wire import JSON, HttpCall, Wire, build_response, reset_connection, send_slowly, wait_for_hang_up

Breakage = Callable[[Wire, bytes], None]
"""What happens to a connection on which *answer*, which is complete and true, would have been sent."""


def break_after_saving(crm: FakeCrm, breaks: Breakage) -> Fault:
    """The CRM saves the leads, and then the answer breaks."""

    def fault(wire: Wire, call: HttpCall) -> None:
        breaks(wire, json.dumps(crm.process_call(call)).encode())

    return fault


def break_before_saving(crm: FakeCrm, breaks: Breakage) -> Fault:
    """The CRM saves nothing, and what arrives of the answer says that it did."""

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
    """Send nothing, and close."""


def reset(wire: Wire, answer: bytes) -> None:
    """Reset the connection."""
    reset_connection(wire)


def stay_silent(wire: Wire, answer: bytes) -> None:
    """Send nothing, and keep the connection."""
    wait_for_hang_up(wire)


def half_close(wire: Wire, answer: bytes) -> None:
    """Close the sending side only."""
    wire.shutdown(1)
    wait_for_hang_up(wire)


def cut_head(wire: Wire, answer: bytes) -> None:
    """End within a header."""
    wire.sendall(build_response("200 OK", answer, JSON)[:30])


def cut_body(wire: Wire, answer: bytes) -> None:
    """End before the declared length."""
    wire.sendall(build_response("200 OK", answer, JSON)[:-5])


def cut_chunk(wire: Wire, answer: bytes) -> None:
    """End within a chunk."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    wire.sendall(head + f"{len(answer):x}\r\n".encode() + answer[:-5])


def cut_without_length(wire: Wire, answer: bytes) -> None:
    """End early, without a length that would tell."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + answer[:-5])


def cut_gzip(wire: Wire, answer: bytes) -> None:
    """Cut the compressed body; the rest can be decompressed."""
    wire.sendall(build_response("200 OK", gzip.compress(answer + b" " * 4000)[:-40], JSON, "Content-Encoding: gzip"))


def corrupt_gzip(wire: Wire, answer: bytes) -> None:
    """Corrupt some bytes of the compressed body."""
    packed = gzip.compress(answer)
    wire.sendall(build_response("200 OK", packed[:15] + b"\xff\xff\xff" + packed[18:], JSON, "Content-Encoding: gzip"))


def claim_gzip(wire: Wire, answer: bytes) -> None:
    """Declare gzip for an uncompressed body."""
    wire.sendall(build_response("200 OK", answer, JSON, "Content-Encoding: gzip"))


def claim_deflate(wire: Wire, answer: bytes) -> None:
    """Declare deflate for a gzip body."""
    wire.sendall(build_response("200 OK", gzip.compress(answer), JSON, "Content-Encoding: deflate"))


def send_utf_16(wire: Wire, answer: bytes) -> None:
    """Send UTF-16, although JSON is UTF-8."""
    wire.sendall(
        build_response("200 OK", answer.decode().encode("utf-16"), "Content-Type: application/json; charset=utf-16")
    )


def claim_short_length(wire: Wire, answer: bytes) -> None:
    """Declare a length that is too small."""
    wire.sendall(build_response("200 OK", answer, JSON, length=len(answer) - 5, keep=True))


def claim_two_lengths(wire: Wire, answer: bytes) -> None:
    """Declare two different lengths."""
    wire.sendall(build_response("200 OK", answer, JSON, "Content-Length: 7"))


def claim_negative_length(wire: Wire, answer: bytes) -> None:
    """Declare a negative length."""
    wire.sendall(build_response("200 OK", answer, JSON, length=-1))


def send_smtp(wire: Wire, answer: bytes) -> None:
    """Speak another protocol."""
    wire.sendall(b"220 smtp.example.net ESMTP ready\r\n" + answer)


def send_endless_head(wire: Wire, answer: bytes) -> None:
    """Send headers without an end."""
    wire.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        wire.sendall(f"X-Number-{number}: {'x' * 100}\r\n".encode())


def drip_head(wire: Wire, answer: bytes) -> None:
    """Send a header letter by letter."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    send_slowly(wire, b"x")


def drip_body(wire: Wire, answer: bytes) -> None:
    """White space, with which JSON may begin, indefinitely."""
    wire.sendall(build_response("200 OK", b"", JSON, length=100_000))
    send_slowly(wire)


def drip_chunks(wire: Wire, answer: bytes) -> None:
    """Send chunks of white space without an end."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n")
    send_slowly(wire, b"1\r\n \r\n")


def repeat_continue(wire: Wire, answer: bytes) -> None:
    """Send `100 Continue` again and again."""
    send_slowly(wire, b"HTTP/1.1 100 Continue\r\n\r\n")


def repeat_processing(wire: Wire, answer: bytes) -> None:
    """Send `102 Processing` again and again, as proxies do."""
    send_slowly(wire, b"HTTP/1.1 102 Processing\r\n\r\n")


def answer_late(seconds: float) -> Breakage:
    """Send the whole answer late."""

    def late(wire: Wire, answer: bytes) -> None:
        time.sleep(seconds)
        wire.sendall(build_response("200 OK", answer, JSON))

    return late
