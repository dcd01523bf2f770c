"""Decides what each column of a list means, by its header, the values below it, and the other columns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from data.language import N_, _
from kiosk.importing.columns.choices import parse_choices
from kiosk.importing.columns.column import CHOSEN_REASON, Column, Columns, make_columns
from kiosk.importing.columns.headings import (
    HeadingMeaning,
    find_meanings,
    find_other_meaning,
    is_at_work,
    is_order_id,
    is_weak_id,
)
from kiosk.importing.columns.names import reconcile_names
from kiosk.importing.columns.objections import NOT_NAMES, find_objection
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD

# Fields with several columns, of which the others are used in rows whose main one is empty.
_FALLBACK_FIELDS = ("email", "phone", "company", "website")

_PERSON_FIELDS = ("name", "first_name", "last_name", "email")

_ATTENDEES_BONUS = 0.4
_SECONDARY_PENALTY = 0.25
_WORK_BONUS = 0.25

# The share of values that decides without a header.
_SURE_SHARE = 0.8

# Reasons for ignoring a column that is known to be something else. There is none for an order's, because its values may
# still make it the ID column.
_OTHER_REASONS = {
    "ticket type": N_("ticket type"),  # not shown: the key
    "salutation": N_("salutation"),
    "nickname": N_("nickname"),
    "order": "",
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A field that a column may be."""

    column: Column
    meaning: HeadingMeaning
    score: float


def map_columns(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    known: Mapping[str, Sequence[str]],
    choices: Sequence[str] = (),
    *,
    is_kiosk_export: bool = False,
) -> Columns:
    """
    Decide which of the *known* fields the columns under *header* are, from the first *rows* of a list.

    *choices* (`HEADER=field`) overrule everything. A kiosk's own export (*is_kiosk_export*) uses our names for fields.

    Raises:
        ValueError: a choice names an unknown column or field, or two name the same field.
    """
    columns = make_columns(header, rows)
    chosen = parse_choices(choices, [column.header for column in columns], known)
    fixed = frozenset(column.index for column in columns if column.header in chosen)
    for column in columns:
        if column.index in fixed:
            column.assign_field(chosen[column.header], _(CHOSEN_REASON))
    open_fields = {name: known[name] for name in known if name not in chosen.values()}
    free = [column for column in columns if column.index not in fixed]
    if is_kiosk_export:
        for column in free:
            column.assign_field(column.header if column.header in open_fields else "")
        return columns
    candidates = _find_candidates(free, open_fields)
    _assign_fields(candidates)
    reconcile_names(columns, rows, fixed)
    if "email" in open_fields:
        _take_emails_by_values(columns, fixed)
    if BADGE_ID_FIELD in open_fields:
        ids = [candidate for candidate in candidates if candidate.meaning.field == BADGE_ID_FIELD]
        if "lead_id" in known and any(map(columns.find_first, _PERSON_FIELDS)):
            ids = _drop_record_ids(ids)
        _choose_ids(columns, ids, fixed)
    return columns


def _find_candidates(columns: Sequence[Column], known: Mapping[str, Sequence[str]]) -> list[_Candidate]:
    """
    Return what each of *columns* may be, best first. A column keeps the reason why it is not what its header says.
    """
    found = []
    for column in columns:
        found_meanings = find_meanings(column.header, known)
        if not found_meanings and (elsewhere := find_other_meaning(column.header)):
            column.leave_out(_(_OTHER_REASONS[elsewhere]))
        for meaning in found_meanings:
            if meaning.owner == "another":
                column.leave_out(_("belongs to somebody else"))
            elif objection := find_objection(meaning.field, column):
                column.leave_out(objection)
            else:
                found.append(_Candidate(column, meaning, _score_meaning(meaning, column.header)))
    return _drop_buyers(sorted(found, key=lambda candidate: (-candidate.score, candidate.column.index)))


def _score_meaning(meaning: HeadingMeaning, header: str) -> float:
    """
    Rate how well a column is what its *header* says, compared with others that say the same; as on badges, work is
    first.
    """
    return (
        meaning.score
        + (_ATTENDEES_BONUS if meaning.owner == "attendee" else 0.0)
        + (_WORK_BONUS if meaning.field == "email" and is_at_work(header) else 0.0)
        - (_SECONDARY_PENALTY if meaning.is_secondary else 0.0)
    )


