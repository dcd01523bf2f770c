"""`kiosk pause` and `kiosk resume`: a person stops sending for a while."""

from dataclasses import asdict

import click

from data import pause as pausing
from data.language import _
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.lead_actions import get_operator_name
from kiosk.config.load import Settings
from kiosk.status.status import read_kiosk_status


@click.command(
    short_help=_("Pause sending; scanning continues."),
    help=_(
        "Pause sending: the CRM is not called until `kiosk resume`. Scanning and saving continue.\n\n"
        "The pause applies to all processes of this kiosk, and stays on when they are restarted."
    ),
)
@json_option
@click.pass_context
def pause(context: click.Context, as_json: bool) -> None:
    """Pause sending."""
    settings = load_command_settings(context)
    db = open_command_database(settings, create=True)
    has_changed = pausing.pause_sending(db, get_operator_name(settings), CLOCK)
    _report_pause("" if has_changed else _("Sending was already paused."), db, settings, has_changed, as_json)


@click.command(
    short_help=_("Resume paused sending."),
    help=_("Resume sending that was paused by `kiosk pause` or in the pending list."),
)
@json_option
@click.pass_context
def resume(context: click.Context, as_json: bool) -> None:
    """Resume sending."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    has_changed = pausing.resume_sending(db)
    if has_changed:
        wake_worker(settings)
    first = _("Sending resumed.") if has_changed else _("Sending was not paused.")
    _report_pause(first, db, settings, has_changed, as_json)


def _report_pause(first: str, db: Store, settings: Settings, has_changed: bool, as_json: bool) -> None:
    """Print the sentence *first*, and the kiosk's status after the change."""
    status = read_kiosk_status(db, settings, CLOCK)
    if as_json:
        print_json({"changed": has_changed, "paused": asdict(status.paused) if status.paused else None})
    else:
        click.echo(f"{first} {status.sentence}".strip())
