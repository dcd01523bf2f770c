"""Export of leads as a file for other programs: CSV, JSON or vCards, streamed, and written completely or not at all."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from json import loads
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import msgspec

from data.cell_codec import encode_list, encode_table, escape_formula, escape_formulas
from data.contact import CONTACT_FIELDS
from data.files import atomic_file
from data.language import _
from data.listing import ListedLead, chunk_leads
from data.vcards import format_vcard

EXPORT_COLUMNS = (
    "lead_id", "event", "state", *CONTACT_FIELDS, "badge_id", "rating", "tags", "note", "answers", "scanned_at",
    "operator", "reason", "remote_id", "badge_text",
)  # fmt: skip
"""
The columns of a CSV export and the keys of a JSON one. `lead_id` comes first: a later import recognises rows by it.
"""

_MAX_CACHED_CHARACTERS = 200
"""Longest list or object whose encoding is cached."""

_SHARED_COLUMN_COUNT: Final = 17
"""How many columns `EXPORT_COLUMNS` begins with that are also the first fields of a `ListedLead`: id to badge id."""

_LeadWriter: TypeAlias = Callable[[Iterable[list[ListedLead]], BinaryIO], None]
"""Writes leads to a file."""


def write_export(leads: Iterable[ListedLead], path: Path) -> int:
    """
    Write *leads* to *path* in the format of its suffix; return how many they were.

    Raises:
        ValueError: the suffix is not that of a format.
        OSError: the file could not be written; an existing one is unchanged.
    """
    write = find_writer(path)
    number = 0

    def count_leads() -> Iterator[list[ListedLead]]:
        nonlocal number
        for chunk in chunk_leads(leads):
            number += len(chunk)
            yield chunk

    with atomic_file(path) as file:
        write(count_leads(), file)
    return number


def find_writer(path: Path) -> _LeadWriter:
    """
    Return the writer for the suffix of *path*.

    Raises:
        ValueError: the suffix is not that of a format.
    """
    write = _WRITERS_BY_SUFFIX.get(path.suffix.lower())
    if write is None:
        *others, last = _WRITERS_BY_SUFFIX
        message = _("{name}: the name must end in {suffixes} or {last}.")
        raise ValueError(message.format(name=path.name, suffixes=", ".join(others), last=last))
    return write


def lead_to_row(lead: ListedLead) -> dict[str, Any]:
    """Return one lead by the names of `EXPORT_COLUMNS`."""
    first, tags, answers = (
        lead[:_SHARED_COLUMN_COUNT],
        msgspec.Raw(lead.tags.encode()),
        msgspec.Raw(lead.answers.encode()),
    )
    others = (lead.rating, tags, lead.note, answers, _format_iso_time(lead.scanned_at))
    return dict(
        zip(EXPORT_COLUMNS, (*first, *others, lead.operator, lead.reason, lead.remote_id, lead.badge_text), strict=True)
    )


def _format_iso_time(seconds: float) -> str:
    """Format seconds since 1970 UTC as ISO 8601."""
    minute, second = divmod(int(seconds), 60)
    return f"{_format_iso_minute(minute)}:{second:02}+00:00"


@lru_cache(1024)
def _format_iso_minute(minute: int) -> str:
    """Format minutes since 1970 UTC; cached, because leads that were met one after another share their minute."""
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M")


def _write_csv(chunks: Iterable[list[ListedLead]], file: BinaryIO) -> None:
    """Write a table with one line per lead; UTF-8 with a byte order mark, for Excel; no cell is a formula."""
    file.write(_format_csv_lines([EXPORT_COLUMNS]).encode("utf-8-sig"))
    for chunk in chunks:
        cells = iter(escape_formulas([cell for lead in chunk for cell in _lead_to_cells(lead)]))
        file.write(_format_csv_lines(zip(*[cells] * len(EXPORT_COLUMNS), strict=True)).encode("utf-8", "replace"))


def _format_csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """Format *rows* as lines of CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _lead_to_cells(lead: ListedLead) -> tuple[str, ...]:
    """Return one lead as strings, in the order of `EXPORT_COLUMNS`."""
    return (
        *lead[:_SHARED_COLUMN_COUNT],
        str(lead.rating or ""),
        _encode_short_cell(lead.tags) if len(lead.tags) <= _MAX_CACHED_CHARACTERS else _encode_json_cell(lead.tags),
        lead.note,
        _encode_short_cell(lead.answers)
        if len(lead.answers) <= _MAX_CACHED_CHARACTERS
        else _encode_json_cell(lead.answers),
        _format_iso_time(lead.scanned_at),
        lead.operator,
        lead.reason,
        lead.remote_id or "",
        lead.badge_text,
    )


def _encode_json_cell(text: str) -> str:
    """Encode a JSON list or object as one cell."""
    found = loads(text)
    return encode_table(found) if isinstance(found, dict) else encode_list(found)


# Cached: a booth has a dozen tags, and most answers are one of a few.
_encode_short_cell = lru_cache(1024)(_encode_json_cell)


def format_csv_table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """
    Format *rows* as CSV, with the keys of *columns* under the headings that are its values; other keys are left out.

    UTF-8 with a byte order mark, for Excel; no cell is a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([escape_formula(heading) for heading in columns.values()])
    for values in rows:
        writer.writerow([encode_cell(values.get(name)) for name in columns])
    return text.getvalue().encode("utf-8-sig", "replace")


def encode_cell(value: Any) -> Any:
    """Return *value* as a cell that no spreadsheet computes; a list or a table becomes one line."""
    if isinstance(value, Mapping):
        value = encode_table({str(name): str(part) for name, part in value.items()})
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = encode_list(map(str, value))
    return escape_formula(value) if isinstance(value, str) else value


def _write_json(chunks: Iterable[list[ListedLead]], file: BinaryIO) -> None:
    """Write a JSON list of objects."""
    for part in format_json_list(map(lead_to_row, chunk) for chunk in chunks):
        file.write(part)
    file.write(b"\n")


def format_json_list(chunks: Iterable[Iterable[Any]], indent: str = "") -> Iterator[bytes]:
    """
    Yield the parts of one indented JSON list of all items in *chunks*; each line but the first begins with *indent*.
    """
    encode, begin = msgspec.json.Encoder().encode, b"["
    for chunk in chunks:
        items = msgspec.json.format(encode(list(chunk)), indent=2)[1:-2]  # without the brackets of this part's list
        yield begin + (items.replace(b"\n", b"\n" + indent.encode()) if indent else items)
        begin = b","
    yield b"[]" if begin == b"[" else f"\n{indent}]".encode()


def _write_vcards(chunks: Iterable[list[ListedLead]], file: BinaryIO) -> None:
    """Write vCards, one after another."""
    for chunk in chunks:
        file.write("".join(map(format_vcard, chunk)).encode())


_WRITERS_BY_SUFFIX: dict[str, _LeadWriter] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".vcf": _write_vcards,
}
