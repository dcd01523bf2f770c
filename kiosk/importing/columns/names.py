"""Which columns hold the whole name, the first and the last: each of these words may mean another beside the others."""

from collections.abc import Sequence

from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.columns.headings import is_named
from kiosk.importing.columns.vocabulary import HEADING_WORDS

_FAMILY_OR_WHOLE = HEADING_WORDS["family_or_whole"]
_GIVEN_OR_WHOLE = HEADING_WORDS["given_or_whole"]
_EITHER_OR_WHOLE = (*_FAMILY_OR_WHOLE, *_GIVEN_OR_WHOLE)

_MAJORITY_SHARE = 0.5
"""The share of rows that decides."""


def reconcile_names(columns: Columns, rows: Sequence[Sequence[str]], fixed: frozenset[int]) -> None:
    """
    Let `name`, `first_name` and `last_name` of *columns* agree with each other and with what the *rows* say.

    *fixed* are the indexes of columns of which a person said what they are.
    """
    whole, first, last = (columns.find_first(name) for name in ("name", "first_name", "last_name"))
    columns.are_names_reversed = bool(whole and not first and not last and whole.shape.reversed_names > _MAJORITY_SHARE)
    if any(column and column.index in fixed for column in (whole, first, last)):
        return
    if whole and first and last:
        _check_whole_name(whole, first, last, rows)
    elif whole and first:
        if is_named(whole.header, _FAMILY_OR_WHOLE) and _measure_share_within(first, whole, rows) <= _MAJORITY_SHARE:
            whole.assign_field("last_name", "it stands beside a first name")
    elif whole and last:
        if is_named(whole.header, _EITHER_OR_WHOLE) and _measure_share_within(last, whole, rows) <= _MAJORITY_SHARE:
            whole.assign_field("first_name", "it stands beside a last name")
    elif last and not first and is_named(last.header, _FAMILY_OR_WHOLE):
        last.assign_field("name", "there is no first name beside it")
    elif first and not last and is_named(first.header, _GIVEN_OR_WHOLE) and first.shape.single_words <= _MAJORITY_SHARE:
        first.assign_field("name", "it holds more than a first name")


def split_reversed_name(name: str) -> tuple[str, str]:
    """The first and the last name in *name*, where it is `Lopez, Ana`; empty where it is anything else."""
    last, comma, first = name.partition(",")
    is_two = bool(comma) and "," not in first and bool(last.strip()) and bool(first.strip())
    return (first.strip(), last.strip()) if is_two else ("", "")


def add_name_prefix(prefix: str, last: str) -> str:
    """The last name with the *prefix* that had a column of its own: `van der` and `Berg`."""
    is_there = last.casefold().startswith(f"{prefix} ".casefold())
    return f"{prefix} {last}" if prefix and last and not is_there else last


def _check_whole_name(whole: Column, first: Column, last: Column, rows: Sequence[Sequence[str]]) -> None:
    """Leave out a name that is the last name once more, or somebody else's."""
    if not _pair_values(whole, first, rows) or _measure_share_within(first, whole, rows) > _MAJORITY_SHARE:
        return
    same = [text == part for text, part in _pair_values(whole, last, rows)]
    repeats = sum(same) > _MAJORITY_SHARE * len(same)
    whole.leave_out("it repeats the last name" if repeats else "it is not the first and the last name")


def _measure_share_within(part: Column, whole: Column, rows: Sequence[Sequence[str]]) -> float:
    """The share of rows in which the *whole* holds the *part*; 0 where no row has both."""
    pairs = _pair_values(whole, part, rows)
    return sum(_has_part(text, inner) for text, inner in pairs) / len(pairs) if pairs else 0.0


def _pair_values(one: Column, other: Column, rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """The values of two columns in the rows that have both."""
    found = ((row[one.index].casefold(), row[other.index].casefold()) for row in rows)
    return [(left, right) for left, right in found if left.strip() and right.strip()]


def _has_part(text: str, part: str) -> bool:
    """Whether *text* is *part* and more; without spaces, as names of Asia are written, too."""
    return text != part and part.split()[0] in text
