"""Lists in CSV files, in any encoding and with any separator."""

from itertools import chain, islice
from typing import BinaryIO, TextIO

from data.language import _
from kiosk.importing.tables.header import MAX_HEADER_ROWS, check_is_header, find_header
from kiosk.importing.tables.lenient_csv import detect_separator, read_rows
from kiosk.importing.tables.table import Table, check_rows
from kiosk.status.wording import sanitize_text


def open_csv_table(file: BinaryIO, text: TextIO, encoding: str, total: int, header_row: int = 0) -> Table:
    """
    Return the list in *text*, which is *file* decoded from *encoding*; a *header_row* other than 0 is the line of the
    headers.

    Raises:
        ValueError: that line has no headers, or no line can be read.
    """
    lines, separator, before = detect_separator(text)
    table = read_rows(lines, separator, before)
    first = list(islice(table, max(MAX_HEADER_ROWS, header_row)))
    header = find_header(first, header_row)
    if not header.names and any(isinstance(row, str) for _, row in first):
        raise ValueError(
            _("this file cannot be split into columns. Save it as CSV again in the program it comes from.")
        )
    if header.names:
        check_is_header(header.names, first[header.rows_above - 1][0])
    name = {"\t": _("tab")}.get(separator, separator)
    description = _("{encoding}, columns separated by {separator}").format(
        encoding=sanitize_text(encoding), separator=name
    )
    if header.names and header.rows_above > 1:
        line = _("headers in line {line}").format(line=first[header.rows_above - 1][0])
        description = f"{description}, {line}"
    rest = chain(first[header.rows_above :], table)
    return Table(header.names, description, check_rows(header.names, rest), text.close, total, file.tell)
