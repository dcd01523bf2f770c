"""What every command needs: the settings, and the open database."""

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
from data.opening import open_empty_store
from data.store import Store, open_store
from kiosk.config.load import Settings, find_settings_file, load_settings
from kiosk.status.wording import sanitize_text

Command = TypeVar("Command", bound=Callable[..., Any])

CLOCK = SystemClock()

_NOT_ASCII = re.compile(r"[^\x00-\x7e]+")


def load_command_settings(context: click.Context) -> Settings:
    """
    The settings that this call is to use.

    Raises:
        ConfigError: they cannot be read, or something in them is wrong.
    """
    named = context.find_root().obj
    path = find_settings_file(Path(named) if named else None)
    return load_settings(path, on_notice=lambda sentence: click.echo(sanitize_text(sentence), err=True))


def open_command_database(settings: Settings, *, create: bool = False) -> Store:
    """
    The database of this kiosk, closed when the command ends. It is made only for commands that fill it.

    For others there is an empty one in memory where there is none yet, and a word about that.

    Raises:
        StoreError: it cannot be opened; or it is gone, and its log is not.
    """
    try:
        return close_on_exit(open_store(settings.database_file, may_create=create))
    except LogOrphaned:
        raise
    except StoreMissing as error:
        click.echo(f"kiosk: {sanitize_text(str(error))}", err=True)
        return close_on_exit(open_empty_store())


def close_on_exit(db: Store) -> Store:
    """*db*, which is closed when the command ends."""
    click.get_current_context().call_on_close(db.close)
    return db


def wake_worker(settings: Settings) -> None:
    """Have the worker look at the outbox soon; what was done is done, also where it cannot be woken."""
    from sync.wake import request_drain

    with suppress(OSError, sqlite3.Error):  # its own tick, or its next start, repairs that
        request_drain(settings.queue_file)


def json_option(command: Command) -> Command:
    """The option `--json`, the same on every command that has it."""
    return click.option("--json", "as_json", is_flag=True, help="For scripts: JSON on standard output.")(command)


def print_json(value: Any) -> None:
    """Print *value* as JSON; control characters are escaped, so that a terminal shows them and obeys none."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def print_json_list(lots: Iterable[Iterable[Any]], indent: str = "") -> None:
    """The same for a list of any length, of all that is in *lots*, as they come; *indent* stands before its lines."""
    from data.export import format_json_list

    for part in format_json_list(lots, indent):
        text = part.decode()
        click.echo(text if text.isascii() else _NOT_ASCII.sub(escape_match, text), nl=False)
    click.echo()


def escape_match(found: re.Match[str]) -> str:
    """What JSON writes for characters that a terminal might obey."""
    return json.dumps(found[0])[1:-1]


def find_lead_id(db: Store, prefix: str) -> str:
    """
    The id of the one lead that begins with *prefix*, as people type it.

    Raises:
        click.UsageError: no lead does, or several do.
    """
    found = leads.find_ids_by_prefix(db, prefix.lower()) if prefix else []
    if len(found) == 1:
        return found[0]
    what = "No lead" if not found else "More than one lead"
    raise click.UsageError(
        f"{what} has an id that begins with {sanitize_text(prefix)!r}; `kiosk pending` and `kiosk leads` list them."
    )
