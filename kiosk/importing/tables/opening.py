"""Opens a list in any kind of file."""

import re
from pathlib import Path

from data.language import _
from kiosk.importing.tables.csv_table import open_csv_table
from kiosk.importing.tables.encoding import open_text
from kiosk.importing.tables.json_table import open_json_table
from kiosk.importing.tables.table import Table
from kiosk.importing.tables.workbook import open_workbook_table

# How the files of spreadsheet programs begin.
_XLSX_MAGIC, _OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

# How files begin that websites call workbooks.
_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "<workbook", "<script", "<meta", "<head")

# Control characters that no list has; tabs, line ends and the separators of some programs are not among them.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x19\x7f\ufffd]")

# How many of them make a file binary, and from which share on.
_MIN_BINARY_CONTROLS, _MAX_CONTROL_SHARE = 16, 0.05


def open_table(path: Path, encoding: str = "", sheet: str = "", header_row: int = 0) -> Table:
    """
    Open the list at *path*: a workbook, JSON or CSV, recognised by its content.

    *encoding*, the name of the *sheet* and the line with the headers (*header_row*) overrule the automatic choice.

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
            raise ValueError(
                _("this is an old or encrypted workbook. Open it in its program and save it as .xlsx or CSV.")
            )
        if path.suffix.lower() == ".xlsx":
            raise ValueError(
                _("this is not a workbook, despite its name. Export it again, or rename it to .csv if it is CSV.")
            )
        file.seek(0)
        text, name = open_text(file, encoding)
        beginning = text.read(4096).lstrip()
        text.seek(0)
        if beginning.casefold().startswith(_MARKUP):
            raise ValueError(
                _("this is a web page, or a table that a website calls a workbook. Save it as .xlsx or CSV.")
            )
        if _is_binary(beginning):
            raise ValueError(_("this is not a text file, so it is not a list."))
        if sheet:
            raise ValueError(_("this is not a workbook, so it has no sheet {sheet}.").format(sheet=repr(sheet)))
        size = path.stat().st_size
        if beginning.startswith(("[", "{")):
            return open_json_table(file, text, name, size)
        return open_csv_table(file, text, name, size, header_row)
    except BaseException:
        file.close()
        raise


def _is_binary(beginning: str) -> bool:
    """Return whether the *beginning* of a file, decoded as text, has so many control characters that it is not text."""
    controls = len(_CONTROL_CHARACTER.findall(beginning))
    return controls >= _MIN_BINARY_CONTROLS and controls > _MAX_CONTROL_SHARE * len(beginning)
