"""An organiser's attendee list: any encoding, separator and column order; a bad row stops nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from data.attendees import Attendee
from data.cells import as_meant
from data.contact import Contact
from kiosk.badges.profile import BadgeProfile
from kiosk.importing.badge_ids import ids_in
from kiosk.importing.columns.cells import as_said
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.names import turned, with_prefix
from kiosk.importing.columns.values import as_field, has_lost_digits
from kiosk.importing.columns.vocabulary import BADGE_ID, PEOPLE
from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import Row, Table, take_lot, text_of

MAX_CHARACTERS = 500
"""Characters of a cell that are kept."""

SAMPLE_ROWS = 1000
"""Rows by which the columns are judged."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a list is to be opened, where a person knows better than the guesses."""

    choices: tuple[str, ...] = ()
    """`HEADER=field`, what a column means."""
    encoding: str = ""
    sheet: str = ""
    header_row: int = 0
    """The line with the headers; 0 is "find it"."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Person:
    """A row that was understood."""

    line: int
    attendee: Attendee
    written_id: str
    """The first id as it stands in the list: what is to be printed, where badges are made of it."""


@dataclass(slots=True)
class AttendeeFile:
    """An attendee list of which the first rows were read."""

    table: Table
    columns: Columns
    first: list[Row]
    profile: BadgeProfile
    needs_id: bool

    def __enter__(self) -> "AttendeeFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.table.close()

    def people(self) -> Iterator[Person | Problem]:
        """Each row as a person, or as a problem; once."""
        places = self.columns.places
        for row in self.rows():
            yield self.read(row, places)

    def rows(self) -> Iterator[Row]:
        """All rows, once."""
        yield from self.first
        yield from self.table.rows

    def read(self, row: Row, places: Mapping[str, Sequence[int]]) -> Person | Problem:
        """One row, whose columns are at *places*."""
        if row.problem:
            return Problem(row.line, row.problem)
        values = {name: _first_filled(row.cells, indexes, name) for name, indexes in places.items() if name != BADGE_ID}
        if prefix := values.pop("name_prefix", ""):
            values["last_name"] = with_prefix(prefix, values.get("last_name", ""))
        id_places = places.get(BADGE_ID, ())
        ids, why = self.ids_of(row, id_places)
        if self.needs_id and not ids:
            return Problem(row.line, why or "it has no id")
        if self.columns.are_turned and (parts := turned(values.get("name", ""))) != ("", ""):
            values |= {"name": " ".join(parts), "first_name": parts[0], "last_name": parts[1]}
        if not any(values.values()):
            return Problem(row.line, "it says nothing of the person")
        first, *others = ids or [""]
        written = next((text for at in id_places if (text := clean(text_of(row.cells[at])))), "")
        return Person(row.line, Attendee(first, Contact(**values), tuple(others)), written)

    def ids_of(self, row: Row, indexes: Sequence[int]) -> tuple[list[str], str]:
        """The ids in the cells at *indexes*, the first first, and what is wrong with the first that cannot be read."""
        ids: list[str] = []
        why = ""
        for index in indexes:
            try:
                ids += ids_in(text_of(row.cells[index]), self.profile)
            except ValueError as error:
                why = why or str(error)
        return list(dict.fromkeys(ids)), why


def open_attendees(
    path: Path, opening: Opening, profile: BadgeProfile, *, columns: Columns | None = None, needs_id: bool = True
) -> AttendeeFile:
    """
    Open the attendee list at *path*, and decide what its *columns* mean where that was not decided yet.

    Raises:
        ValueError: it cannot be read as a list, or has no column with ids where it *needs_id*.
        OSError: it cannot be read.
    """
    try:
        table = open_table(path, opening.encoding, opening.sheet, opening.header_row)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    try:
        if not table.header:
            raise ValueError(f"{path.name} is empty: it needs a line with headers, and a line for each person.")
        first = take_lot(table.rows, SAMPLE_ROWS)
        columns = columns or _map(path, table, first, opening.choices, needs_id)
    except BaseException:
        table.close()
        raise
    return AttendeeFile(table, columns, first, profile, needs_id)


def sample_texts(rows: Sequence[Row]) -> list[list[str]]:
    """The cells of those of *rows* that could be read, as text."""
    return [[text_of(cell) for cell in row.cells] for row in rows if not row.problem]


def _map(path: Path, table: Table, first: Sequence[Row], choices: Sequence[str], needs_id: bool) -> Columns:
    """
    What the columns of *table* mean.

    Raises:
        ValueError: none holds ids, or a choice is wrong.
    """
    header = [clean(name) for name in table.header]
    try:
        columns = map_columns(header, sample_texts(first), PEOPLE, choices)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if needs_id and not columns.ids:
        raise ValueError(
            f"{path.name}: no column looks like the id on the badge; name it with --map 'HEADER={BADGE_ID}'. "
            f"There is {', '.join(map(repr, header))[:MAX_CHARACTERS]}."
        )
    return columns


def _first_filled(cells: Sequence[Any], indexes: Sequence[int], field: str) -> str:
    """The first value in the cells at *indexes*; a phone number of which digits are lost does not count."""
    for index in indexes:
        value = clean(as_said(field, as_meant(text_of(cells[index]))))
        if value and not (field == "phone" and has_lost_digits(value)):
            return as_field(field, value)
    return ""


def clean(cell: str) -> str:
    """*cell* on one line, without control characters."""
    if cell.isprintable():
        return " ".join(cell.split())[:MAX_CHARACTERS]
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:MAX_CHARACTERS]
