"""Payloads as a USB scanner types them: a line each, but a vCard has many."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

LONGEST_CARD = 200
"""Lines after which a vCard that does not end is taken as it is."""

LONGEST_LINE = 8000
"""Bytes; no code of one symbol holds as many."""

CUT = b""
"""What stands for a line that was too long to be a payload."""


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of *stream*, which may be endless; `CUT` in place of one that no code can hold."""
    is_rest = False
    while piece := stream.readline(LONGEST_LINE + 2):  # with room for CR and LF
        is_whole = piece.endswith(b"\n") or len(piece) <= LONGEST_LINE
        if not is_rest:
            yield piece if is_whole else CUT
        is_rest = not is_whole


def payload_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The payloads in *lines*, each with the number of its first line; empty lines between two are nothing."""
    card: list[bytes] = []
    start = 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # as files have it that were written on Windows
        starts = line.strip().upper() == b"BEGIN:VCARD"
        if card and starts:
            yield start, b"\r\n".join(card)
            card = []
        if card or starts:
            start = number if starts else start
            card.append(line)
            if line.strip().upper() == b"END:VCARD" or len(card) >= LONGEST_CARD:
                yield start, b"\r\n".join(card)
                card = []
        elif line.strip() or raw is CUT:
            yield number, line
    if card:
        yield start, b"\r\n".join(card)
