"""The columns of one list, with what each was taken for and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.importing.columns.values import Shape, shape_of
from kiosk.importing.columns.vocabulary import BADGE_ID


@dataclass(slots=True)
class Column:
    """A column, and what it means."""

    index: int
    header: str
    shape: Shape
    field: str = ""
    """Our field; empty where the column is left out."""
    is_also: bool = False
    """Whether it counts only where the field's first column is empty; of ids, whether a badge may hold it as well."""
    reason: str = ""
    """Why, where the header alone does not say."""
    is_id_too: bool = False
    """Whether a badge may hold what is in the column, whatever else it means: the link of a LinkedIn profile."""

    def take(self, field: str, reason: str = "", *, is_also: bool = False) -> None:
        """Let the column mean *field*."""
        self.field, self.reason, self.is_also = field, reason, is_also

    def leave_out(self, reason: str) -> None:
        """Let the column mean nothing."""
        self.field, self.reason, self.is_also = "", reason, False


@dataclass(slots=True)
class Columns:
    """All columns of a list, in its order."""

    all: list[Column] = field(default_factory=list)
    are_turned: bool = False
    """Whether whole names are written as `Lopez, Ana`."""

    def __iter__(self) -> Iterator[Column]:
        return iter(self.all)

    def of(self, field: str) -> list[Column]:
        """The columns that mean *field*, the first first."""
        return sorted((column for column in self.all if column.field == field), key=lambda column: column.is_also)

    def first(self, field: str) -> Column | None:
        """The column that means *field*; None where there is none."""
        return next(iter(self.of(field)), None)

    @property
    def ids(self) -> list[Column]:
        """The columns in which a badge's id may stand, the first first."""
        return [*self.of(BADGE_ID), *(column for column in self.all if column.is_id_too)]

    @property
    def places(self) -> dict[str, tuple[int, ...]]:
        """Each field with the indexes of its columns, the first first."""
        fields = dict.fromkeys(column.field for column in self.all if column.field)
        places = {name: tuple(column.index for column in self.of(name)) for name in fields}
        return {**places, BADGE_ID: tuple(column.index for column in self.ids)} if self.ids else places

    @property
    def mapping(self) -> Mapping[str, str]:
        """Each header with the field that it means, or an empty string."""
        return {column.header: column.field for column in self.all}


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """The columns under *header*, of which *rows* are the first; a header that comes again gets a number."""
    names: list[str] = []
    for name in header:
        number = next(number for number in range(1, len(header) + 2) if _numbered(name, number) not in names)
        names.append(_numbered(name, number))
    return Columns(
        [Column(at, name, shape_of([row[at] for row in rows if at < len(row)])) for at, name in enumerate(names)]
    )


def _numbered(name: str, number: int) -> str:
    """`Email`, `Email (2)`, `Email (3)` ..."""
    return name if number == 1 else f"{name} ({number})"
