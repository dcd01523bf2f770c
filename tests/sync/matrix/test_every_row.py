"""The failure matrix is complete: no row without a test, and docs/failure-matrix.md says what the code says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import data.errors
import sync.connectors.base
import sync.errors
import sync.file_lock

ROWS = range(1, 51)

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[2] / "docs" / "failure-matrix.md"
PACKAGES = [FOLDER.parents[2] / name for name in ("sync", "data")]

SILENT_CLASSES = {"none", "LockHeld"}
"""What staff read nothing about."""

SILENT_ROWS = {12: "smaller batches get through at once", 13: "smaller batches get through at once"}
"""Rows of other classes about which staff read nothing, and why."""

CLASS_NAMES = {
    name
    for module in (sync.errors, sync.connectors.base, sync.file_lock, data.errors)
    for name, value in vars(module).items()
    if isinstance(value, type)
}


def list_matrix_tests() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield every test of this folder but these, with the name of its module."""
    for path in sorted(FOLDER.glob("test_*.py")):
        if path != Path(__file__):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield path.stem, node


def read_marked_rows(node: ast.FunctionDef) -> set[int]:
    """Return the rows that a test itself is marked with; its cases may have marks of their own."""
    calls = [found for found in node.decorator_list if isinstance(found, ast.Call)]
    rows = [
        call.keywords[0].value for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "row"
    ]
    return {row.value for row in rows if isinstance(row, ast.Constant) and isinstance(row.value, int)}


def read_named_rows(node: ast.FunctionDef) -> set[int]:
    """Return the rows that a test's docstring begins with."""
    found = re.match(r"Rows? ([\d, ]+):", ast.get_docstring(node) or "")
    return {int(number) for number in found[1].split(",")} if found else set()


def read_documented_rows() -> dict[int, list[str]]:
    """Return the other cells of each row of the document."""
    lines = re.findall(r"^\| (\d+) \| (.*) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    return {int(row): [cell.strip() for cell in cells.split("|")] for row, cells in lines}


def list_sentences_in_code() -> list[str]:
    """Return every string of the product's packages for sending and saving; placeholders are `…`."""
    found = []
    for path in (path for package in PACKAGES for path in package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.sub(r"\{\w+\}", "…", node.value))
    return found


def test_every_row_has_a_test() -> None:
    """All fifty."""
    covered = {row for _module, node in list_matrix_tests() for row in read_named_rows(node)}

    assert covered == set(ROWS)


def test_every_test_names_its_row() -> None:
    """In its docstring, for readers, and by its mark, for selection: `pytest -m "row(number=12)"`."""
    wrong = [
        node.name
        for _module, node in list_matrix_tests()
        if read_marked_rows(node) not in (set(), read_named_rows(node))
    ]

    assert wrong == []


def test_every_row_is_documented_with_its_tests() -> None:
    """By the modules in which they are."""
    tests = {
        row: {module for module, node in list_matrix_tests() if row in read_named_rows(node)}
        for row in read_documented_rows()
    }

    assert {row: set(re.findall(r"`(test_\w+)`", cells[-1])) for row, cells in read_documented_rows().items()} == tests
    assert set(tests) == set(ROWS)


def test_what_staff_read_is_what_the_code_says() -> None:
    """Word for word."""
    known = list_sentences_in_code()
    cells = [cells[2] for cells in read_documented_rows().values()]
    wrong = [text for cell in cells for text in cell.split(" / ") if text and text not in known]

    assert [text for text in wrong if not any(text.replace("…", "") in one.replace("…", "") for one in known)] == []


def test_classes_are_named_as_in_the_code() -> None:
    """Each row names one at least, except for those in which each lead has its own outcome."""
    found = {
        row: set(re.findall(r"[A-Z][a-z]+[A-Z]\w+|none|Offline|Throttled|Rejected|Delivered|Retry", cells[1]))
        for row, cells in read_documented_rows().items()
    }

    assert {row for row, names in found.items() if not names} == {32}
    assert {name for names in found.values() for name in names} - CLASS_NAMES == {"none"}


def test_a_row_without_a_sentence_has_a_reason() -> None:
    """Whoever looks up what staff read finds it."""
    silent = {row for row, cells in read_documented_rows().items() if not cells[2]}
    expected = {row for row, cells in read_documented_rows().items() if cells[1] in SILENT_CLASSES}

    assert silent == expected | set(SILENT_ROWS)
