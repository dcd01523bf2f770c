"""What the commands share that read a list of people."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kiosk.cli.table import print_table
from kiosk.importing.attendees import ListOptions
from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.tables.table import Table
from kiosk.status.wording import sanitize_text

MAX_PRINTED_PROBLEMS = 20
"""Problems that are listed; more are counted."""

MAX_JSON_PROBLEMS = 1000
"""Problems that a script is given; more are counted."""

Step = TypeVar("Step")

Command = TypeVar("Command", bound=Callable[..., Any])


def list_options(command: Command) -> Command:
    """The options for where the guesses are wrong, which *command* gets as its `opening`."""

    @click.option(
        "--map",
        "choices",
        multiple=True,
        metavar="HEADER=FIELD",
        help="What a column means, where the guess is wrong; 'HEADER=' leaves it out.",
    )
    @click.option("--sheet", default="", metavar="NAME", help="The sheet of a workbook, where the guess is wrong.")
    @click.option(
        "--header-row",
        type=click.IntRange(1, 1000),
        metavar="LINE",
        help="The line that holds the headers, where the guess is wrong.",
    )
    @click.option(
        "--encoding",
        default="",
        metavar="NAME",
        help="How FILE is written, where the guess is wrong: cp1250 ...",
    )
    @wraps(command)
    def with_opening(
        *args: Any, choices: tuple[str, ...], sheet: str, header_row: int | None, encoding: str, **options: Any
    ) -> Any:
        return command(*args, opening=ListOptions(choices, encoding, sheet, header_row or 0), **options)

    return with_opening  # type: ignore[return-value]  # click calls it by names


@contextmanager
def report_read_errors(file: Path) -> Iterator[None]:
    """
    What goes wrong while a list is read, as the command's end.

    Raises:
        click.ClickException: it cannot be read as a list.
    """
    try:
        yield
    except ValueError as error:
        said = str(error) if str(error).startswith(file.name) else f"{file.name}: {error}"
        raise click.UsageError(sanitize_text(said)) from None
    except OSError as error:
        raise click.ClickException(sanitize_text(f"{file} cannot be read ({error.strerror}).")) from None


def show_columns(shown: str, columns: Columns) -> None:
    """Say how a file was understood: each column with what it is taken for and why, and an example."""
    click.echo(shown)
    print_table(
        ("COLUMN", "IS", "SUCH AS"),
        [(column.header, _describe_meaning(column), column.shape.example[:60]) for column in columns],
        max_width=60,
    )


def _describe_meaning(column: Column) -> str:
    """What *column* is taken for, with the reason."""
    why = f": {column.reason}" if column.reason and not column.field else f" ({column.reason})" if column.reason else ""
    return f"{column.field}{why}" if column.field else f"(left out{why})"


def find_column_notes(columns: Columns, known: Mapping[str, object]) -> list[str]:
    """What a person should look at before the list is imported, a sentence each; nothing with an e-mail is silent."""
    notes = []
    left = [column for column in columns if not column.field and column.shape.emails > 0]
    for column in left:
        cells = f"{round(column.shape.emails * column.shape.count):,} of the first {column.shape.count:,} cells"
        if columns.find_first("email") is None:
            notes.append(
                f"No column was taken for the e-mail, although {cells} of {column.header!r} hold one: "
                f"--map '{column.header}=email' takes it."
            )
        else:
            why = f" ({column.reason})" if column.reason else ""
            notes.append(f"{column.header!r} is left out{why}; {cells} hold an e-mail address.")
    if "name" in known and not any(map(columns.find_first, ("name", "first_name", "last_name"))):
        notes.append("No column was taken for the name: --map 'HEADER=name' says which one holds it.")
    return notes


def confirm_import(question: str) -> None:
    """Ask whether that is right; end where it is not."""
    if not click.confirm(question, default=True):
        click.echo("Nothing was imported. Say what is right with --map 'HEADER=FIELD', --header-row or --encoding.")
        sys.exit(1)


def people_count(number: int) -> str:
    """`1 person`, `2 people`."""
    return "1 person" if number == 1 else f"{number:,} people"


def rows_count(number: int) -> str:
    """`1 row`, `2 rows`."""
    return "1 row" if number == 1 else f"{number:,} rows"


def show_progress(table: Table, steps: Iterator[Step], hidden: bool) -> Iterator[Step]:
    """All *steps*, showing meanwhile how far *table* was read."""
    with click.progressbar(length=table.total, label="Importing", hidden=hidden) as bar:
        for step in steps:
            yield step
            bar.update(max(0, min(table.position(), table.total) - bar.pos))
