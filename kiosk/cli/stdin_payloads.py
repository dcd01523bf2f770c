"""Split standard input into payloads, as a USB scanner types them: usually one a line, but a vCard has many lines."""

import os
import re
import select
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from kiosk.badges.vcard.frame import is_bare_end
from kiosk.cli.stdin_multiline import MultilineBuffer
from kiosk.cli.stdin_vcards import VCardBuffer, is_card_start

# Longest line that can be a payload. No single code can contain more.
MAX_LINE_BYTES = 8000

_OVERSIZED_LINE = b""
"""Stands for a line that was too long to be a payload."""

# Pause in the input after which the current payload ends. A scanner types a whole badge in less time, so a payload that
# is incomplete by then will stay so.
_SILENCE_SECONDS = 1.0

# A CR at the end of the input so far may be the first half of a CR LF.
_LINE_END = re.compile(rb"\r\n|\r(?!$)|\n")


def read_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """
    Yield the lines of *stream*, which may be endless.

    `_OVERSIZED_LINE` stands for a line that is too long to be a payload, and None for a silence.
    """
    rest, is_oversized = b"", False
    for chunk in _read_chunks(stream):
        if chunk is None:
            if rest.endswith(b"\r"):
                yield _OVERSIZED_LINE if is_oversized else rest
                rest, is_oversized = b"", False
            yield None
            continue
        *lines, rest = _LINE_END.split(rest + chunk)
        for line in lines:
            yield _OVERSIZED_LINE if is_oversized or _is_too_long(line) else line + b"\n"
            is_oversized = False
        if _is_too_long(rest):
            rest, is_oversized = b"\r" if rest.endswith(b"\r") else b"", True
    if rest or is_oversized:
        yield _OVERSIZED_LINE if is_oversized else rest


def _is_too_long(line: bytes) -> bool:
    """Return whether *line* is too long to be a payload."""
    return len(line) > MAX_LINE_BYTES and len(line.rstrip(b"\r")) > MAX_LINE_BYTES


def _read_chunks(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield the bytes of *stream* as they arrive, and None after each `_SILENCE_SECONDS` without any."""
    try:
        handle = stream.fileno()
    except OSError:  # not a file, but an object made by a program
        yield from iter(lambda: stream.read(MAX_LINE_BYTES), b"")
        return
    while True:
        if not select.select([handle], [], [], _SILENCE_SECONDS)[0]:
            yield None
        elif chunk := os.read(handle, MAX_LINE_BYTES):
            yield chunk
        else:
            return


def group_payloads(lines: Iterable[bytes | None], is_badge: Callable[[bytes], bool]) -> Iterator[tuple[int, bytes]]:
    """
    Yield the payloads in *lines*, each with the number of its first line; empty lines between them are ignored.

    *is_badge* says whether a line is a badge by itself. Such a line, or a silence, ends a card without an end of its
    own.
    """
    card, multiline, number = VCardBuffer(is_badge), MultilineBuffer(is_badge), 0
    for raw in lines:
        if raw is None:
            yield from card.take_payloads()
            yield from multiline.take_payloads()
            continue
        number += 1
        line = raw.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # the byte order mark of files from Windows
        if card and not card.can_accept(line):
            yield from card.take_payloads()
        if multiline and not multiline.can_accept(line):
            yield from multiline.take_payloads()
        if card or is_card_start(line):
            card.add_line(number, line)
            yield from card.take_payloads() if card.is_complete else ()
        elif multiline or multiline.try_start(line):
            multiline.add_line(number, line)
            yield from multiline.take_payloads() if multiline.is_complete else ()
        elif raw is _OVERSIZED_LINE or (line.strip() and not is_bare_end(line.decode("latin-1"))):
            yield number, line
    yield from card.take_payloads()
    yield from multiline.take_payloads()
