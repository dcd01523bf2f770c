"""Ways in which a call to a CRM breaks in the middle, each with and without the CRM having taken it."""

import gzip
import json
import time
from collections.abc import Callable, Sequence

from tests.sync.matrix.crm import Crm, Fault
from tests.sync.matrix.wire import JSON, Call, Wire, drip, reply, tear_down, wait_for_the_end

Breaks = Callable[[Wire, bytes], None]
"""What is done to a connection on which *answer*, a whole and true one, would have been sent."""


def after_taking(crm: Crm, breaks: Breaks) -> Fault:
    """The CRM has what was sent, and then the answer breaks."""

    def fault(wire: Wire, call: Call) -> None:
        breaks(wire, json.dumps(crm.take(call)).encode())

    return fault


def before_taking(crm: Crm, breaks: Breaks) -> Fault:
    """The CRM has nothing, and what comes of an answer says that it has."""

    def fault(wire: Wire, call: Call) -> None:
        results = [{"client_id": key, "id": "X-1", "status": "created", "error": None} for key in call.ids]
        one_or_all = {"results": results} if call.path.endswith("/bulk") else results[:1]
        breaks(wire, json.dumps(crm.take(call) if call.method == "GET" else one_or_all).encode())

    return fault


def only(calls: Sequence[int], crm: Crm, fault: Fault) -> Fault:
    """*fault* for the calls with these numbers, counted from 1; the others are answered."""

    def chosen(wire: Wire, call: Call) -> None:
        if len(crm.calls) in calls:
            fault(wire, call)
        else:
            wire.sendall(reply("200 OK", crm.take(call)))

    return chosen


def closes(wire: Wire, answer: bytes) -> None:
    """Nothing is said."""


def resets(wire: Wire, answer: bytes) -> None:
    """The connection is torn down."""
    tear_down(wire)


def hushes(wire: Wire, answer: bytes) -> None:
    """Nothing is said, and the connection stays."""
    wait_for_the_end(wire)


def half_closes(wire: Wire, answer: bytes) -> None:
    """It says that it will say nothing more, and stays on the line."""
    wire.shutdown(1)
    wait_for_the_end(wire)


def cuts_the_head(wire: Wire, answer: bytes) -> None:
    """It ends within a header."""
    wire.sendall(reply("200 OK", answer, JSON)[:30])


def cuts_the_body(wire: Wire, answer: bytes) -> None:
    """It ends before its length."""
    wire.sendall(reply("200 OK", answer, JSON)[:-5])


def cuts_a_chunk(wire: Wire, answer: bytes) -> None:
    """It ends within a chunk."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    wire.sendall(head + f"{len(answer):x}\r\n".encode() + answer[:-5])


def cuts_without_a_length(wire: Wire, answer: bytes) -> None:
    """It ends early, and nothing tells."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + answer[:-5])


def cuts_gzip(wire: Wire, answer: bytes) -> None:
    """What is left of it unpacks, without its end."""
    wire.sendall(reply("200 OK", gzip.compress(answer + b" " * 4000)[:-40], JSON, "Content-Encoding: gzip"))


def breaks_gzip(wire: Wire, answer: bytes) -> None:
    """Some bytes of it are others."""
    packed = gzip.compress(answer)
    wire.sendall(reply("200 OK", packed[:15] + b"\xff\xff\xff" + packed[18:], JSON, "Content-Encoding: gzip"))


def claims_gzip(wire: Wire, answer: bytes) -> None:
    """It is not packed at all."""
    wire.sendall(reply("200 OK", answer, JSON, "Content-Encoding: gzip"))


def claims_deflate(wire: Wire, answer: bytes) -> None:
    """It is packed otherwise than it says."""
    wire.sendall(reply("200 OK", gzip.compress(answer), JSON, "Content-Encoding: deflate"))


def speaks_utf_16(wire: Wire, answer: bytes) -> None:
    """JSON is UTF-8."""
    wire.sendall(reply("200 OK", answer.decode().encode("utf-16"), "Content-Type: application/json; charset=utf-16"))


def claims_less(wire: Wire, answer: bytes) -> None:
    """Its length is too small."""
    wire.sendall(reply("200 OK", answer, JSON, length=len(answer) - 5, keep=True))


def claims_two_lengths(wire: Wire, answer: bytes) -> None:
    """One of them must be wrong."""
    wire.sendall(reply("200 OK", answer, JSON, "Content-Length: 7"))


def claims_a_negative_length(wire: Wire, answer: bytes) -> None:
    """No length at all."""
    wire.sendall(reply("200 OK", answer, JSON, length=-1))


def speaks_no_http(wire: Wire, answer: bytes) -> None:
    """Another protocol altogether."""
    wire.sendall(b"220 smtp.example.net ESMTP ready\r\n" + answer)


def has_an_endless_head(wire: Wire, answer: bytes) -> None:
    """Header after header."""
    wire.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        wire.sendall(f"X-Number-{number}: {'x' * 100}\r\n".encode())


def drips_the_head(wire: Wire, answer: bytes) -> None:
    """A header that grows letter by letter."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    drip(wire, b"x")


def drips_the_body(wire: Wire, answer: bytes) -> None:
    """White space that JSON may begin with, for ever."""
    wire.sendall(reply("200 OK", b"", JSON, length=100_000))
    drip(wire)


def drips_chunks(wire: Wire, answer: bytes) -> None:
    """Chunk after chunk of it."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n")
    drip(wire, b"1\r\n \r\n")


def says_to_go_on(wire: Wire, answer: bytes) -> None:
    """Again and again that the answer is yet to come."""
    drip(wire, b"HTTP/1.1 100 Continue\r\n\r\n")


def says_that_it_works(wire: Wire, answer: bytes) -> None:
    """The same in the words of a proxy."""
    drip(wire, b"HTTP/1.1 102 Processing\r\n\r\n")


def sleeps(seconds: float) -> Breaks:
    """The whole answer, late."""

    def late(wire: Wire, answer: bytes) -> None:
        time.sleep(seconds)
        wire.sendall(reply("200 OK", answer, JSON))

    return late
