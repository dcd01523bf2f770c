"""Lists in files written by any program."""

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.importing.tables import json_table
from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import Table, TableRow, cell_to_text


def workbook(path: Path, *rows: list[Any]) -> Path:
    """Write a workbook with these rows in its first sheet, and something else in its second."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Other").append(["nothing", "of", "this"])
    book.save(path)
    return path


def read(path: Path, encoding: str = "") -> tuple[Table, list[TableRow]]:
    """Return the list in a file, and all its rows."""
    table = open_table(path, encoding)
    rows = list(table.rows)
    table.close()
    return table, rows


def test_a_workbook_keeps_the_types_of_its_values(tmp_path: Path) -> None:
    """Short rows are filled up, empty rows skipped, and the sheet with the list is used."""
    met = datetime(2026, 5, 13, 14, 30)
    path = workbook(tmp_path / "x.xlsx", [], ["id", "name", "met"], [7, "Ana", met], [None, " "], [8.0, "Bob"])

    table, rows = read(path)

    assert (table.header, table.position()) == (["id", "name", "met"], table.total)
    assert table.description == "workbook, sheet 'Sheet', 1 of 2 sheets"
    assert [TableRow(3, [7, "Ana", met]), TableRow(5, [8.0, "Bob", None])] == rows
    assert [cell_to_text(cell) for cell in (7, met, 8.0, None)] == ["7", "2026-05-13T14:30:00", "8", ""]


@pytest.mark.parametrize("content", [b"id,name\n7,Ana\n", b"<html>Log in first</html>", b""])
def test_a_file_only_named_xlsx_is_refused(tmp_path: Path, content: bytes) -> None:
    """It may be half a download, or a login page."""
    path = tmp_path / "x.XLSX"
    path.write_bytes(content)

    with pytest.raises(ValueError, match="this is not a workbook, despite its name"):
        read(path)


def test_a_cell_beside_the_list_is_ignored(tmp_path: Path) -> None:
    """Somebody pressed Ctrl+End and typed."""
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active["A2"], book.active["B2"], book.active["XFD3"], book.active["A9000"] = 7, "Ana", "x", 8
    book.save(path)

    _, rows = read(path)

    assert [row for row in rows if any(row.cells)] == [TableRow(2, [7, "Ana"]), TableRow(9000, [8, None])]


def test_a_wrong_extent_in_a_workbook_is_ignored(tmp_path: Path) -> None:
    """Some programs write one."""
    path = workbook(tmp_path / "whole.xlsx", ["id", "name"], [7, "Ana"], [8, "Bob"])
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "x.xlsx", "w") as lying:
        for name in whole.namelist():
            lying.writestr(name, whole.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))
        assert b"A1:B3" in whole.read("xl/worksheets/sheet1.xml")

    assert read(tmp_path / "x.xlsx")[1] == [TableRow(2, [7, "Ana"]), TableRow(3, [8, "Bob"])]


@pytest.mark.parametrize("cut", [10, 500, 2000, -30])
def test_a_truncated_workbook_is_reported(tmp_path: Path, cut: int) -> None:
    """Wherever it is cut off."""
    path = workbook(tmp_path / "x.xlsx", ["id"], [7])
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(ValueError, match=r"this workbook cannot be read\. Open it in its program and save it as CSV"):
        read(path)


def test_a_workbook_with_a_broken_part_is_reported(tmp_path: Path) -> None:
    """Its sheet is not XML."""
    path = workbook(tmp_path / "whole.xlsx", ["id"], [7])
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "x.xlsx", "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, whole.read(name)[: 300 if "sheet1" in name else None])

    with pytest.raises(ValueError, match="cannot be read"):
        read(tmp_path / "x.xlsx")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file of more than a gigabyte."""
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/workbook.xml", "w") as part:
        for _ in range(1025):
            part.write(bytes(1 << 20))

    with pytest.raises(ValueError, match="more than a gigabyte"):
        read(path)


def test_an_old_workbook_is_reported(tmp_path: Path) -> None:
    """So is one with a password, which is stored in the same kind of file."""
    path = tmp_path / "x.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))

    with pytest.raises(ValueError, match="old or encrypted workbook"):
        read(path)


JSON = '[\n {"a": 1, "b": [2, "]"]},\n\n {"c": {"x": "}"},\n  "a": null}, 7\n]\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_of_objects_has_all_their_keys(tmp_path: Path, encoding: str) -> None:
    """Anything but an object is a bad row; line numbers are those of the file."""
    path = tmp_path / "x.json"
    path.write_text(JSON, encoding)

    table, rows = read(path)

    assert (table.header, table.is_sheet) == (["a", "b", "c"], False)
    assert rows == [
        TableRow(2, [1, [2, "]"], None]), TableRow(4, [None, None, {"x": "}"}]), TableRow(5, ["7"], "not a JSON object")
    ]  # fmt: skip


def test_one_object_per_line_is_a_list(tmp_path: Path) -> None:
    """As many programs write logs."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n')

    assert read(path)[1] == [TableRow(1, [1]), TableRow(2, [2])]


@pytest.mark.parametrize("end", ['{"a": ', '{"a": 2} {"a" 3}', "nonsense", '{"a": 2,}', '{"a":' * 100_000, "NaN1"])
def test_truncated_json_is_read_up_to_its_end(tmp_path: Path, end: str) -> None:
    """The last row reports it, with its line."""
    path = tmp_path / "x.json"
    path.write_text('[{"a": 1},\n' + end)

    _, rows = read(path)

    assert rows[0] == TableRow(1, [1])
    assert (rows[-1].line, rows[-1].problem) == (2, json_table.BROKEN_REASON)


@pytest.mark.parametrize("content", ['[{"a": 1}', '[{"a": 1},', '[{"a": 1},\n'])
def test_an_unclosed_json_list_is_reported(tmp_path: Path, content: str) -> None:
    """It was cut off, perhaps by unplugging a USB stick, and nobody knows what is missing."""
    path = tmp_path / "x.json"
    path.write_text(content)

    _, rows = read(path)

    assert [(row.problem, row.cells) for row in rows] == [("", [1]), (json_table.BROKEN_REASON, [""])]


def test_a_file_that_only_begins_like_json_is_reported(tmp_path: Path) -> None:
    """With the line."""
    path = tmp_path / "x.json"
    path.write_text("[\nid,name\n")

    with pytest.raises(ValueError, match=r"neither CSV, nor a workbook, nor valid JSON \(line 2\)"):
        read(path)


VALUES = st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text()), min_size=1)


@given(st.lists(VALUES, min_size=1, max_size=20), st.sampled_from([None, 2]), st.integers(1, 40))
def test_json_is_read_with_any_chunk_size(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Any]], indent: int | None, piece: int
) -> None:
    """However few characters are read together."""
    path = tmp_path_factory.getbasetemp() / "pieces.json"
    path.write_text(json.dumps(values, indent=indent, ensure_ascii=False), "utf-8", "surrogatepass")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_table, "CHUNK_CHARACTERS", piece)
        table, rows = read(path)

    assert list(dict.fromkeys(name for value in values for name in value)) == table.header
    assert [[value.get(name) for name in table.header] for value in values] == [row.cells for row in rows]
