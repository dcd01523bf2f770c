"""The columns of one list, with their meaning and the reason for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from data.language import N_
from kiosk.importing.columns.values import ValueShape, measure_shape
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD

CHOSEN_REASON = N_("chosen with --map")


@dataclass(slots=True)
class Column:
    """A column and its meaning."""

    index: int
    header: str
    shape: ValueShape
    field: str = ""
    """Our field; empty if the column is ignored."""
    is_fallback: bool = False
    """Whether it is used only if the field's main column is empty; for IDs, whether a badge may hold it as well."""
    reason: str = ""
    """Why, unless the header explains it."""
    can_hold_ids: bool = False
    """Whether badges may hold what is in the column, whatever else it means, such as a LinkedIn profile's link."""

    def assign_field(self, field: str, reason: str = "", *, is_fallback: bool = False) -> None:
        """Give the column the meaning *field*."""
        self.field, self.reason, self.is_fallback = field, reason, is_fallback

    def leave_out(self, reason: str) -> None:
        """Ignore the column."""
        self.field, self.reason, self.is_fallback = "", reason, False


@dataclass(slots=True)
class Columns:
    """All columns of a list, in its order."""

    columns: list[Column] = field(default_factory=list)
    are_names_reversed: bool = False
    """Whether full names are written as `Lopez, Ana`."""

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def find_columns(self, field: str) -> list[Column]:
        """Return the columns with the meaning *field*, the main one first."""
        return sorted(
            (column for column in self.columns if column.field == field), key=lambda column: column.is_fallback
        )

    def find_first(self, field: str) -> Column | None:
        """Return the main column with the meaning *field*; None if there is none."""
        return next(iter(self.find_columns(field)), None)

    @property
    def id_columns(self) -> list[Column]:
        """The columns that may hold a badge's ID, the main one first."""
        return [*self.find_columns(BADGE_ID_FIELD), *(column for column in self.columns if column.can_hold_ids)]

    @property
    def field_indexes(self) -> dict[str, tuple[int, ...]]:
        """Each field with the indexes of its columns, the main one first."""
        fields = dict.fromkeys(column.field for column in self.columns if column.field)
        places = {name: tuple(column.index for column in self.find_columns(name)) for name in fields}
        return (
            {**places, BADGE_ID_FIELD: tuple(column.index for column in self.id_columns)} if self.id_columns else places
        )

    @property
    def mapping(self) -> Mapping[str, str]:
        """Each header with its field, or an empty string."""
        return {column.header: column.field for column in self.columns}


def make_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """Create the columns under *header* from its first *rows*; repeated headers are numbered."""
    names: list[str] = []
    for name in header:
        number = next(number for number in range(1, len(header) + 2) if _number_header(name, number) not in names)
        names.append(_number_header(name, number))
    return Columns(
        [Column(at, name, measure_shape([row[at] for row in rows if at < len(row)])) for at, name in enumerate(names)]
    )


def _number_header(name: str, number: int) -> str:
    """Return `Email`, `Email (2)`, `Email (3)` ..."""
    return name if number == 1 else f"{name} ({number})"
