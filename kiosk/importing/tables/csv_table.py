"""Lists in CSV files: any encoding and separator."""

from itertools import chain, islice
from typing import BinaryIO, TextIO

from kiosk.importing.tables.header import LOOKED_AT, check_is_header, find_header
from kiosk.importing.tables.lenient_csv import divided, rows
from kiosk.importing.tables.table import Table, checked
from kiosk.status.wording import plain


def csv_table(file: BinaryIO, text: TextIO, encoding: str, total: int, header_row: int = 0) -> Table:
    """
    The list in *text*, which *file* holds in *encoding*; its headers are in line *header_row* where that is not 0.

    Raises:
        ValueError: there are none in that line, or no line can be read.
    """
    lines, separator, before = divided(text)
    table = rows(lines, separator, before)
    first = list(islice(table, max(LOOKED_AT, header_row)))
    header = find_header(first, header_row)
    if not header.names and any(isinstance(row, str) for _, row in first):
        raise ValueError("it cannot be divided into columns: save it as CSV once more, in the program that it is from.")
    if header.names:
        check_is_header(header.names, first[header.above - 1][0])
    name = {"\t": "tab"}.get(separator, separator)
    shown = f"{plain(encoding)}, columns divided by {name}"
    if header.names and header.above > 1:
        shown += f", headers in line {first[header.above - 1][0]}"
    rest = chain(first[header.above :], table)
    return Table(header.names, shown, checked(header.names, rest), text.close, total, file.tell)
