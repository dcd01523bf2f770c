"""`kiosk pause` and `kiosk resume`: nothing is sent for a while, because a person says so."""

from dataclasses import asdict

import click

from data import pause as pausing
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.lead_actions import get_operator_name
from kiosk.config.load import Settings
from kiosk.status.status import read_kiosk_status


@click.command()
@json_option
@click.pass_context
def pause(context: click.Context, as_json: bool) -> None:
    """
    Pause sending: no call to the CRM is begun until `kiosk resume`; scanning and saving go on.

    It holds for all processes of this kiosk, and when they are started anew.
    """
    settings = load_command_settings(context)
    db = open_command_database(settings, create=True)
    changed = pausing.pause_sending(db, get_operator_name(settings), CLOCK)
    _report_pause("" if changed else "Sending was paused already. ", db, settings, changed, as_json)


@click.command()
@json_option
@click.pass_context
def resume(context: click.Context, as_json: bool) -> None:
    """Have sending go on that was paused, on the pending list or by `kiosk pause`; the worker is woken."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    changed = pausing.resume_sending(db)
    if changed:
        wake_worker(settings)
    _report_pause("Sending goes on. " if changed else "Sending was not paused. ", db, settings, changed, as_json)


def _report_pause(first: str, db: Store, settings: Settings, changed: bool, as_json: bool) -> None:
    """Say what was done, and how everything stands after it."""
    standing = read_kiosk_status(db, settings, CLOCK)
    if as_json:
        print_json({"changed": changed, "paused": asdict(standing.paused) if standing.paused else None})
    else:
        click.echo(first + standing.sentence)
