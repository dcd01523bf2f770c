"""The message and the exit status of a command that fails."""

import os
import sqlite3
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from data.errors import StoreError, describe_for_reader, translate_error
from data.language import _
from kiosk.config.load import ConfigError
from kiosk.status.wording import sanitize_text


def exit_with_error(error: Exception, *, is_reading: bool = False) -> NoReturn:
    """
    Print one sentence about *error* and exit: status 2 for a wrong command or wrong settings, else 1.

    *is_reading* says that the command only reads the database. An unexpected error is a bug: its traceback is printed
    first, for the bug report.
    """
    match error:
        case ConfigError():
            sentence, status = str(error), 2
        case UnicodeEncodeError():  # the command line contains bytes that are not UTF-8
            sentence, status = _("The command contains text that is not UTF-8. Type it again."), 2
        case StoreError():
            sentence, status = describe_for_reader(error) if is_reading else str(error), 1
        case sqlite3.Error():
            translated = translate_error(error)
            sentence, status = describe_for_reader(translated) if is_reading else str(translated), 1
        case OSError():
            sentence, status = _describe_os_error(error), 1
            _silence_stdout()
        case _other:
            _print_traceback(error)
            message = _(
                "This is a bug in the kiosk ({name}): please report it with the lines above. Saved leads are safe."
            )
            sentence, status = message.format(name=type(error).__name__), 1
    print_error(sentence)
    sys.exit(status)


def print_error(sentence: str) -> None:
    """Print *sentence* on standard error in the form of click's own errors."""
    click.echo(_("Error: {sentence}").format(sentence=sanitize_text(sentence)), err=True)


def print_note(sentence: str) -> None:
    """Print *sentence*, about something that the command works without, on standard error."""
    click.echo(_("Note: {sentence}").format(sentence=sanitize_text(sentence)), err=True)


def _print_traceback(error: BaseException | None) -> None:
    """Print the traceback of *error*, and release the objects in its frames."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        click.echo(sanitize_text(line), err=True)
    # Decoders that are still alive when the interpreter exits print errors of their own.
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _describe_os_error(error: OSError) -> str:
    """Return the system's message, with the file that it is about."""
    message = f"{error.filename}: {error.strerror or error}" if error.filename else str(error.strerror or error)
    return _(
        "{message}. The command stopped there; what was done before stays. Check the disk, the folder and its owner."
    ).format(message=message)


def _silence_stdout() -> None:
    """Flush standard output, or replace it with the null device if that fails."""
    # Otherwise Python would try again when it exits, fail again, and exit with status 120.
    if sys.stdout is None:  # it was closed before the start
        return
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError), open(os.devnull, "wb") as null_device:  # noqa: PTH123
            os.dup2(null_device.fileno(), sys.stdout.fileno())
