"""
Decides which columns hold the full, the first and the last name; "Name" beside other columns means different things.
"""

from collections.abc import Sequence

from data.language import _
from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.columns.headings import is_named
from kiosk.importing.columns.vocabulary import HEADING_WORDS

_FAMILY_OR_WHOLE = HEADING_WORDS["family_or_whole"]
_GIVEN_OR_WHOLE = HEADING_WORDS["given_or_whole"]
_EITHER_OR_WHOLE = (*_FAMILY_OR_WHOLE, *_GIVEN_OR_WHOLE)

# The share of rows that decides.
_MAJORITY_SHARE = 0.5


def reconcile_names(columns: Columns, rows: Sequence[Sequence[str]], fixed: frozenset[int]) -> None:
    """
    Make `name`, `first_name` and `last_name` of *columns* agree with each other and with the *rows*.

    *fixed* are the indexes of columns whose meaning a person chose.
    """
    whole, first, last = (columns.find_first(name) for name in ("name", "first_name", "last_name"))
    columns.are_names_reversed = bool(whole and not first and not last and whole.shape.reversed_names > _MAJORITY_SHARE)
    if any(column and column.index in fixed for column in (whole, first, last)):
        return
    if whole and first and last:
        _check_whole_name(whole, first, last, rows)
    elif whole and first:
        if is_named(whole.header, _FAMILY_OR_WHOLE) and _measure_share_within(first, whole, rows) <= _MAJORITY_SHARE:
            whole.assign_field("last_name", _("there is a first name, too"))
    elif whole and last:
        if is_named(whole.header, _EITHER_OR_WHOLE) and _measure_share_within(last, whole, rows) <= _MAJORITY_SHARE:
            whole.assign_field("first_name", _("there is a last name, too"))
    elif last and not first and is_named(last.header, _FAMILY_OR_WHOLE):
        last.assign_field("name", _("there is no column with first names"))
    elif first and not last and is_named(first.header, _GIVEN_OR_WHOLE) and first.shape.single_words <= _MAJORITY_SHARE:
        first.assign_field("name", _("it contains more than first names"))


def split_reversed_name(name: str) -> tuple[str, str]:
    """Return the first and the last name in *name* if it is `Lopez, Ana`; empty if it is anything else."""
    last, comma, first = name.partition(",")
    is_two = bool(comma) and "," not in first and bool(last.strip()) and bool(first.strip())
    return (first.strip(), last.strip()) if is_two else ("", "")


def add_name_prefix(prefix: str, last: str) -> str:
    """Return the last name with the *prefix* from a column of its own: `van der` and `Berg`."""
    is_there = last.casefold().startswith(f"{prefix} ".casefold())
    return f"{prefix} {last}" if prefix and last and not is_there else last


def _check_whole_name(whole: Column, first: Column, last: Column, rows: Sequence[Sequence[str]]) -> None:
    """Ignore the full name if it repeats the last name, or belongs to somebody else."""
    if not _pair_values(whole, first, rows) or _measure_share_within(first, whole, rows) > _MAJORITY_SHARE:
        return
    same = [text == part for text, part in _pair_values(whole, last, rows)]
    repeats = sum(same) > _MAJORITY_SHARE * len(same)
    whole.leave_out(_("repeats the last name") if repeats else _("does not match the first and last name"))


def _measure_share_within(part: Column, whole: Column, rows: Sequence[Sequence[str]]) -> float:
    """Return the share of rows in which the value of *whole* contains that of *part*; 0 if no row has both."""
    pairs = _pair_values(whole, part, rows)
    return sum(_has_part(text, inner) for text, inner in pairs) / len(pairs) if pairs else 0.0


def _pair_values(one: Column, other: Column, rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the values of two columns in the rows that have both."""
    found = ((row[one.index].casefold(), row[other.index].casefold()) for row in rows)
    return [(left, right) for left, right in found if left.strip() and right.strip()]


def _has_part(text: str, part: str) -> bool:
    """Return whether *text* is *part* and more; without spaces, too, as Asian names are written."""
    return text != part and part.split()[0] in text
