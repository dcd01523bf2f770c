"""Parsing a terminal's bytes: what presses a key, and what stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, MouseDown, MouseUp

from kiosk.tui.terminal_input import TerminalParser

FORGED = [
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[48;9000;9000;90000;90000t",
    b"\x1b[?2048;2$y",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[1;1R",
    b"\x1b[65:65;2;65u",
    b"\x1b[99999999999u",
    b"\x1b[1114112u",
    b"\x1b[<99999999999999999999;1;1M",
    b"\x1b[57441u",
]


def keys(*reads: bytes) -> list[str]:
    """The keys in what is read, one after another; a character as itself."""
    terminal_input = TerminalParser()
    messages = [message for data in reads for message in terminal_input.parse_bytes(data, 1.0)]
    return [
        (message.character or message.key) if isinstance(message, Key) else type(message).__name__
        for message in messages
    ]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b[21~", "f10"),
        (b"\x1bOQ", "f2"),
        (b"\x1b[[B", "f2"),
        (b"\x1b[B", "down"),
        (b"\x1b[15~", "f5"),
        (b"\x1b[97;;97u", "a"),
        (b"\x1b[13u", "\r"),
        (b"\x1b", "\x1b"),
        (b"4", "4"),
        ("é".encode(), "é"),
        (b"\x00", "\x00"),
    ],
)
def test_a_key_that_is_read_alone_is_pressed(sequence: bytes, key: str) -> None:
    assert keys(sequence) == [key]


def test_windows_1252_is_decoded() -> None:
    assert keys(b"Jos\xe9", b"\x80", b"\r") == [*"José€\r"]


def test_keys_read_together_are_all_pressed() -> None:
    """A busy machine reads several at once: arrows, a click, a terminal that sends each key as a sequence."""
    assert keys(b"\x1b[B\x1b[B\x1b[B") == ["down"] * 3
    assert keys(b"\x1b[<0;50;20M\x1b[<0;50;20m") == ["MouseDown", "MouseUp"]
    assert keys(b"\x1b[52;;52u\x1b[50;;50u\x1b[13u") == ["4", "2", "\r"]


def test_a_click_is_where_it_is() -> None:
    down, up = TerminalParser().parse_bytes(b"\x1b[<0;50;20M\x1b[<0;50;20m", 1.0)

    assert isinstance(down, MouseDown)
    assert isinstance(up, MouseUp)
    assert (down.screen_x, down.screen_y) == (49, 19)


@pytest.mark.parametrize("sequence", FORGED, ids=ascii)
def test_sequences_of_no_key_are_ignored(sequence: bytes) -> None:
    """They neither raise an error nor change what comes after them."""
    assert keys(sequence, b"4") == ["4"]


@pytest.mark.parametrize("sequence", [b"\x1b[21~", b"\x1bOQ", b"\x1b[200~", b"\x1b[B"], ids=ascii)
def test_a_sequence_beside_text_is_text(sequence: bytes) -> None:
    text = sequence.decode()

    assert keys(sequence + b"y\r") == [*text, "y", "\r"]
    assert keys(b"4711" + sequence) == [*"4711", *text]


@pytest.mark.parametrize(
    ("sequence", "cut"),
    [(sequence, cut) for sequence in (b"\x1b[21~", b"\x1bOQ", b"\x1b[200~") for cut in range(1, len(sequence))],
    ids=ascii,
)
def test_a_sequence_in_two_reads_is_text(sequence: bytes, cut: int) -> None:
    assert keys(sequence[:cut], sequence[cut:]) == [*sequence.decode()]


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_click_in_two_reads_is_no_click(cut: int) -> None:
    click = b"\x1b[<0;72;17M"

    assert not {"MouseDown", "MouseUp"} & {*keys(click[:cut], click[cut:])}


def test_a_click_in_the_middle_of_a_badge_is_left_out() -> None:
    """Somebody moved the mouse while the machine was busy."""
    assert keys(b"PZD97\x1b[<35;50;20mWTMFJ\r") == [*"PZD97WTMFJ\r"]


def test_a_sequence_cut_by_a_full_buffer_is_completed() -> None:
    badge = "BEGIN:VCARD " * 30
    data = "".join(f"\x1b[{ord(key)};;{ord(key)}u" for key in badge).encode()

    assert keys(data[:2049], data[2049:]) == [*badge]


@given(st.lists(st.one_of(st.sampled_from(FORGED), st.binary(max_size=6), st.just(b"\x1b[")), max_size=12))
def test_no_bytes_stop_the_reading(reads: list[bytes]) -> None:
    # "B" where the bytes before are the beginning of a sequence that it completes, or text that it is part of.
    assert keys(*reads, b"\x1b[B")[-1] in ("down", "B")
