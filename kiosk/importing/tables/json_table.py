"""Lists in JSON files: a list of objects, such as another kiosk's export, or one object per line."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from data.language import N_, _
from kiosk.importing.tables.header import MAX_COLUMNS
from kiosk.importing.tables.table import Table, TableRow

CHUNK_CHARACTERS = 1 << 16
"""Characters that are read together."""

# The longest object, in characters.
_MAX_OBJECT_CHARACTERS = 1 << 20

_SEPARATOR_PATTERN = re.compile(r"[\s,\[\]]*")

BROKEN_REASON = N_("not valid JSON from here on, and nothing after it was read")


def open_json_table(file: BinaryIO, text: TextIO, encoding: str, total: int) -> Table:
    """
    Return the list in *text*, which is read twice: the first time for the names of its columns.

    Raises:
        ValueError: there is no object in it.
    """
    header: dict[str, None] = {}
    for line, value in _iterate_values(text):
        if isinstance(value, dict):
            header.update(dict.fromkeys(value))
            if len(header) > MAX_COLUMNS:
                raise ValueError(
                    _("its objects have more than {limit} different keys, so it is not a list of people.").format(
                        limit=MAX_COLUMNS
                    )
                )
        elif isinstance(value, _BrokenJson) and not header:
            raise ValueError(_("this is neither CSV, nor a workbook, nor valid JSON (line {line}).").format(line=line))
    text.seek(0)
    names = list(header)
    rows = (_make_row(line, value, names) for line, value in _iterate_values(text))
    return Table(
        names, _("JSON in {encoding}").format(encoding=encoding), rows, text.close, total, file.tell, is_sheet=False
    )


def _make_row(line: int, value: Any, names: list[str]) -> TableRow:
    """Convert one object to a row."""
    if not isinstance(value, dict):
        return TableRow(
            line, [str(value)], _(BROKEN_REASON) if isinstance(value, _BrokenJson) else _("not a JSON object")
        )
    return TableRow(line, [value.get(name) for name in names])


class _BrokenJson(str):
    """Marks where the file stops being JSON: the beginning of what cannot be parsed."""


def _iterate_values(text: TextIO) -> Iterator[tuple[int, Any]]:
    """Yield the values in *text*, each with its line; the last is a `_BrokenJson` if the file breaks off."""
    decoder, buffer, at, line, more, still_open = json.JSONDecoder(), "", 0, 1, True, 0
    while True:
        start = _SEPARATOR_PATTERN.match(buffer, at).end()  # type: ignore[union-attr]  # it always matches
        still_open += buffer.count("[", at, start) - buffer.count("]", at, start)
        line += buffer.count("\n", at, start)
        try:
            value, end = decoder.raw_decode(buffer, start)
            if end == len(buffer) and more:  # a number may continue
                raise ValueError
        except (ValueError, RecursionError):
            part = (
                text.read(max(CHUNK_CHARACTERS, len(buffer) - start))
                if more and len(buffer) - start <= _MAX_OBJECT_CHARACTERS
                else ""
            )
            if part:
                buffer, at = buffer[start:] + part, 0
            elif more and len(buffer) - start <= _MAX_OBJECT_CHARACTERS:  # end of the file: the rest must be complete
                more, buffer, at = False, buffer[start:], 0
            else:
                if start < len(buffer) or still_open > 0:
                    yield line, _BrokenJson(buffer[start : start + 200])
                return
        else:
            yield line, value
            line += buffer.count("\n", start, end)
            at = end
