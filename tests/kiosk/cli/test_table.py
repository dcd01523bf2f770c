"""Lists in a terminal: columns that fit, whatever is in them."""

import pytest
from rich.cells import cell_len

from kiosk.cli.table import print_table


def printed(capsys: pytest.CaptureFixture[str], *rows: tuple[str, ...]) -> list[str]:
    """Return the lines of a printed table."""
    print_table(("ID", "WHO", "WHY"), rows)
    return capsys.readouterr().out.splitlines()


def test_columns_are_as_wide_as_what_is_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines do not end in spaces."""
    assert printed(capsys, ("7", "Ana Lopez", "no network"), ("12", "Bob", "")) == [
        "ID  WHO        WHY",
        "7   Ana Lopez  no network",
        "12  Bob",
    ]


def test_names_from_afar_take_the_cells_that_they_take(capsys: pytest.CaptureFixture[str]) -> None:
    """Wide characters count as two cells, so that the last column is aligned."""
    lines = printed(capsys, ("7", "山田 太郎", "x"), ("8", "Zoë", "x"), ("9", "😀", "x"), ("10", "ni\u0303a", "x"))

    assert {cell_len("ID  山田 太郎  ")} == {cell_len(line[: line.rindex("x")]) for line in lines[1:]}


def test_a_long_name_is_cut_and_a_long_reason_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    """The reason is what people look for."""
    _, line = printed(capsys, ("7", "山" * 100, "y" * 300))

    assert line.endswith("y" * 300)
    assert cell_len(line.removeprefix("7   ").removesuffix("y" * 300).strip()) <= 44
    assert "…" in line


def test_a_cell_has_no_line_and_no_control_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Each lead is one line."""
    lines = printed(capsys, ("7", "Ana\nBob\r\x1b[2J\u202e", "x\x07"))

    assert lines == ["ID  WHO          WHY", "7   Ana Bob [2J  x"]
