"""Counts how many scanned badges a list would identify, before anything is imported."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.attendees import list_spellings
from data.language import _
from kiosk.importing.attendees import AttendeeFile, AttendeeRow
from kiosk.importing.badge_ids import parse_ids
from kiosk.importing.columns.column import CHOSEN_REASON, Column, Columns
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD
from kiosk.importing.tables.table import cell_to_text

# A column must contain this many scanned IDs to count as the badges' ID column against what its header says.
_MIN_SCANNED_IDS = 2


@dataclass(slots=True)
class ListSurvey:
    """What a list contains."""

    scanned: int = 0
    """Number of IDs on all scanned badges."""
    people: int = 0
    """Number of people that an import would add or replace."""
    skipped: int = 0
    """Number of rows that an import would skip."""
    matched_ids: dict[int, set[str]] = field(default_factory=dict)
    """The scanned IDs found in each column, by the column's index."""

    def count_matched(self, columns: Columns) -> int:
        """Return how many scanned IDs are in the columns chosen for IDs."""
        return len(set().union(*(self.matched_ids.get(column.index, set()) for column in columns.id_columns)))


def survey_list(attendees: AttendeeFile, scanned: Iterable[str]) -> ListSurvey:
    """Read the whole list once, which uses up its rows."""
    known = list(scanned)
    spelled = {spelling: badge_id for badge_id in reversed(known) for spelling in list_spellings(badge_id)}
    likely = [column for column in attendees.columns if column in attendees.columns.id_columns or _can_hold_ids(column)]
    found = ListSurvey(len(known), matched_ids={column.index: set() for column in likely})
    places = attendees.columns.field_indexes
    first_rows: dict[int, int] = {}
    for row in attendees.iterate_rows():
        person = attendees.read_row(row, places)
        if isinstance(person, AttendeeRow):
            _count_person(person, first_rows, found)
        else:
            found.skipped += 1
        if spelled and not row.problem:
            for index, explained in found.matched_ids.items():
                explained.update(
                    spelled[one] for one in _try_parse_ids(attendees, cell_to_text(row.cells[index])) if one in spelled
                )
    return found


def _count_person(row: AttendeeRow, first_rows: dict[int, int], found: ListSurvey) -> None:
    """
    Count a row as the import will: the first row with an ID is imported, and a later one skipped if it differs.

    *first_rows* maps each ID to the contact of its first row. It holds hashes, because a list may be very long.
    """
    contact = hash(row.attendee.contact)
    first = first_rows.setdefault(hash(row.attendee.badge_id), contact)
    if first != contact:
        found.skipped += 1
    found.people = len(first_rows)


def prefer_scanned_ids(columns: Columns, found: ListSurvey) -> None:
    """Make the column that contains most of the scanned IDs the ID column, whatever the headers say."""
    chosen = [column for column in columns.find_columns(BADGE_ID_FIELD) if column.reason == _(CHOSEN_REASON)]
    if chosen or not found.matched_ids:
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
    first.assign_field(BADGE_ID_FIELD, _("a badge may hold it instead"), is_fallback=True)
    best.assign_field(
        BADGE_ID_FIELD, _("it contains {count} of {total} scanned IDs").format(count=number, total=found.scanned)
    )


def _can_hold_ids(column: Column) -> bool:
    """Return whether a column without a meaning has values that look like IDs."""
    return not column.field and column.shape.ids + column.shape.payloads > 0.5


def _try_parse_ids(attendees: AttendeeFile, cell: str) -> list[str]:
    """Return the IDs in *cell*; none if it holds none that may be stored."""
    try:
        return parse_ids(cell, attendees.profile)
    except ValueError:
        return []
