"""`kiosk pause` and `kiosk resume`: a person stops sending for a while."""

from dataclasses import asdict

import click

from data import pause as pausing
from data.language import _
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.lead_actions import get_operator_name
from kiosk.status.status import KioskStatus, read_kiosk_status


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
    status = read_kiosk_status(db, settings, CLOCK)
    sentence = status.describe_paused_leads(_("Sending paused.")) if has_changed else status.sentence
    _report_pause(sentence, status, has_changed, as_json)


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
    status = read_kiosk_status(db, settings, CLOCK)
    _report_pause(_describe_resumed(status, has_changed), status, has_changed, as_json)


def _describe_resumed(status: KioskStatus, has_changed: bool) -> str:
    """Say that sending is not paused any more, or was not paused, and what happens next."""
    if not has_changed:
        return _("Sending was not paused.") + " " + status.sentence
    if status.is_worker_running:
        return _("Sending resumed.") + " " + status.sentence
    if status.has_nothing_waiting or status.is_kiosk_running:
        return _("Pause ended.") + " " + status.sentence
    return _(
        "Pause ended. Nothing is being sent yet, because no kiosk is running. Start one with `kiosk run`, or send now "
        "with `kiosk sync`."
    )


def _report_pause(sentence: str, status: KioskStatus, has_changed: bool, as_json: bool) -> None:
    """Print *sentence*, or whether anything has changed as JSON."""
    if as_json:
        print_json({"changed": has_changed, "paused": asdict(status.paused) if status.paused else None})
    else:
        click.echo(sentence)
