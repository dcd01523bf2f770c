"""Parses a terminal's bytes into keys and clicks; what a USB scanner types stays characters, even escape sequences."""

import re
from codecs import getincrementaldecoder, lookup_error, register_error
from collections.abc import Iterator

from textual._keyboard_protocol import MODIFIER_FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseEvent
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

# The longest escape sequence of any key; longer ones are ignored.
_MAX_SEQUENCE_CHARACTERS = 32

# Messages that are passed on. Pastes, sizes and focus changes are not: a scanner could type their sequences.
_ACCEPTED_MESSAGES = (Key, MouseEvent, TerminalSupportsSynchronizedOutput)

# Modifier keys, which some terminals report as keys of their own.
_MODIFIER_KEYS = frozenset(MODIFIER_FUNCTIONAL_KEYS) | {"caps_lock", "num_lock", "scroll_lock"}

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-E]|\[[0-?]*[ -/]*[@-Z\\^-~]|O[ -~])")
_ESCAPE_SEQUENCES = re.compile(rf"(?:{_ESCAPE_SEQUENCE.pattern})+")
_MOUSE_REPORT = re.compile(r"\x1b\[<\d{1,3};\d{1,4};\d{1,4}[Mm]")

# Reports of the mouse, the focus and terminal modes: no badge contains them, so they are cut out of its text.
_TERMINAL_REPORT = re.compile(r"\x1b\[(?:<\d+;-?\d+;-?\d+[Mm]|[IO]|\?\d+;\d\$y)")


def _decode_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as Windows-1252, which older scanners type."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


try:
    lookup_error("booth-cp1252")
except LookupError:
    register_error("booth-cp1252", _decode_windows_1252)


class TerminalParser:
    """
    Splits the bytes read from a terminal into keys and clicks.

    A terminal sends an escape sequence in one piece, a scanner types it key by key. Where a busy machine reads several
    of a scanner's keys at once, there is text beside them. So escape sequences count as keys only if nothing else was
    read with them.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("booth-cp1252")
        self._characters = XTermParser()
        self._cut_sequence = ""
        """The beginning of a sequence that was cut off by a full buffer."""

    def parse_bytes(self, data: bytes, at: float) -> Iterator[Message]:
        """Yield the keys and clicks in *data*, read at the time *at*."""
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
        """Yield the keys and clicks of complete escape sequences."""
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
    """Parse one *sequence* with Textual's parser; return nothing if it fails on what no terminal would send."""
    if sequence.startswith("\x1b[<") and not _MOUSE_REPORT.fullmatch(sequence):
        return []
    try:
        # A new parser for each sequence, so that none can leave a state behind that swallows the next.
        return [*XTermParser().feed(sequence)]
    except (ValueError, OverflowError, ArithmeticError, LookupError):
        return []


def _is_accepted(message: Message) -> bool:
    """Return whether the kiosk accepts this message; a modifier key alone types nothing."""
    return isinstance(message, _ACCEPTED_MESSAGES) and not (isinstance(message, Key) and message.key in _MODIFIER_KEYS)
