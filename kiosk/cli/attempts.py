"""`kiosk attempts`: the receipts of one lead."""

from dataclasses import asdict

import click

from data import batches, pending
from kiosk.cli.context import CLOCK, find_lead_id, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.status.status import read_kiosk_status
from kiosk.status.wording import format_duration, sanitize_text


@click.command()
@click.argument("lead")
@json_option
@click.pass_context
def attempts(context: click.Context, lead: str, as_json: bool) -> None:
    """
    Show every attempt to deliver LEAD (an id or its beginning): when, how long it took, how it ended, the CRM's words.
    """
    settings = load_command_settings(context)
    db = open_command_database(settings)
    lead_id = find_lead_id(db, lead)
    receipts = batches.list_receipts(db, lead_id)
    if as_json:
        print_json([asdict(receipt) for receipt in receipts])
        return
    entry, standing = pending.get_entry(db, CLOCK, lead_id), read_kiosk_status(db, settings, CLOCK)
    click.echo(sanitize_text(f"{entry.label}: {entry.state}. {standing.explain_state(entry)}"))
    if not receipts:
        click.echo("It was not sent yet.")
        return
    print_table(
        ("WHEN", "TOOK", "REVISION", "ENDED", "STATUS", "WHAT WAS SAID"),
        [
            (
                f"{format_duration(standing.now - receipt.started_at)} ago",
                f"{receipt.took:.1f} s",
                str(receipt.revision),
                receipt.outcome,
                str(receipt.status or ""),
                receipt.message,
            )
            for receipt in receipts
        ],
        can_truncate=False,
    )
