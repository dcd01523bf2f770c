"""What every command needs: the settings, and the open database."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from data import leads
from data.clock import SystemClock
from data.store import Store, open_store
from kiosk.config import Settings, find_file, load
from kiosk.words import plain

Command = TypeVar("Command", bound=Callable[..., Any])

CLOCK = SystemClock()

EVERY = 10_000_000
"""More leads than any booth has."""


def settings_of(context: click.Context) -> Settings:
    """
    The settings that this call is to use.

    Raises:
        ConfigError: they cannot be read, or something in them is wrong.
    """
    named = context.find_root().obj
    return load(find_file(Path(named) if named else None))


def store_of(settings: Settings, *, create: bool = False) -> Store:
    """
    The database of this kiosk, closed when the command ends. It is made only for commands that fill it.

    Raises:
        StoreMissing: there is none, and it is not to be made.
        StoreError: it cannot be opened.
    """
    return closed_at_the_end(open_store(settings.store, create=create))


def closed_at_the_end(db: Store) -> Store:
    """*db*, which is closed when the command ends."""
    click.get_current_context().call_on_close(db.close)
    return db


def wake_worker(settings: Settings) -> None:
    """Have the worker look at the outbox soon; what was done is done, also where it cannot be woken."""
    from sync.nudge import ask_for_drain

    with suppress(OSError, sqlite3.Error):  # its own tick, or its next start, repairs that
        ask_for_drain(settings.queue)


def json_option(command: Command) -> Command:
    """The option `--json`, the same on every command that has it."""
    return click.option("--json", "as_json", is_flag=True, help="For scripts: JSON on standard output.")(command)


def say_json(value: Any) -> None:
    """Print *value* as JSON; control characters are escaped, so that a terminal shows them and obeys none."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def lead_named(db: Store, start: str) -> str:
    """
    The id of the one lead that begins with *start*, as people type it.

    Raises:
        click.UsageError: no lead does, or several do.
    """
    found = leads.matching(db, start.lower()) if start else []
    if len(found) == 1:
        return found[0]
    what = "No lead" if not found else "More than one lead"
    raise click.UsageError(
        f"{what} has an id that begins with {plain(start)!r}; `kiosk pending` and `kiosk leads` list them."
    )
