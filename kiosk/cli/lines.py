"""Payloads as a USB scanner types them: a line each, but a vCard has many, and some others may."""

import os
import re
import select
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from kiosk.cli.card_lines import Card, begins_card
from kiosk.cli.form_lines import Form

LONGEST_LINE = 8000
"""Bytes; no code of one symbol holds as many."""

CUT = b""
"""What stands for a line that was too long to be a payload."""

SILENCE = 1.0
"""Seconds: a scanner types a whole badge in less, so whatever is not finished then never will be."""


_LINE_END = re.compile(rb"\r\n|\r(?!$)|\n")
"""A CR at the very end of what has come may be half of a CR and LF."""


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of *stream*, which may be endless; `CUT` for one that no code can hold, None for a silence."""
    rest, is_cut = b"", False
    for some in pieces_of(stream):
        if some is None:
            if rest.endswith(b"\r"):
                yield CUT if is_cut else rest
                rest, is_cut = b"", False
            yield None
            continue
        *lines, rest = _LINE_END.split(rest + some)
        for line in lines:
            yield CUT if is_cut or is_too_long(line) else line + b"\n"
            is_cut = False
        if is_too_long(rest):
            rest, is_cut = b"\r" if rest.endswith(b"\r") else b"", True
    if rest or is_cut:
        yield CUT if is_cut else rest


def is_too_long(line: bytes) -> bool:
    """Whether no code can hold *line*."""
    return len(line) > LONGEST_LINE and len(line.rstrip(b"\r")) > LONGEST_LINE


def pieces_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """What comes from *stream*, as it comes; None each time that nothing came for so long."""
    try:
        handle = stream.fileno()
    except OSError:  # it is no file, but something that a program made
        yield from iter(lambda: stream.read(LONGEST_LINE), b"")
        return
    while True:
        if not select.select([handle], [], [], SILENCE)[0]:
            yield None
        elif some := os.read(handle, LONGEST_LINE):
            yield some
        else:
            return


def payload_lines(lines: Iterable[bytes | None], is_badge: Callable[[bytes], bool]) -> Iterator[tuple[int, bytes]]:
    """
    The payloads in *lines*, each with the number of its first line; empty lines between two are nothing.

    *is_badge* says whether a line is one by itself: that ends a card that has no end of its own, and so does silence.
    """
    card, form, number = Card(is_badge), Form(is_badge), 0
    for raw in lines:
        if raw is None:
            yield from card.take()
            yield from form.take()
            continue
        number += 1
        line = raw.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # as files have it that were written on Windows
        if card and not card.continues_with(line):
            yield from card.take()
        if form and not form.continues_with(line):
            yield from form.take()
        if card or begins_card(line):
            card.add(number, line)
            yield from card.take() if card.is_whole else ()
        elif form or form.begins(line):
            form.add(number, line)
            yield from form.take() if form.is_whole else ()
        elif raw is CUT or line.strip().upper() not in (b"", b"END:VCARD"):
            yield number, line
    yield from card.take()
    yield from form.take()
