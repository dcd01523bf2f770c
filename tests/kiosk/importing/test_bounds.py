"""However large a list becomes when it is unpacked or read, the process stays small; measured in a separate process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest

from kiosk.importing.tables import xlsx_sheet
from tests.kiosk.cli.conftest import Kiosk
from tests.kiosk.importing.books import write_book
from tests.support.many_leads import MEASURE

MOST_MEGABYTES = 300
MEGABYTE = "x" * (1 << 20)


def one_cell() -> Iterator[str]:
    """Yield a row whose second cell has 200 million characters."""
    yield '<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="inlineStr"><is><t>'
    yield from (MEGABYTE for _ in range(200))
    yield "</t></is></c></row>"


def one_attribute() -> Iterator[str]:
    """Yield a tag that does not end for 200 million characters."""
    yield '<row r="2"><c r="'
    yield from (MEGABYTE for _ in range(200))
    yield '"><v>7</v></c></row>'


def far_cells() -> Iterator[str]:
    """Yield rows with a value in their last possible column."""
    yield from (
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c><c r="B{at}" t="inlineStr"><is><t>V {at}</t></is></c>'
        f'<c r="XFD{at}"><v>1</v></c></row>'
        for at in range(2, 5002)
    )


def write_text(path: Path, *parts: str) -> Path:
    """Write a file of *parts*."""
    path.write_text("".join(parts))
    return path


# Functions, so that the long texts are made only where they are used: every worker of pytest imports all tests.
INPUTS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "a cell": ("x.xlsx", lambda path: write_book(path, one_cell())),
    "a tag": ("x.xlsx", lambda path: write_book(path, one_attribute())),
    "shared texts": ("x.xlsx", lambda path: write_book(path, [], ("<si><t>ab</t></si>" * 100_000 for _ in range(100)))),
    "columns to XFD": ("x.xlsx", lambda path: write_book(path, far_cells())),
    "separators": ("x.csv", lambda path: write_text(path, "Badge,Name\n", "," * 10_000_000)),
    "headers": ("x.csv", lambda path: write_text(path, ",".join(f"c{at}" for at in range(1_000_000)))),
    "rows without ids": ("x.csv", lambda path: write_text(path, "Badge,Name\n", ",a\n" * 100_000)),
    "one line": ("x.csv", lambda path: write_text(path, "Badge,Name\n1,", "a" * 10_000_000)),
    "an open quote": ("x.csv", lambda path: write_text(path, 'Badge,Name\n1,"', "a\n" * 100_000)),
    "names of JSON": (
        "x.json",
        lambda path: write_text(path, "[", ",".join(f'{{"a{at}":1}}' for at in range(500_000)), "]"),
    ),
    "lists of JSON": (
        "x.json",
        lambda path: write_text(path, "[", ",".join(['{"badge":1,"name":[' + "[]," * 300_000 + "1]}"] * 9), "]"),
    ),
}


@pytest.mark.parametrize(
    ("kind", "what"), [*(("attendees", what) for what in INPUTS), ("leads", "a cell"), ("leads", "lists of JSON")]
)
def test_no_list_fills_the_memory(kiosk: Kiosk, what: str, kind: str) -> None:
    """It is imported as far as it is a list, or refused in a sentence."""
    name, write = INPUTS[what]
    path = write(kiosk.folder / name)

    command = ["--config", str(kiosk.config), "import", kind, str(path), "--yes"]
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], stdout=PIPE, stderr=DEVNULL, check=True)
    status, megabytes, _, _ = json.loads(done.stdout)

    assert status in (0, 1, 2)  # by input, as the docstring says; a crash or a kill has another status
    assert megabytes < MOST_MEGABYTES


def test_a_document_type_is_refused(kiosk: Kiosk) -> None:
    """Its entities could multiply."""
    path = write_book(kiosk.folder / "x.xlsx", [], before='<!DOCTYPE x [<!ENTITY a "b">]>')

    done = kiosk("import", "attendees", str(path))

    assert done.exit_code == 2
    assert "this workbook contains a document type, which no spreadsheet program writes" in done.stderr


def test_too_many_cells_are_refused(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they take minutes."""
    monkeypatch.setattr(xlsx_sheet, "MAX_CELLS", 100_000)
    row = f"<row>{'<c><v>1</v></c>' * 16_384}</row>"
    path = write_book(kiosk.folder / "x.xlsx", (row for _ in range(7)))

    done = kiosk("import", "leads", str(path))

    assert done.exit_code == 2
    assert "more than ten million cells" in done.stderr
    assert not kiosk.settings.database_file.exists()
