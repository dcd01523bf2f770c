"""Lists in CSV files: any encoding and separator."""

from typing import BinaryIO, TextIO

from kiosk.csv_rows import divided, rows
from kiosk.tables.table import Table, checked
from kiosk.words import plain


def csv_table(file: BinaryIO, text: TextIO, encoding: str, total: int) -> Table:
    """The list in *text*, which *file* holds in *encoding*."""
    lines, separator, before = divided(text)
    table = rows(lines, separator, before)
    first = next(table, (0, []))[1]
    header = [first] if isinstance(first, str) else first
    name = {"\t": "tab"}.get(separator, separator)
    shown = f"{plain(encoding)}, columns divided by {name}"
    return Table(header, shown, checked(header, table), text.close, total, file.tell)
