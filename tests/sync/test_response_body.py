"""Bodies that expand: bounded while they arrive, and one coding deep."""

import gzip
import tracemalloc
import zlib

import pytest

from sync.errors import CrmDown, OutcomeUnknown
from sync.response_body import MAX_BODY_BYTES, BodyReader

MB = 1_000_000


def read_body(encoding: str, body: bytes, piece: int = 65_536) -> bytes:
    """The body, fed piece by piece."""
    reader = BodyReader(encoding)
    for start in range(0, len(body), piece):
        reader.feed(body[start : start + piece])
    return reader.finish()


@pytest.mark.parametrize("piece", [1, 7, 65_536])
@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", " gzip ", "identity, gzip"])
def test_gzip_is_read(encoding: str, piece: int) -> None:
    """However it is cut."""
    assert read_body(encoding, gzip.compress(b'{"results": []}'), piece) == b'{"results": []}'


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_without_a_coding_it_is_as_it_is(encoding: str) -> None:
    """Byte for byte."""
    assert read_body(encoding, b"\x00{}") == b"\x00{}"


def test_deflate_is_read_too() -> None:
    """Some servers choose it unasked, and the standard library knows it."""
    assert read_body("deflate", zlib.compress(b"{}")) == b"{}"


def test_a_bomb_is_given_up_at_the_limit() -> None:
    """900 MB inside: no more memory than the limit, and a little."""
    bomb = zlib.compressobj(9, wbits=31)
    body = b"".join(bomb.compress(bytes(10 * MB)) for _ in range(90)) + bomb.flush()
    tracemalloc.start()
    try:
        with pytest.raises(CrmDown, match="far too large"):
            read_body("gzip", body)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BODY_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "gzip, br", "compress", "nonsense"])
def test_several_codings_and_those_we_did_not_ask_for_are_refused(encoding: str) -> None:
    """At once, and by their names (httrack#556); the CRM may have taken the lead."""
    with pytest.raises(OutcomeUnknown, match="in an encoding that the kiosk did not ask for"):
        BodyReader(encoding)


def test_a_cut_one_is_not_whole() -> None:
    """Its end is missing."""
    with pytest.raises(OutcomeUnknown, match="broke before"):
        read_body("gzip", gzip.compress(b"x" * 1000)[:-9])


def test_a_damaged_one_is_said_to_be() -> None:
    """Nothing of it counts."""
    with pytest.raises(OutcomeUnknown, match="damaged"):
        read_body("gzip", b"not gzip at all")


def test_what_is_not_compressed_has_the_same_limit() -> None:
    """Five million bytes."""
    assert len(read_body("", bytes(MAX_BODY_BYTES))) == MAX_BODY_BYTES
    with pytest.raises(CrmDown):
        read_body("", bytes(MAX_BODY_BYTES + 1))
