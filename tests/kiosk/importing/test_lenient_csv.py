"""Rows of CSV files, and what a stray quotation mark costs."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.importing.tables.lenient_csv import detect_separator, read_rows, split_lines


def read(text: str) -> list[tuple[int, Any]]:
    """Return the rows of *text* with their line numbers."""
    lines, separator, before = detect_separator(split_lines(text))
    return list(read_rows(lines, separator, before))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_detected(separator: str, end: str) -> None:
    """Whatever program wrote it. Other separators in quotes do not count."""
    text = end.join((f'id{separator}"a,b;c|d\te"{separator}name', f"7{separator}x{separator}Ana"))

    assert read(text) == [(1, ["id", "a,b;c|d\te", "name"]), (2, ["7", "x", "Ana"])]


def test_the_sep_line_and_blank_lines_are_skipped() -> None:
    """Line numbers are those of the file."""
    assert read('sep=;\r\nid;"a,b"\r\n7;x') == [(2, ["id", "a,b"]), (3, ["7", "x"])]
    assert read("\n,,\nid,name\n7,Ana\n") == [(3, ["id", "name"]), (4, ["7", "Ana"])]


def test_a_cell_may_have_several_lines() -> None:
    """A row has the number of its first line."""
    assert read('id,address\n7,"1 Road\n\nAustin"\n8,2 Road\n') == [
        (1, ["id", "address"]),
        (2, ["7", "1 Road\n\nAustin"]),
        (5, ["8", "2 Road"]),
    ]


@pytest.mark.parametrize(
    "bad", ['7,"Ana,x', '7,Ana,"x', '7,"Ana,"x"', '"7,Ana,x', '7,"' + "x" * 200_000], ids=lambda text: text[:12]
)
def test_an_unclosed_quotation_mark_costs_one_row(bad: str) -> None:
    """All rows after it are read, even if one of them has quotation marks."""
    good = [f'{number},"Visitor {number}",Acme' for number in range(8, 1008)]

    found = read("\n".join(["id,name,company", bad, *good]))

    assert [(number - 5, [str(number), f"Visitor {number}", "Acme"]) for number in range(8, 1008)] == found[2:]
    assert found[1][0] == 2
    # Not a row of three cells is shown as rejected, too: it never becomes a visitor with the next rows in a cell.
    assert bad + "\n" == found[1][1] or len(found[1][1]) != 3


def test_quotation_marks_inside_a_cell_are_text() -> None:
    """As people write nicknames."""
    assert read('id,name\n7,Ana "Annie" Lopez\n8,"Bob" B\n') == [
        (1, ["id", "name"]),
        (2, ["7", 'Ana "Annie" Lopez']),
        (3, ["8", "Bob B"]),
    ]


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=3, max_size=3), min_size=1
    )
)
def test_written_csv_is_read_back_unchanged(table: list[list[str]]) -> None:
    """Any text in any cell."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["id", "name", "x"], *table])

    assert [cells for _, cells in read(text.getvalue())[1:]] == table


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Every row has the number of a line of the file, in ascending order."""
    numbers = [number for number, _ in read(text)]

    assert sorted(set(numbers)) == numbers
    assert all(1 <= number <= len(io.StringIO(text, newline="").readlines()) for number in numbers)


def test_a_cell_can_hold_the_longest_answers() -> None:
    """A kiosk's own export can be read again."""
    long = "x" * 950_000

    assert read(f'id,name\n7,"{long}"\n8,Ana\n') == [(1, ["id", "name"]), (2, ["7", long]), (3, ["8", "Ana"])]
