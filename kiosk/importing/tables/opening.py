"""Opening a list, whatever kind of file it is in."""

from pathlib import Path

from kiosk.importing.tables.csv_table import open_csv_table
from kiosk.importing.tables.encoding import open_text
from kiosk.importing.tables.json_table import open_json_table
from kiosk.importing.tables.table import Table
from kiosk.importing.tables.workbook import open_workbook_table

_XLSX_MAGIC, _OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How files begin that spreadsheets save by themselves."""


_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "<workbook", "<script", "<meta", "<head")
"""How files begin that websites call workbooks."""


def open_table(path: Path, encoding: str = "", sheet: str = "", header_row: int = 0) -> Table:
    """
    The list in the file at *path*: a workbook, JSON or CSV, recognised by what is in it.

    *encoding*, the name of the *sheet* and the line with the headers (*header_row*) overrule the guesses.

    Raises:
        ValueError: it cannot be read as a list, or has no such sheet or line.
        OSError: it cannot be read.
    """
    file = path.open("rb")
    try:
        start = file.read(4)
        if start == _XLSX_MAGIC:
            file.close()
            return open_workbook_table(path, sheet, header_row)
        if start == _OLE_MAGIC:
            raise ValueError("it is an old or encrypted workbook: open it in its program, and save it as .xlsx or CSV.")
        if path.suffix.lower() == ".xlsx":
            raise ValueError(
                "it is no workbook, whatever its name says: get it once more, or name it .csv if it is one."
            )
        file.seek(0)
        text, name = open_text(file, encoding)
        beginning = text.read(4096).lstrip()
        text.seek(0)
        if beginning.casefold().startswith(_MARKUP):
            raise ValueError("it is a web page, or a table that a website calls a workbook: save it as .xlsx or CSV.")
        if sheet:
            raise ValueError(f"it is not a workbook, so it has no sheet {sheet!r}.")
        size = path.stat().st_size
        if beginning.startswith(("[", "{")):
            return open_json_table(file, text, name, size)
        return open_csv_table(file, text, name, size, header_row)
    except BaseException:
        file.close()
        raise
