"""The matrix is whole: no row without a test, and every test says which row is its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROWS = range(1, 51)
"""Of the failure matrix."""


def of_the_matrix() -> Iterator[ast.FunctionDef]:
    """Every test of the matrix but these."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path != Path(__file__):
            yield from (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if is_test(node))  # type: ignore[misc]


def is_test(node: ast.AST) -> bool:
    """Whether *node* is a test."""
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def marked(node: ast.FunctionDef) -> set[int]:
    """The rows with which a test itself is marked; cases may have marks of their own."""
    calls = [found for found in node.decorator_list if isinstance(found, ast.Call)]
    rows = [
        call.keywords[0].value for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "row"
    ]
    return {row.value for row in rows if isinstance(row, ast.Constant) and isinstance(row.value, int)}


def said(node: ast.FunctionDef) -> set[int]:
    """The rows that a test's docstring begins with."""
    found = re.match(r"Rows? ([\d, ]+):", ast.get_docstring(node) or "")
    return {int(number) for number in found[1].split(",")} if found else set()


def test_every_row_has_a_test() -> None:
    """All fifty."""
    covered = {row for node in of_the_matrix() for row in said(node)}

    assert covered == set(ROWS)


def test_every_test_says_its_row() -> None:
    """In its docstring, for who reads, and by its mark, for who selects: `pytest -m "row(number=12)"`."""
    torn = [node.name for node in of_the_matrix() if marked(node) and marked(node) != said(node)]

    assert torn == []
