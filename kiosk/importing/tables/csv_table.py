"""Lists in CSV files: any encoding and separator."""

from itertools import chain, islice
from typing import BinaryIO, TextIO

from kiosk.importing.tables.header import MAX_HEADER_ROWS, check_is_header, find_header
from kiosk.importing.tables.lenient_csv import detect_separator, read_rows
from kiosk.importing.tables.table import Table, check_rows
from kiosk.status.wording import sanitize_text


def open_csv_table(file: BinaryIO, text: TextIO, encoding: str, total: int, header_row: int = 0) -> Table:
    """
    The list in *text*, which *file* holds in *encoding*; its headers are in line *header_row* where that is not 0.

    Raises:
        ValueError: there are none in that line, or no line can be read.
    """
    lines, separator, before = detect_separator(text)
    table = read_rows(lines, separator, before)
    first = list(islice(table, max(MAX_HEADER_ROWS, header_row)))
    header = find_header(first, header_row)
    if not header.names and any(isinstance(row, str) for _, row in first):
        raise ValueError("it cannot be divided into columns: save it as CSV once more, in the program that it is from.")
    if header.names:
        check_is_header(header.names, first[header.rows_above - 1][0])
    name = {"\t": "tab"}.get(separator, separator)
    shown = f"{sanitize_text(encoding)}, columns divided by {name}"
    if header.names and header.rows_above > 1:
        shown += f", headers in line {first[header.rows_above - 1][0]}"
    rest = chain(first[header.rows_above :], table)
    return Table(header.names, shown, check_rows(header.names, rest), text.close, total, file.tell)
