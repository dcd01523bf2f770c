"""Builds workbooks directly from XML: what spreadsheet programs write, and what attackers do."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Badge</t></is></c><c r="B1" t="inlineStr"><is><t>Name</t></is></c></row>'
)


def relations(*parts: tuple[str, str, str]) -> str:
    """Build the part that refers to other parts by ID, type and name."""
    inner = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>' for name, kind, target in parts
    )
    return f'<Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


def write_book(path: Path, rows: Iterable[str], strings: Iterable[str] = (), before: str = "") -> Path:
    """Write a workbook with one sheet of *rows* and the shared *strings*, all of them XML, in chunks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("_rels/.rels", relations(("rId1", "officeDocument", "xl/workbook.xml")))
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
            "</workbook>",
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            relations(("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")),
        )
        write_part(book, "xl/worksheets/sheet1.xml", f'{before}<worksheet xmlns="{MAIN}"><sheetData>{HEAD}', rows,
                   "</sheetData></worksheet>")  # fmt: skip
        write_part(book, "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">', strings, "</sst>")
    return path


def write_part(book: zipfile.ZipFile, name: str, start: str, pieces: Iterable[str], end: str) -> None:
    """Write one part of a workbook."""
    with book.open(name, "w") as part:
        part.write(start.encode())
        for piece in pieces:
            part.write(piece.encode())
        part.write(end.encode())
