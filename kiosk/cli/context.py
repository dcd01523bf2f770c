"""What the commands share: settings, database access, JSON output, and looking up leads by ID."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from data import leads
from data.clock import SystemClock
from data.errors import LogOrphaned, StoreMissing
from data.language import _
from data.opening import open_empty_store
from data.store import Store, open_store
from kiosk.cli.error_exit import print_note
from kiosk.config.load import Settings, find_settings_file, load_settings
from kiosk.status.wording import sanitize_text

_Command = TypeVar("_Command", bound=Callable[..., Any])

CLOCK = SystemClock()

_NOT_ASCII = re.compile(r"[^\x00-\x7e]+")


def load_command_settings(context: click.Context) -> Settings:
    """
    Load the settings file that the command line, the environment or this folder names.

    Raises:
        ConfigError: the file cannot be read, or has a mistake.
    """
    named = context.find_root().obj
    path = find_settings_file(Path(named) if named else None)
    return load_settings(path, on_notice=lambda sentence: click.echo(sanitize_text(sentence), err=True))


def open_command_database(settings: Settings, *, create: bool = False) -> Store:
    """
    Open this kiosk's database until the command ends.

    If there is none yet, it is created where *create* says so; otherwise the command gets an empty database in memory,
    and prints a notice.

    Raises:
        StoreError: the database cannot be opened; or it is gone, but its write-ahead log is there.
    """
    try:
        return close_on_exit(open_store(settings.database_file, may_create=create))
    except LogOrphaned:
        raise
    except StoreMissing as error:
        print_note(str(error))
        return close_on_exit(open_empty_store())


def close_on_exit(db: Store) -> Store:
    """Close *db* when the command ends, and return it."""
    click.get_current_context().call_on_close(db.close)
    return db


def wake_worker(settings: Settings) -> None:
    """Wake the worker, so that it drains the outbox soon; a failure is ignored."""
    from sync.wake import request_drain

    with suppress(OSError, sqlite3.Error):  # the worker also looks by itself, and at its start
        request_drain(settings.queue_file)


def json_option(command: _Command) -> _Command:
    """Add the option `--json` to *command*."""
    return click.option("--json", "as_json", is_flag=True, help=_("Print JSON, for scripts."))(command)


def print_json(value: Any) -> None:
    """Print *value* as ASCII-only JSON, so that no control character reaches a terminal."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def print_json_list(batches: Iterable[Iterable[Any]], indent: str = "") -> None:
    """Print the items of *batches* as one JSON list, piece by piece; *indent* is put before each line."""
    from data.export import format_json_list

    for part in format_json_list(batches, indent):
        text = part.decode()
        click.echo(text if text.isascii() else _NOT_ASCII.sub(_escape_match, text), nl=False)
    click.echo()


def _escape_match(found: re.Match[str]) -> str:
    """Return the JSON escapes of the matched characters."""
    return json.dumps(found[0])[1:-1]


def find_lead_id(db: Store, prefix: str) -> str:
    """
    Return the ID of the only lead whose ID starts with *prefix*.

    Raises:
        click.UsageError: no lead has such an ID, or several have.
    """
    found = leads.find_ids_by_prefix(db, prefix.lower()) if prefix else []
    if len(found) == 1:
        return found[0]
    if found:
        message = _("Several lead IDs start with {prefix!r}; type more of it. `kiosk leads` lists them.")
    else:
        message = _("No lead ID starts with {prefix!r}. `kiosk leads` and `kiosk pending` list them.")
    raise click.UsageError(message.format(prefix=sanitize_text(prefix)))
