"""What a list would explain of the badges that were scanned before it came: looked at before anything is imported."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.attendees import spellings
from kiosk.importing.attendees import AttendeeFile, Person
from kiosk.importing.badge_ids import ids_in
from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.columns.vocabulary import BADGE_ID
from kiosk.importing.tables.table import text_of

LEAST_SCANS = 2
"""Scanned ids that a column must hold to be taken for the badges' against what its header says."""


@dataclass(slots=True)
class Survey:
    """What a list holds."""

    scanned: int = 0
    """Ids of all badges that were scanned."""
    people: int = 0
    left_out: int = 0
    explained: dict[int, set[str]] = field(default_factory=dict)
    """By the index of a column, the scanned ids that are in it."""

    def on_list(self, columns: Columns) -> int:
        """How many scanned ids are in the columns that are taken for ids."""
        return len(set().union(*(self.explained.get(column.index, set()) for column in columns.ids)))


def survey(attendees: AttendeeFile, scanned: Iterable[str]) -> Survey:
    """Read the whole list once; its rows are used up then."""
    known = list(scanned)
    spelled = {spelling: badge_id for badge_id in reversed(known) for spelling in spellings(badge_id)}
    likely = [column for column in attendees.columns if column in attendees.columns.ids or _may_hold_ids(column)]
    found = Survey(len(known), explained={column.index: set() for column in likely})
    places = attendees.columns.places
    for row in attendees.rows():
        if isinstance(attendees.read(row, places), Person):
            found.people += 1
        else:
            found.left_out += 1
        if spelled and not row.problem:
            for index, explained in found.explained.items():
                explained.update(spelled[one] for one in _ids(attendees, text_of(row.cells[index])) if one in spelled)
    return found


def prefer_scanned(columns: Columns, found: Survey) -> None:
    """Put the column first that holds most of the scanned ids, whatever the headers say."""
    said = [column for column in columns.of(BADGE_ID) if column.reason == "you said so"]
    if said or not found.explained:
        return
    best = max(columns, key=lambda column: len(found.explained.get(column.index, ())))
    number = len(found.explained.get(best.index, ()))
    first = columns.first(BADGE_ID)
    if first is None or best is first or number <= len(found.explained.get(first.index, ())):
        return
    if best.field != BADGE_ID and (number < LEAST_SCANS or number <= 2 * found.on_list(columns) or best.field):
        return
    first.take(BADGE_ID, "a badge may hold it instead", is_also=True)
    best.take(BADGE_ID, f"{number} of {found.scanned} scanned ids are in it")


def _may_hold_ids(column: Column) -> bool:
    """Whether the values of a column that means nothing so far look like ids."""
    return not column.field and column.shape.ids + column.shape.payloads > 0.5


def _ids(attendees: AttendeeFile, cell: str) -> list[str]:
    """The ids in *cell*; none where it holds none that may be kept."""
    try:
        return ids_in(cell, attendees.profile)
    except ValueError:
        return []
