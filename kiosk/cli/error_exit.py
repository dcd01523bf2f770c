"""What a command says that fails, and the exit status that it ends with."""

import os
import sqlite3
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from data.errors import StoreError, translate_error
from kiosk.config.load import ConfigError
from kiosk.status.wording import sanitize_text

_LEADS_ARE_SAFE = "What was said to be saved is safe."


def exit_with_error(error: Exception) -> NoReturn:
    """
    End with one sentence on *error*: status 2 where the command or the settings are wrong, else 1.

    Of a mistake of ours everything is shown before that: whoever reports it needs it.
    """
    match error:
        case ConfigError():
            sentence, status = str(error), 2
        case UnicodeEncodeError():  # bytes of the command line that are no UTF-8
            sentence, status = "What was typed is no text in UTF-8; type it again.", 2
        case StoreError():
            sentence, status = str(error), 1
        case sqlite3.Error():
            sentence, status = str(translate_error(error)), 1
        case OSError():
            sentence, status = describe_os_error(error), 1
            _silence_stdout()
        case _:
            _print_traceback(error)
            name, status = type(error).__name__, 1
            sentence = (
                f"This is a mistake in the kiosk ({name}): please report it with the lines above. {_LEADS_ARE_SAFE}"
            )
    click.echo(f"kiosk: {sanitize_text(sentence)}", err=True)
    sys.exit(status)


def _print_traceback(error: BaseException | None) -> None:
    """Print where *error* comes from, and let go of what its frames hold: decoders complain at the end otherwise."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        click.echo(sanitize_text(line), err=True)
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def describe_os_error(error: OSError) -> str:
    """What the system said, and of which file."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Nothing more was done; check the disk, the folder and its owner."


def _silence_stdout() -> None:
    """Leave nothing for Python to write when it ends: that would fail again, and end with status 120."""
    if sys.stdout is None:  # it was closed from the start
        return
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
