"""Payloads as a USB scanner types them: a line each, but a vCard has many, and some others may."""

import os
import re
import select
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from kiosk.cli.stdin_multiline import MultilineBuffer
from kiosk.cli.stdin_vcards import VCardBuffer, is_card_start

MAX_LINE_BYTES = 8000
"""Bytes; no code of one symbol holds as many."""

OVERSIZED_LINE = b""
"""What stands for a line that was too long to be a payload."""

SILENCE_SECONDS = 1.0
"""Seconds: a scanner types a whole badge in less, so whatever is not finished then never will be."""


_LINE_END = re.compile(rb"\r\n|\r(?!$)|\n")
"""A CR at the very end of what has come may be half of a CR and LF."""


def read_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of *stream*, which may be endless; `CUT` for one that no code can hold, None for a silence."""
    rest, is_cut = b"", False
    for some in _read_chunks(stream):
        if some is None:
            if rest.endswith(b"\r"):
                yield OVERSIZED_LINE if is_cut else rest
                rest, is_cut = b"", False
            yield None
            continue
        *lines, rest = _LINE_END.split(rest + some)
        for line in lines:
            yield OVERSIZED_LINE if is_cut or _is_too_long(line) else line + b"\n"
            is_cut = False
        if _is_too_long(rest):
            rest, is_cut = b"\r" if rest.endswith(b"\r") else b"", True
    if rest or is_cut:
        yield OVERSIZED_LINE if is_cut else rest


def _is_too_long(line: bytes) -> bool:
    """Whether no code can hold *line*."""
    return len(line) > MAX_LINE_BYTES and len(line.rstrip(b"\r")) > MAX_LINE_BYTES


def _read_chunks(stream: BinaryIO) -> Iterator[bytes | None]:
    """What comes from *stream*, as it comes; None each time that nothing came for so long."""
    try:
        handle = stream.fileno()
    except OSError:  # it is no file, but something that a program made
        yield from iter(lambda: stream.read(MAX_LINE_BYTES), b"")
        return
    while True:
        if not select.select([handle], [], [], SILENCE_SECONDS)[0]:
            yield None
        elif some := os.read(handle, MAX_LINE_BYTES):
            yield some
        else:
            return


def group_payloads(lines: Iterable[bytes | None], is_badge: Callable[[bytes], bool]) -> Iterator[tuple[int, bytes]]:
    """
    The payloads in *lines*, each with the number of its first line; empty lines between two are nothing.

    *is_badge* says whether a line is one by itself: that ends a card that has no end of its own, and so does silence.
    """
    card, form, number = VCardBuffer(is_badge), MultilineBuffer(is_badge), 0
    for raw in lines:
        if raw is None:
            yield from card.take_payloads()
            yield from form.take_payloads()
            continue
        number += 1
        line = raw.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # as files have it that were written on Windows
        if card and not card.can_accept(line):
            yield from card.take_payloads()
        if form and not form.can_accept(line):
            yield from form.take_payloads()
        if card or is_card_start(line):
            card.add_line(number, line)
            yield from card.take_payloads() if card.is_complete else ()
        elif form or form.try_start(line):
            form.add_line(number, line)
            yield from form.take_payloads() if form.is_complete else ()
        elif raw is OVERSIZED_LINE or line.strip().upper() not in (b"", b"END:VCARD"):
            yield number, line
    yield from card.take_payloads()
    yield from form.take_payloads()
