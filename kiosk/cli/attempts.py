"""`kiosk attempts`: every attempt to deliver one lead."""

from dataclasses import asdict

import click

from data import batches, pending
from data.language import _, format_number
from kiosk.cli.context import CLOCK, find_lead_id, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.status.status import read_kiosk_status
from kiosk.status.wording import describe_cause, format_duration, sanitize_text


@click.command(
    short_help=_("Show every attempt to deliver one lead."),
    help=_(
        "Show every attempt to deliver LEAD: when, how long it took, the outcome, and what the CRM said.\n\n"
        "LEAD is a lead ID or a unique prefix of one."
    ),
)
@click.argument("lead")
@json_option
@click.pass_context
def attempts(context: click.Context, lead: str, as_json: bool) -> None:
    """Print the receipts of one lead."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    lead_id = find_lead_id(db, lead)
    receipts = batches.list_receipts(db, lead_id)
    if as_json:
        print_json([asdict(receipt) for receipt in receipts])
        return
    entry, status = pending.get_entry(db, CLOCK, lead_id), read_kiosk_status(db, settings, CLOCK)
    click.echo(sanitize_text(f"{entry.label}: {status.describe_state(entry)}"))
    if not receipts:
        click.echo(_("Not sent yet."))
        return
    print_table(
        (_("WHEN"), _("TOOK"), _("VERSION"), _("OUTCOME"), _("HTTP"), _("MESSAGE")),
        [
            (
                _("{time} ago").format(time=format_duration(status.now - receipt.started_at)),
                _("{seconds} s").format(seconds=format_number(receipt.took, 1)),
                str(receipt.revision),
                describe_cause(receipt.outcome),
                str(receipt.status or ""),
                receipt.message,
            )
            for receipt in receipts
        ],
        can_truncate=False,
    )
