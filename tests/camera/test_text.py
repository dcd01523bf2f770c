"""A code's bytes as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera.text import decode_text


@pytest.mark.parametrize("text", ["Zoë Müller", "Иван", "山田 太郎", "شركة", "BEGIN:VCARD\r\nFN:Ana\r\nEND:VCARD"])
def test_utf_8_is_read_as_what_it_is_whatever_was_declared(text: str) -> None:
    """Badge printers write UTF-8 without saying so."""
    assert decode_text(text.encode(), "something else") == text


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode_text(b"\xef\xbb\xbfAna") == "Ana"


def test_what_is_no_utf_8_is_what_the_code_declares() -> None:
    assert decode_text("テスト".encode("shift_jis"), "テスト") == "テスト"


def test_what_declares_nothing_is_latin_1() -> None:
    assert decode_text("Müller".encode("latin-1")) == "Müller"


@given(st.binary(max_size=300))
def test_any_bytes_are_some_text(data: bytes) -> None:
    """Nothing raises, and no half character comes out that a database would refuse."""
    decode_text(data).encode("utf-8")
