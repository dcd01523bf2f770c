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
from data.opening import empty_store
from data.store import Store, open_store
from kiosk.config.load import Settings, find_file, load
from kiosk.status.wording import plain

Command = TypeVar("Command", bound=Callable[..., Any])

CLOCK = SystemClock()

NOT_ASCII = re.compile(r"[^\x00-\x7e]+")


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

    For others there is an empty one in memory where there is none yet, and a word about that.

    Raises:
        StoreError: it cannot be opened; or it is gone, and its log is not.
    """
    try:
        return closed_at_the_end(open_store(settings.store, create=create))
    except LogOrphaned:
        raise
    except StoreMissing as error:
        click.echo(f"kiosk: {plain(str(error))}", err=True)
        return closed_at_the_end(empty_store())


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


def say_json_list(lots: Iterable[Iterable[Any]], indent: str = "") -> None:
    """The same for a list of any length, of all that is in *lots*, as they come; *indent* stands before its lines."""
    from data.export import json_list

    for part in json_list(lots, indent):
        text = part.decode()
        click.echo(text if text.isascii() else NOT_ASCII.sub(escaped, text), nl=False)
    click.echo()


def escaped(found: re.Match[str]) -> str:
    """What JSON writes for characters that a terminal might obey."""
    return json.dumps(found[0])[1:-1]


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
