"""
An organiser's attendee list, in any encoding, with any separator and column order. A bad row never stops the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from data.attendees import Attendee
from data.cell_codec import unescape_formula
from data.contact import Contact
from data.language import _
from kiosk.badges.profile import BadgeProfile
from kiosk.importing.badge_ids import parse_ids
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.names import add_name_prefix, split_reversed_name
from kiosk.importing.columns.values import has_lost_digits, normalize_field
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD, PERSON_HEADINGS
from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import Table, TableRow, cell_to_text, take_batch

# The longest text of a cell; more is cut off.
_MAX_CELL_CHARACTERS = 500

SAMPLE_ROWS = 1000
"""How many rows are used to decide what the columns mean."""


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How to open a list, where a person overrules the automatic choice."""

    choices: tuple[str, ...] = ()
    """`HEADER=field`: what a column means."""
    encoding: str = ""
    sheet: str = ""
    header_row: int = 0
    """The line with the headers; 0 finds it."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that was left out."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class AttendeeRow:
    """A row that was understood."""

    line: int
    attendee: Attendee
    written_id: str
    """The first ID exactly as the list has it: what is printed if badges are made from it."""


@dataclass(slots=True)
class AttendeeFile:
    """An open attendee list, of which the first rows were read."""

    table: Table
    columns: Columns
    first_rows: list[TableRow]
    profile: BadgeProfile
    needs_id: bool

    def __enter__(self) -> "AttendeeFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.table.close()

    def read_people(self) -> Iterator[AttendeeRow | SkippedRow]:
        """Yield each row as a person, or as a skipped row. Can be called once."""
        places = self.columns.field_indexes
        for row in self.iterate_rows():
            yield self.read_row(row, places)

    def iterate_rows(self) -> Iterator[TableRow]:
        """Yield all rows. Can be called once."""
        yield from self.first_rows
        yield from self.table.rows

    def read_row(self, row: TableRow, places: Mapping[str, Sequence[int]]) -> AttendeeRow | SkippedRow:
        """Read one row; *places* are the indexes of the columns of each field."""
        if row.problem:
            return SkippedRow(row.line, row.problem)
        values = {
            name: _find_first_filled(row.cells, indexes, name)
            for name, indexes in places.items()
            if name != BADGE_ID_FIELD
        }
        if prefix := values.pop("name_prefix", ""):
            values["last_name"] = add_name_prefix(prefix, values.get("last_name", ""))
        id_places = places.get(BADGE_ID_FIELD, ())
        ids, why = self._read_ids(row, id_places)
        if self.needs_id and not ids:
            return SkippedRow(row.line, why or _("no ID"))
        if self.columns.are_names_reversed and (parts := split_reversed_name(values.get("name", ""))) != ("", ""):
            values |= {"name": " ".join(parts), "first_name": parts[0], "last_name": parts[1]}
        if not any(values.values()):
            return SkippedRow(row.line, _("no name or contact details"))
        first, *other_ids = ids or [""]
        written = next((text for at in id_places if (text := _clean_cell(cell_to_text(row.cells[at])))), "")
        return AttendeeRow(row.line, Attendee(first, Contact(**values), tuple(other_ids)), written)

    def _read_ids(self, row: TableRow, indexes: Sequence[int]) -> tuple[list[str], str]:
        """
        Return the IDs in the cells at *indexes*, the main one first, and why the first unreadable one cannot be
        used.
        """
        ids: list[str] = []
        why = ""
        for index in indexes:
            try:
                ids += parse_ids(cell_to_text(row.cells[index]), self.profile)
            except ValueError as error:
                why = why or str(error)
        return list(dict.fromkeys(ids)), why


def open_attendees(
    path: Path, opening: ListOptions, profile: BadgeProfile, *, columns: Columns | None = None, needs_id: bool = True
) -> AttendeeFile:
    """
    Open the attendee list at *path*, and decide what its *columns* mean unless that was decided before.

    Raises:
        ValueError: it cannot be read as a list, or has no column with IDs although it *needs_id*.
        OSError: it cannot be read.
    """
    try:
        table = open_table(path, opening.encoding, opening.sheet, opening.header_row)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    try:
        if not table.header:
            raise ValueError(
                _("{file} is empty. It needs a header row and a row for each person.").format(file=path.name)
            )
        first = take_batch(table.rows, SAMPLE_ROWS)
        columns = columns or _decide_columns(path, table, first, opening.choices, needs_id)
    except BaseException:
        table.close()
        raise
    return AttendeeFile(table, columns, first, profile, needs_id)


def list_sample_texts(rows: Sequence[TableRow]) -> list[list[str]]:
    """Return the cells of all readable *rows* as text."""
    return [[cell_to_text(cell) for cell in row.cells] for row in rows if not row.problem]


def _decide_columns(
    path: Path, table: Table, first: Sequence[TableRow], choices: Sequence[str], needs_id: bool
) -> Columns:
    """
    Decide what the columns of *table* mean.

    Raises:
        ValueError: none holds IDs, or a choice is wrong.
    """
    header = [_clean_cell(name) for name in table.header]
    try:
        columns = map_columns(header, list_sample_texts(first), PERSON_HEADINGS, choices)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if needs_id and not columns.id_columns:
        raise ValueError(
            _(
                "{file}: no column looks like the ID on the badge. Name it with --map '{option}'. Columns: {columns}."
            ).format(
                file=path.name,
                option=f"HEADER={BADGE_ID_FIELD}",
                columns=", ".join(map(repr, header))[:_MAX_CELL_CHARACTERS],
            )
        )
    return columns


def _find_first_filled(cells: Sequence[Any], indexes: Sequence[int], field: str) -> str:
    """Return the first value in the cells at *indexes*; phone numbers that lost digits do not count."""
    for index in indexes:
        value = _clean_cell(normalize_cell(field, unescape_formula(cell_to_text(cells[index]))))
        if value and not (field == "phone" and has_lost_digits(value)):
            return normalize_field(field, value)
    return ""


def _clean_cell(cell: str) -> str:
    """Return *cell* on one line, without control characters."""
    if cell.isprintable():
        return " ".join(cell.split())[:_MAX_CELL_CHARACTERS]
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:_MAX_CELL_CHARACTERS]
