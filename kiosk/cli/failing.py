"""What a command says that fails, and the exit status that it ends with."""

import os
import sqlite3
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from data.errors import StoreError, translated
from kiosk.config.load import ConfigError
from kiosk.status.wording import plain

SAFE = "What was said to be saved is safe."


def fail(error: Exception) -> NoReturn:
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
            sentence, status = str(translated(error)), 1
        case OSError():
            sentence, status = trouble(error), 1
            let_go_of_output()
        case _:
            show_all_of(error)
            name, status = type(error).__name__, 1
            sentence = f"This is a mistake in the kiosk ({name}): please report it with the lines above. {SAFE}"
    click.echo(f"kiosk: {plain(sentence)}", err=True)
    sys.exit(status)


def show_all_of(error: BaseException | None) -> None:
    """Print where *error* comes from, and let go of what its frames hold: decoders complain at the end otherwise."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        click.echo(plain(line), err=True)
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def trouble(error: OSError) -> str:
    """What the system said, and of which file."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Nothing more was done; check the disk, the folder and its owner."


def let_go_of_output() -> None:
    """Leave nothing for Python to write when it ends: that would fail again, and end with status 120."""
    if sys.stdout is None:  # it was closed from the start
        return
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
