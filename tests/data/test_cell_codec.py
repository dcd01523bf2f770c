"""Lists and tables in one spreadsheet cell: decoded exactly as they were encoded, and as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cell_codec import decode_list, decode_table, encode_list, encode_table, escape_formula, unescape_formula

TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\\;:,|'=+ \n"))


@given(st.lists(TEXT.filter(bool)))
def test_a_list_is_read_back_as_it_was(parts: list[str]) -> None:
    """Whatever separators and spaces its values contain."""
    assert decode_list(encode_list(parts)) == parts


@given(st.dictionaries(TEXT, TEXT))
def test_a_table_is_read_back_as_it_was(values: dict[str, str]) -> None:
    """In the same order."""
    assert list(values.items()) == list(decode_table(encode_table(values)).items())


@given(TEXT)
def test_a_cell_is_read_back_as_it_was_and_begins_like_no_formula(text: str) -> None:
    """Also if it began with apostrophes before."""
    cell = escape_formula(text)

    assert unescape_formula(cell) == text
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_what_has_no_marks_in_it_is_written_plainly() -> None:
    """Without escapes, as people read it."""
    assert encode_list(["hot", "call me"]) == "hot, call me"
    assert encode_table({"size": "10-50", "when": "soon, at 9:30"}) == "size: 10-50; when: soon, at 9:30"


@pytest.mark.parametrize("cell", ["hot,robots", "hot; robots", " hot |robots,", "hot\nrobots", "hot,\u00a0robots"])
def test_a_list_is_read_as_people_write_it(cell: str) -> None:
    """Whatever separator they use."""
    assert decode_list(cell) == ["hot", "robots"]


def test_a_backslash_of_somebody_elses_is_one() -> None:
    """It escapes only what could be a separator."""
    assert decode_list("C:\\leads, \\") == ["C:\\leads", "\\"]


def test_a_table_is_read_as_people_write_it() -> None:
    """A value may contain a colon; a part without a name is an error."""
    assert decode_table("size:10 ;; when: at 9:30;") == {"size": "10", "when": "at 9:30"}
    with pytest.raises(ValueError, match="each answer needs a name in front, such as `size: 10`; found 'soon'"):
        decode_table("size: 10; soon")