def _drop_buyers(candidates: list[_Candidate]) -> list[_Candidate]:
    """Return *candidates* without the buyer's columns, unless the list describes nobody else."""
    if {candidate.meaning.owner for candidate in candidates if candidate.meaning.field in _PERSON_FIELDS} == {"buyer"}:
        return candidates
    for candidate in candidates:
        if candidate.meaning.owner == "buyer":
            candidate.column.leave_out(_("belongs to the buyer"))
    return [candidate for candidate in candidates if candidate.meaning.owner != "buyer"]


def _drop_record_ids(candidates: list[_Candidate]) -> list[_Candidate]:
    """Return *candidates* without the IDs of another program's records, which no badge holds."""
    for candidate in candidates:
        if is_weak_id(candidate.column.header):
            candidate.column.leave_out(_("may be another program's record ID"))
    return [candidate for candidate in candidates if not is_weak_id(candidate.column.header)]


def _assign_fields(candidates: Sequence[_Candidate]) -> None:
    """Give each field its best column, and those that allow it their fallback columns."""
    first: dict[str, _Candidate] = {}
    taken: set[int] = set()
    for candidate in candidates:
        field, column = candidate.meaning.field, candidate.column
        if field == BADGE_ID_FIELD or column.index in taken:
            continue
        best = first.setdefault(field, candidate)
        if best is candidate:
            column.assign_field(field)
            taken.add(column.index)
        elif best.meaning.owner == "attendee" and candidate.meaning.owner != "attendee":
            column.leave_out(_("{column} is the attendee's own").format(column=repr(best.column.header)))
        elif field in _FALLBACK_FIELDS:
            column.assign_field(
                field, _("if {column} is empty").format(column=repr(best.column.header)), is_fallback=True
            )
            taken.add(column.index)
        elif not column.reason:
            column.leave_out(_("{column} fits better").format(column=repr(best.column.header)))


def _take_emails_by_values(columns: Columns, fixed: Collection[int]) -> None:
    """Use the one column with e-mail addresses as values, if no header names one."""
    likely = [
        column
        for column in columns
        if not column.field
        and column.reason in ("", _(NOT_NAMES))
        and column.index not in fixed
        and column.shape.emails >= _SURE_SHARE
    ]
    if columns.find_first("email") is None and len(likely) == 1:
        likely[0].assign_field("email", _("its values are e-mail addresses"))


def _choose_ids(columns: Columns, candidates: Sequence[_Candidate], fixed: Collection[int]) -> None:
    """Choose the column that looks most like badge IDs, and those that a badge may hold instead."""
    free = [candidate for candidate in candidates if not candidate.column.field]
    ranked = sorted(free, key=lambda candidate: (-_score_id(candidate), candidate.column.index))
    for candidate in ranked:
        column = candidate.column
        if candidate is ranked[0]:
            column.assign_field(BADGE_ID_FIELD)
        elif not is_weak_id(column.header) and not column.shape.is_counter and not column.shape.lost_digits:
            column.assign_field(BADGE_ID_FIELD, _("a badge may hold it instead"), is_fallback=True)
        else:
            column.leave_out(_("{column} fits better").format(column=repr(ranked[0].column.header)))
    if not ranked:
        _take_ids_by_values(columns, fixed)
    for column in columns:
        if column.field == "website" and column.shape.linkedin >= _SURE_SHARE:
            column.can_hold_ids, column.reason = True, _("also matches LinkedIn QR codes")


def _score_id(candidate: _Candidate) -> float:
    """Rate how likely badges hold the IDs of this column, by its header and by how its values differ."""
    shape, header = candidate.column.shape, candidate.column.header
    fits = 0.3 * min(1.0, shape.ids + shape.payloads) + 0.3 * shape.distinct if shape.count else 0.3
    penalty = 0.5 * is_weak_id(header) + 0.3 * is_order_id(header) + 0.5 * shape.is_counter + 0.5 * shape.lost_digits
    return candidate.meaning.score + fits - penalty


def _take_ids_by_values(columns: Columns, fixed: Collection[int]) -> None:
    """Use the one column whose values are IDs and all different, if no header names one."""
    likely = [
        column
        for column in columns
        if not column.field
        and not column.reason
        and column.index not in fixed
        and not find_other_meaning(column.header)
        and _has_id_values(column)
    ]
    if len(likely) == 1:
        likely[0].assign_field(BADGE_ID_FIELD, _("its values look like IDs, and all are different"))


def _has_id_values(column: Column) -> bool:
    """Return whether the values of *column* may be people's IDs: all different, and not a row count."""
    shape = column.shape
    return shape.count >= 2 and shape.ids + shape.payloads >= 0.9 and shape.distinct == 1.0 and not shape.is_counter
