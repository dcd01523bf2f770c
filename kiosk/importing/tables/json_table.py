"""Lists in JSON files: a list of objects, such as another kiosk's export, or one object a line."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from kiosk.importing.tables.header import MAX_COLUMNS
from kiosk.importing.tables.table import Table, TableRow

CHUNK_CHARACTERS = 1 << 16
"""Characters that are read together."""

_MAX_OBJECT_CHARACTERS = 1 << 20
"""Characters that one object may have."""

_SEPARATOR_PATTERN = re.compile(r"[\s,\[\]]*")

BROKEN_REASON = "it is no JSON from here on, and nothing after it was read"


def open_json_table(file: BinaryIO, text: TextIO, encoding: str, total: int) -> Table:
    """
    The list in *text*, which is read twice: first for the names that are in it.

    Raises:
        ValueError: there is no object in it.
    """
    header: dict[str, None] = {}
    for line, value in iterate_values(text):
        if isinstance(value, dict):
            header.update(dict.fromkeys(value))
            if len(header) > MAX_COLUMNS:
                raise ValueError(f"its objects have more than {MAX_COLUMNS} names: it is not a list of people.")
        elif isinstance(value, BrokenJson) and not header:
            raise ValueError(f"it begins like JSON, and breaks off in line {line}.")
    text.seek(0)
    names = list(header)
    rows = (make_row(line, value, names) for line, value in iterate_values(text))
    return Table(names, f"JSON in {encoding}", rows, text.close, total, file.tell, is_sheet=False)


def make_row(line: int, value: Any, names: list[str]) -> TableRow:
    """One object as a row."""
    if not isinstance(value, dict):
        return TableRow(line, [str(value)], BROKEN_REASON if isinstance(value, BrokenJson) else "it is no object")
    return TableRow(line, [value.get(name) for name in names])


class BrokenJson(str):
    """Where the file stops being JSON: the beginning of what cannot be read."""


def iterate_values(text: TextIO) -> Iterator[tuple[int, Any]]:
    """The values in *text*, each with its line; the last is a `Broken` where it breaks off."""
    decoder, buffer, at, line, more, still_open = json.JSONDecoder(), "", 0, 1, True, 0
    while True:
        start = _SEPARATOR_PATTERN.match(buffer, at).end()  # type: ignore[union-attr]  # it always matches
        still_open += buffer.count("[", at, start) - buffer.count("]", at, start)
        line += buffer.count("\n", at, start)
        try:
            value, end = decoder.raw_decode(buffer, start)
            if end == len(buffer) and more:  # a number may go on
                raise ValueError
        except (ValueError, RecursionError):
            part = (
                text.read(max(CHUNK_CHARACTERS, len(buffer) - start))
                if more and len(buffer) - start <= _MAX_OBJECT_CHARACTERS
                else ""
            )
            if part:
                buffer, at = buffer[start:] + part, 0
            elif (
                more and len(buffer) - start <= _MAX_OBJECT_CHARACTERS
            ):  # that was the end of the file: what is left must be whole
                more, buffer, at = False, buffer[start:], 0
            else:
                if start < len(buffer) or still_open > 0:
                    yield line, BrokenJson(buffer[start : start + 200])
                return
        else:
            yield line, value
            line += buffer.count("\n", start, end)
            at = end
