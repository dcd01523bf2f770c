"""Payloads as a USB scanner types them: a line each, but a vCard has many."""

from collections.abc import Iterable, Iterator

LONGEST_CARD = 200
"""Lines after which a vCard that does not end is taken as it is."""


def payload_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The payloads in *lines*; empty lines between two are nothing."""
    card: list[bytes] = []
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        starts = line.strip().upper() == b"BEGIN:VCARD"
        if card and starts:
            yield b"\r\n".join(card)
            card = []
        if card or starts:
            card.append(line)
            if line.strip().upper() == b"END:VCARD" or len(card) >= LONGEST_CARD:
                yield b"\r\n".join(card)
                card = []
        elif line.strip():
            yield line
    if card:
        yield b"\r\n".join(card)
