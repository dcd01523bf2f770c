"""An organiser's attendee list: any encoding, separator and column order; a bad row stops nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.contact import Contact
from kiosk.badges.stored_id import stored_id
from kiosk.list_columns import BADGE_ID, PEOPLE, chosen
from kiosk.tables.opening import open_table
from kiosk.tables.table import Row, text_of

LONGEST = 500
"""Characters of a cell that are kept."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken."""

    line: int
    sentence: str


@dataclass(slots=True)
class AttendeeFile:
    """An attendee list, read as far as it can be."""

    mapping: dict[str, str]
    """Each of the file's headers with our field; empty where the column means nothing to us."""
    shown: str
    """What kind of file it is."""
    people: list[tuple[str, Contact]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """Where each of them stands."""
    problems: list[Problem] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    """What the first row that has something there says, by header."""
    first: dict[str, tuple[int, Contact]] = field(default_factory=dict)
    """Where each id stands for the first time, in the form in which it is kept, and for whom."""


def read_attendees(
    path: Path, choices: Sequence[str] = (), encoding: str = "", *, needs_id: bool = True
) -> AttendeeFile:
    """
    Read the attendee list at *path*; *choices* (`HEADER=field`) and *encoding* overrule the guesses.

    Raises:
        ValueError: it is no list that has a column with the id on the badge, where it *needs_id*.
        OSError: it cannot be read.
    """
    try:
        table = open_table(path, encoding)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    try:
        header = [clean(name) for name in table.header]
        mapping = mapped(path, header, choices, needs_id)
        found = AttendeeFile(mapping, table.shown)
        places = {to: header.index(name) for name, to in mapping.items() if to}
        for row in table.rows:
            take(found, row, places, header, needs_id)
    finally:
        table.close()
    return found


def mapped(path: Path, header: list[str], choices: Sequence[str], needs_id: bool) -> dict[str, str]:
    """
    What each name in the *header* of the file at *path* means.

    Raises:
        ValueError: it is no header, or a choice is wrong.
    """
    if not header:
        raise ValueError(f"{path.name} is empty: it needs a line with headers, and a line for each person.")
    try:
        mapping = chosen(header, choices, PEOPLE)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if needs_id and BADGE_ID not in mapping.values():
        raise ValueError(
            f"{path.name}: no column looks like the id on the badge; name it with --map 'HEADER={BADGE_ID}'. "
            f"There is {', '.join(map(repr, header))[:LONGEST]}."
        )
    return mapping


def take(found: AttendeeFile, row: Row, places: Mapping[str, int], header: list[str], needs_id: bool) -> None:
    """Add one row to what was *found*, or say what is wrong with it."""
    if row.problem:
        found.problems.append(Problem(row.line, row.problem))
        return
    cells = [clean(text_of(cell)) for cell in row.cells]
    for name, cell in zip(header, cells, strict=True):
        if cell:
            found.samples.setdefault(name, cell)
    values = {to: cells[place] for to, place in places.items()}
    badge_id = values.pop(BADGE_ID, "")
    if needs_id and not badge_id:
        found.problems.append(Problem(row.line, "it has no id"))
    elif not any(values.values()):
        found.problems.append(Problem(row.line, "it says nothing of the person"))
    else:
        add(found, row.line, badge_id, Contact(**values))


def add(found: AttendeeFile, line: int, badge_id: str, contact: Contact) -> None:
    """Add a person; an id has one, so of two rows with the same the first counts, and the second is told of."""
    if badge_id:
        first, whose = found.first.setdefault(stored_id(badge_id), (line, contact))
        if first != line:
            if whose != contact:
                found.problems.append(Problem(line, f"it has the id of line {first}, which says something else"))
            return
    found.people.append((badge_id, contact))
    found.lines.append(line)


def clean(cell: str) -> str:
    """*cell* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())[:LONGEST]
