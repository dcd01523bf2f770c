"""Bytes of a terminal -> keys and clicks; what a USB scanner types stays characters, escape sequences included."""

import re
from codecs import getincrementaldecoder, lookup_error, register_error
from collections.abc import Iterator

from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseEvent
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

_MAX_SEQUENCE_CHARACTERS = 32
"""Length of an escape sequence at most: longer ones are keys of nobody."""

_ACCEPTED_MESSAGES = (Key, MouseEvent, TerminalSupportsSynchronizedOutput)
"""What a terminal may say. Pastes, sizes and the loss of the focus are left out: a scanner could type them as well."""

_MODIFIER_KEYS = frozenset(MODIFIER_FUNCTIONAL_KEYS) | {"caps_lock", "num_lock", "scroll_lock"}
"""Keys that some terminals report by themselves."""

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-E]|\[[0-?]*[ -/]*[@-Z\\^-~]|O[ -~])")
_ESCAPE_SEQUENCES = re.compile(rf"(?:{_ESCAPE_SEQUENCE.pattern})+")
_MOUSE_REPORT = re.compile(r"\x1b\[<\d{1,3};\d{1,4};\d{1,4}[Mm]")
_TERMINAL_REPORT = re.compile(r"\x1b\[(?:<\d+;-?\d+;-?\d+[Mm]|[IO]|\?\d+;\d\$y)")
"""The mouse, focus, an answer: no badge has it, so in the middle of one it is left out."""


def _decode_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read what is not UTF-8 as Windows-1252, which scanners type that know no other."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


try:
    lookup_error("booth-cp1252")
except LookupError:
    register_error("booth-cp1252", _decode_windows_1252)


class TerminalParser:
    """
    Splits what is read from a terminal into keys and clicks.

    A terminal sends an escape sequence at once, a scanner types it key by key, and where a busy machine reads several
    of its keys at once, text stands beside them. So a sequence counts only where sequences are all that was read.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("booth-cp1252")
        self._characters = XTermParser()
        self._cut_sequence = ""
        """The beginning of a sequence, behind so many others that a full buffer must have cut it."""

    def parse_bytes(self, data: bytes, at: float) -> Iterator[Message]:
        """Yield the keys and clicks in *data*, which was read at the time *at*."""
        text, self._cut_sequence = self._cut_sequence + self._decoder.decode(data), ""
        found = _ESCAPE_SEQUENCES.match(text)
        end = found.end() if found else 0
        if found and end < len(text) and len(data) >= 1024 and text[end] == "\x1b":
            text, self._cut_sequence = text[:end], text[end:]
        messages = self._parse_sequences(text) if end == len(text) else self._parse_characters(text)
        for message in messages:
            message.time = at
            yield message

    def _parse_sequences(self, sequences: str) -> Iterator[Message]:
        """Yield what whole escape sequences say."""
        for found in _ESCAPE_SEQUENCE.finditer(sequences):
            if len(found[0]) <= _MAX_SEQUENCE_CHARACTERS:
                yield from (message for message in _parse_sequence(found[0]) if _is_accepted(message))

    def _parse_characters(self, text: str) -> Iterator[Message]:
        """Yield a key for each character."""
        for character in _TERMINAL_REPORT.sub("", text):
            if character == "\x1b":
                yield Key("escape", character)
            else:
                yield from self._characters.feed(character)


def _parse_sequence(sequence: str) -> list[Message]:
    """Return what Textual makes of one *sequence*; nothing where it fails on what no terminal would send."""
    if sequence.startswith("\x1b[<") and not _MOUSE_REPORT.fullmatch(sequence):
        return []
    try:
        # A parser of its own for each: no sequence can put it into a state that swallows the next.
        return [*XTermParser().feed(sequence)]
    except (ValueError, OverflowError, ArithmeticError, LookupError):
        return []


def _is_accepted(message: Message) -> bool:
    """Whether the kiosk takes such a message; Shift alone types nothing."""
    return isinstance(message, _ACCEPTED_MESSAGES) and not (isinstance(message, Key) and message.key in _MODIFIER_KEYS)
