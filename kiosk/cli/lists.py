"""What the commands share that read a list of people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kiosk.attendee_file import AttendeeFile, read_attendees
from kiosk.words import plain

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


def attendees_in(file: Path, choices: tuple[str, ...], encoding: str, *, needs_id: bool = True) -> AttendeeFile:
    """
    The people in *file*.

    Raises:
        click.ClickException: it cannot be read, or is no list.
    """
    try:
        return read_attendees(file, choices, encoding, needs_id=needs_id)
    except ValueError as error:
        raise click.UsageError(plain(str(error))) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} cannot be read ({error.strerror}).")) from None


def people_count(number: int) -> str:
    """`1 person`, `2 people`."""
    return "1 person" if number == 1 else f"{number} people"
