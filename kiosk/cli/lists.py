"""What the commands share that read a list of people."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from kiosk.attendee_file import AttendeeFile, read_attendees
from kiosk.cli.table import print_table
from kiosk.words import plain

SHOWN = 20
"""Problems that are listed; more are counted."""

Command = TypeVar("Command", bound=Callable[..., Any])


def list_options(command: Command) -> Command:
    """The options `--map` and `--encoding`, for where the guesses are wrong."""
    command = click.option(
        "--encoding",
        default="",
        metavar="NAME",
        help="How FILE is written, where the guess is wrong: cp1250 ...",
    )(command)
    return click.option(
        "--map",
        "choices",
        multiple=True,
        metavar="HEADER=FIELD",
        help="What a column means, where the guess is wrong; 'HEADER=' leaves it out.",
    )(command)


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """
    What goes wrong while a list is read, as the command's end.

    Raises:
        click.ClickException: it cannot be read, or is no list.
    """
    try:
        yield
    except ValueError as error:
        said = str(error) if str(error).startswith(file.name) else f"{file.name}: {error}"
        raise click.UsageError(plain(said)) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} cannot be read ({error.strerror}).")) from None


def attendees_in(file: Path, choices: tuple[str, ...], encoding: str, *, needs_id: bool = True) -> AttendeeFile:
    """
    The people in *file*.

    Raises:
        click.ClickException: it cannot be read, or is no list.
    """
    with reading(file):
        return read_attendees(file, choices, encoding, needs_id=needs_id)


def show_mapping(shown: str, mapping: Mapping[str, str], samples: Mapping[str, str]) -> None:
    """Say how a file was understood: each column with what it is taken for and an example."""
    click.echo(shown)
    print_table(
        ("COLUMN", "IS", "SUCH AS"),
        [(header, to or "(left out)", samples.get(header, "")) for header, to in mapping.items()],
    )


def confirm(question: str) -> None:
    """Ask whether that is right; end where it is not."""
    if not click.confirm(question, default=True):
        click.echo("Nothing was imported. Say what is right with --map 'HEADER=FIELD' or --encoding.")
        sys.exit(1)


def people_count(number: int) -> str:
    """`1 person`, `2 people`."""
    return "1 person" if number == 1 else f"{number} people"
