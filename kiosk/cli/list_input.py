"""What the commands that read a list of people share: options, a preview of the columns, and progress."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from data.language import _, format_number, ngettext
from kiosk.cli.table import print_table
from kiosk.importing.attendees import ListOptions
from kiosk.importing.columns.column import Column, Columns
from kiosk.importing.tables.table import Table
from kiosk.status.wording import sanitize_text

_MAX_PRINTED_PROBLEMS = 20
"""Skipped rows that are printed; further ones are only counted."""

MAX_JSON_PROBLEMS = 1000
"""Skipped rows in JSON output; further ones are only counted."""

_Step = TypeVar("_Step")

_Command = TypeVar("_Command", bound=Callable[..., Any])


def list_options(command: _Command) -> _Command:
    """Add the options that correct wrong guesses about a list; *command* gets them as its argument `opening`."""

    @click.option(
        "--map",
        "choices",
        multiple=True,
        metavar="HEADER=FIELD",
        help=_("What a column contains, if the guess is wrong. 'HEADER=' ignores the column."),
    )
    @click.option("--sheet", default="", metavar="NAME", help=_("Sheet of a workbook, if the guess is wrong."))
    @click.option(
        "--header-row",
        type=click.IntRange(1, 1000),
        metavar="LINE",
        help=_("Line that contains the headers, if the guess is wrong."),
    )
    @click.option(
        "--encoding",
        default="",
        metavar="NAME",
        help=_("Character encoding of FILE, such as cp1250, if the guess is wrong."),
    )
    @wraps(command)
    def with_opening(
        *args: Any, choices: tuple[str, ...], sheet: str, header_row: int | None, encoding: str, **options: Any
    ) -> Any:
        return command(*args, opening=ListOptions(choices, encoding, sheet, header_row or 0), **options)

    return with_opening  # type: ignore[return-value]  # click passes arguments by name


@contextmanager
def report_read_errors(file: Path) -> Iterator[None]:
    """
    Turn errors while the list *file* is read into errors of the command.

    Raises:
        click.ClickException: the file cannot be read as a list.
    """
    try:
        yield
    except ValueError as error:
        message = str(error) if str(error).startswith(file.name) else f"{file.name}: {error}"
        raise click.UsageError(sanitize_text(message)) from None
    except OSError as error:
        message = _("Cannot read {file} ({error}).").format(file=file, error=error.strerror)
        raise click.ClickException(sanitize_text(message)) from None


def show_columns(description: str, columns: Columns) -> None:
    """Print *description*, then each column with its meaning, the reason for the guess, and an example."""
    click.echo(description)
    print_table(
        (_("COLUMN"), _("MEANING"), _("EXAMPLE")),
        [(column.header, _describe_meaning(column), column.shape.example[:60]) for column in columns],
        max_width=60,
    )


def _describe_meaning(column: Column) -> str:
    """Return the field that *column* was mapped to, with the reason."""
    if column.field:
        return f"{column.field} ({column.reason})" if column.reason else column.field
    if column.reason:
        return _("(ignored: {reason})").format(reason=column.reason)
    return _("(ignored)")


def find_column_notes(columns: Columns, known: Mapping[str, object]) -> list[str]:
    """Return sentences about what a person should check first: ignored columns with e-mails, and a missing name."""
    notes = []
    has_email = columns.find_first("email") is not None
    for column in columns:
        if column.field or not column.shape.emails > 0:
            continue
        emails, cells = round(column.shape.emails * column.shape.count), column.shape.count
        values = {
            "emails": format_number(emails),
            "cells": format_number(cells),
            "header": column.header,
            "reason": column.reason,
        }
        if not has_email:
            note = _(
                "No column is used for the e-mail, although {emails} of the first {cells} cells of {header!r} contain "
                "one: --map '{header}=email' uses it."
            )
        elif column.reason:
            note = _(
                "{header!r} is ignored ({reason}), although {emails} of the first {cells} cells contain an e-mail "
                "address."
            )
        else:
            note = _("{header!r} is ignored, although {emails} of the first {cells} cells contain an e-mail address.")
        notes.append(note.format(**values))
    if "name" in known and not any(map(columns.find_first, ("name", "first_name", "last_name"))):
        notes.append(_("No column is used for the name: --map 'HEADER=name' uses the one that contains it."))
    return notes


def confirm_import(question: str) -> None:
    """Ask *question*; exit with status 1 if the answer is no."""
    if not click.confirm(question, default=True):
        click.echo(
            _("Nothing was imported. Correct the guesses with --map 'HEADER=FIELD', --header-row or --encoding.")
        )
        sys.exit(1)


def print_skipped_rows(problems: list[tuple[int, str]], total: int, *, err: bool = False) -> None:
    """
    Print the first skipped rows, each with its line and reason, and how many more there are of *total*.

    *err* prints them on standard error.
    """
    for line, reason in problems[:_MAX_PRINTED_PROBLEMS]:
        skipped = _("Line {line} skipped: {reason}.").format(line=line, reason=reason)
        click.echo(sanitize_text(f"  {skipped}"), err=err)
    if (more := total - _MAX_PRINTED_PROBLEMS) > 0:
        sentence = ngettext("and {count} more", "and {count} more", more).format(count=format_number(more))
        click.echo(f"  {sentence}", err=err)


def format_people_count(number: int) -> str:
    """Return `1 person` or `2 people`."""
    return ngettext("{count} person", "{count} people", number).format(count=format_number(number))


def format_row_count(number: int) -> str:
    """Return `1 row` or `2 rows`."""
    return ngettext("{count} row", "{count} rows", number).format(count=format_number(number))


def show_progress(table: Table, steps: Iterator[_Step], hidden: bool) -> Iterator[_Step]:
    """Yield all *steps*, with a progress bar of how much of *table* was read."""
    # Off a terminal, click prints the label alone, which says nothing.
    hidden = hidden or not sys.stdout.isatty()
    with click.progressbar(length=table.total, label=_("Importing"), hidden=hidden) as bar:
        for step in steps:
            yield step
            bar.update(max(0, min(table.position(), table.total) - bar.pos))
