"""`kiosk pause` and `kiosk resume`: nothing is sent for a while, because a person says so."""

from dataclasses import asdict

import click

from data import pause as pausing
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of, wake_worker
from kiosk.cli.verbs import who
from kiosk.config.load import Settings
from kiosk.status.status import read_standing


@click.command()
@json_option
@click.pass_context
def pause(context: click.Context, as_json: bool) -> None:
    """
    Pause sending: no call to the CRM is begun until `kiosk resume`; scanning and saving go on.

    It holds for all processes of this kiosk, and when they are started anew.
    """
    settings = settings_of(context)
    db = store_of(settings, create=True)
    changed = pausing.pause(db, who(settings), CLOCK)
    say("" if changed else "Sending was paused already. ", db, settings, changed, as_json)


@click.command()
@json_option
@click.pass_context
def resume(context: click.Context, as_json: bool) -> None:
    """Have sending go on that was paused, on the pending list or by `kiosk pause`; the worker is woken."""
    settings = settings_of(context)
    db = store_of(settings)
    changed = pausing.resume(db)
    if changed:
        wake_worker(settings)
    say("Sending goes on. " if changed else "Sending was not paused. ", db, settings, changed, as_json)


def say(first: str, db: Store, settings: Settings, changed: bool, as_json: bool) -> None:
    """Say what was done, and how everything stands after it."""
    standing = read_standing(db, settings, CLOCK)
    if as_json:
        say_json({"changed": changed, "paused": asdict(standing.paused) if standing.paused else None})
    else:
        click.echo(first + standing.sentence)
