"""The columns of one list, with what each was taken for and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.importing.columns.values import ValueShape, measure_shape
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD


@dataclass(slots=True)
class Column:
    """A column, and what it means."""

    index: int
    header: str
    shape: ValueShape
    field: str = ""
    """Our field; empty where the column is left out."""
    is_fallback: bool = False
    """Whether it counts only where the field's first column is empty; of ids, whether a badge may hold it as well."""
    reason: str = ""
    """Why, where the header alone does not say."""
    can_hold_ids: bool = False
    """Whether a badge may hold what is in the column, whatever else it means: the link of a LinkedIn profile."""

    def assign_field(self, field: str, reason: str = "", *, is_also: bool = False) -> None:
        """Let the column mean *field*."""
        self.field, self.reason, self.is_fallback = field, reason, is_also

    def leave_out(self, reason: str) -> None:
        """Let the column mean nothing."""
        self.field, self.reason, self.is_fallback = "", reason, False


@dataclass(slots=True)
class Columns:
    """All columns of a list, in its order."""

    columns: list[Column] = field(default_factory=list)
    are_names_reversed: bool = False
    """Whether whole names are written as `Lopez, Ana`."""

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def find_columns(self, field: str) -> list[Column]:
        """The columns that mean *field*, the first first."""
        return sorted(
            (column for column in self.columns if column.field == field), key=lambda column: column.is_fallback
        )

    def find_first(self, field: str) -> Column | None:
        """The column that means *field*; None where there is none."""
        return next(iter(self.find_columns(field)), None)

    @property
    def id_columns(self) -> list[Column]:
        """The columns in which a badge's id may stand, the first first."""
        return [*self.find_columns(BADGE_ID_FIELD), *(column for column in self.columns if column.can_hold_ids)]

    @property
    def field_indexes(self) -> dict[str, tuple[int, ...]]:
        """Each field with the indexes of its columns, the first first."""
        fields = dict.fromkeys(column.field for column in self.columns if column.field)
        places = {name: tuple(column.index for column in self.find_columns(name)) for name in fields}
        return (
            {**places, BADGE_ID_FIELD: tuple(column.index for column in self.id_columns)} if self.id_columns else places
        )

    @property
    def mapping(self) -> Mapping[str, str]:
        """Each header with the field that it means, or an empty string."""
        return {column.header: column.field for column in self.columns}


def make_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """The columns under *header*, of which *rows* are the first; a header that comes again gets a number."""
    names: list[str] = []
    for name in header:
        number = next(number for number in range(1, len(header) + 2) if _number_header(name, number) not in names)
        names.append(_number_header(name, number))
    return Columns(
        [Column(at, name, measure_shape([row[at] for row in rows if at < len(row)])) for at, name in enumerate(names)]
    )


def _number_header(name: str, number: int) -> str:
    """`Email`, `Email (2)`, `Email (3)` ..."""
    return name if number == 1 else f"{name} ({number})"
