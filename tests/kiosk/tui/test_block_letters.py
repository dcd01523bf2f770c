"""Large letters: as large as fits, with their accents; what has no letters is left to plain text."""

import pytest
from rich.cells import cell_len

from kiosk.tui.widgets.block_letters import draw_letters


@pytest.mark.parametrize(
    "name", ["Ana López", "Zoë Müller", "Łukasz Żółć", "Nguyễn Thị Hoa", "O'Brien-Đoković", "Weiß"]
)
def test_latin_names_are_drawn_with_their_marks(name: str) -> None:
    plain = draw_letters("".join(character if character.isascii() else "?" for character in name), 120, 4)

    drawn = draw_letters(name, 120, 4)

    assert 3 <= len(drawn) <= 4
    assert drawn != plain
    assert set("".join(drawn)) <= set(" ▀▄█")


@pytest.mark.parametrize(
    "name", ["山田 太郎", "Σοφία", "Иван", "محمد", "👩‍👩‍👧", "ana@initech.example", "", " ", "\u0301", "A\u200bB"]
)
def test_what_has_no_letters_is_not_drawn(name: str) -> None:
    assert draw_letters(name, 200, 10) == ()


def test_a_mark_makes_a_difference() -> None:
    letters = ["o", "ó", "ò", "ö", "ọ", "ō"]

    assert len({draw_letters(f"{letter}l", 40, 4) for letter in letters}) == len(letters)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (10, 3), (34, 3), (54, 3), (80, 6), (200, 12), (300, 60)])
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_letters_never_take_more_than_their_place(width: int, height: int, lines: int) -> None:
    drawn = draw_letters("Hold your badge here", width, height, lines)

    assert len(drawn) <= height
    assert max(map(cell_len, drawn), default=0) <= width


def test_narrow_letters_come_before_none() -> None:
    wide, narrow, none = (draw_letters("Ana Lopez", width, 3) for width in (60, 40, 30))

    assert max(map(len, wide)) > max(map(len, narrow)) > 0
    assert none == ()


def test_a_name_of_ten_thousand_characters_takes_no_time() -> None:
    assert draw_letters("A" * 10_000, 200, 30, 3) == ()
    assert draw_letters("A" + "\u0301" * 10_000, 200, 30, 3) == ()
