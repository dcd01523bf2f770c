"""Decoding a code's bytes to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera.text import decode_text


@pytest.mark.parametrize("text", ["Zoë Müller", "Иван", "山田 太郎", "شركة", "BEGIN:VCARD\r\nFN:Ana\r\nEND:VCARD"])
def test_utf_8_wins_over_the_declaration(text: str) -> None:
    """Badge printers write UTF-8 without declaring it."""
    assert decode_text(text.encode(), "something else") == text


def test_a_byte_order_mark_is_removed() -> None:
    assert decode_text(b"\xef\xbb\xbfAna") == "Ana"


def test_the_declared_text_is_used_if_it_is_not_utf_8() -> None:
    assert decode_text("テスト".encode("shift_jis"), "テスト") == "テスト"


def test_undeclared_text_is_latin_1() -> None:
    assert decode_text("Müller".encode("latin-1")) == "Müller"


@given(st.binary(max_size=300))
def test_any_bytes_can_be_decoded(data: bytes) -> None:
    """Nothing raises, and the result has no lone surrogates, which a database would refuse."""
    decode_text(data).encode("utf-8")
