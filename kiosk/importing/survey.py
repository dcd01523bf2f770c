"""What a list would explain of the badges that were scanned before it came: looked at before anything is imported."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.attendees import list_spellings
from kiosk.importing.attendees import AttendeeFile, AttendeeRow
from kiosk.importing.badge_ids import parse_ids
from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD
from kiosk.importing.tables.table import cell_to_text

_MIN_SCANNED_IDS = 2
"""Scanned ids that a column must hold to be taken for the badges' against what its header says."""


@dataclass(slots=True)
class ListSurvey:
    """What a list holds."""

    scanned: int = 0
    """Ids of all badges that were scanned."""
    people: int = 0
    skipped: int = 0
    matched_ids: dict[int, set[str]] = field(default_factory=dict)
    """By the index of a column, the scanned ids that are in it."""

    def count_matched(self, columns: Columns) -> int:
        """How many scanned ids are in the columns that are taken for ids."""
        return len(set().union(*(self.matched_ids.get(column.index, set()) for column in columns.id_columns)))


def survey_list(attendees: AttendeeFile, scanned: Iterable[str]) -> ListSurvey:
    """Read the whole list once; its rows are used up then."""
    known = list(scanned)
    spelled = {spelling: badge_id for badge_id in reversed(known) for spelling in list_spellings(badge_id)}
    likely = [column for column in attendees.columns if column in attendees.columns.id_columns or _can_hold_ids(column)]
    found = ListSurvey(len(known), matched_ids={column.index: set() for column in likely})
    places = attendees.columns.field_indexes
    for row in attendees.iterate_rows():
        if isinstance(attendees.read_row(row, places), AttendeeRow):
            found.people += 1
        else:
            found.skipped += 1
        if spelled and not row.problem:
            for index, explained in found.matched_ids.items():
                explained.update(
                    spelled[one] for one in _try_parse_ids(attendees, cell_to_text(row.cells[index])) if one in spelled
                )
    return found


def prefer_scanned_ids(columns: Columns, found: ListSurvey) -> None:
    """Put the column first that holds most of the scanned ids, whatever the headers say."""
    said = [column for column in columns.find_columns(BADGE_ID_FIELD) if column.reason == "you said so"]
    if said or not found.matched_ids:
        return
    best = max(columns, key=lambda column: len(found.matched_ids.get(column.index, ())))
    number = len(found.matched_ids.get(best.index, ()))
    first = columns.find_first(BADGE_ID_FIELD)
    if first is None or best is first or number <= len(found.matched_ids.get(first.index, ())):
        return
    if best.field != BADGE_ID_FIELD and (
        number < _MIN_SCANNED_IDS or number <= 2 * found.count_matched(columns) or best.field
    ):
        return
    first.assign_field(BADGE_ID_FIELD, "a badge may hold it instead", is_also=True)
    best.assign_field(BADGE_ID_FIELD, f"{number} of {found.scanned} scanned ids are in it")


def _can_hold_ids(column: Column) -> bool:
    """Whether the values of a column that means nothing so far look like ids."""
    return not column.field and column.shape.ids + column.shape.payloads > 0.5


def _try_parse_ids(attendees: AttendeeFile, cell: str) -> list[str]:
    """The ids in *cell*; none where it holds none that may be kept."""
    try:
        return parse_ids(cell, attendees.profile)
    except ValueError:
        return []
