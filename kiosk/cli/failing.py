"""What a command says that fails, and the exit status that it ends with."""

import sqlite3
import sys
from typing import NoReturn

import click

from data.errors import StoreError, translated
from kiosk.config import ConfigError
from kiosk.words import plain


def fail(error: Exception) -> NoReturn:
    """
    End with one sentence on *error*: status 2 where the command or the settings are wrong, else 1.

    What is a mistake of ours is raised again: whoever reports it needs all of it.
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
        case _:
            raise error
    click.echo(f"kiosk: {plain(sentence)}", err=True)
    sys.exit(status)


def trouble(error: OSError) -> str:
    """What the system said, and of which file."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Nothing more was done; check the disk, the folder and its owner."
