"""`kiosk attempts`: the receipts of one lead."""

from dataclasses import asdict

import click

from data import batches, pending
from kiosk.cli.context import CLOCK, json_option, lead_named, say_json, settings_of, store_of
from kiosk.cli.table import print_table
from kiosk.status.status import read_standing
from kiosk.status.wording import plain, span


@click.command()
@click.argument("lead")
@json_option
@click.pass_context
def attempts(context: click.Context, lead: str, as_json: bool) -> None:
    """
    Show every attempt to deliver LEAD (an id or its beginning): when, how long it took, how it ended, the CRM's words.
    """
    settings = settings_of(context)
    db = store_of(settings)
    lead_id = lead_named(db, lead)
    receipts = batches.receipts(db, lead_id)
    if as_json:
        say_json([asdict(receipt) for receipt in receipts])
        return
    entry, standing = pending.entry(db, CLOCK, lead_id), read_standing(db, settings, CLOCK)
    click.echo(plain(f"{entry.label}: {entry.state}. {standing.why(entry)}"))
    if not receipts:
        click.echo("It was not sent yet.")
        return
    print_table(
        ("WHEN", "TOOK", "REVISION", "ENDED", "STATUS", "WHAT WAS SAID"),
        [
            (
                f"{span(standing.now - receipt.started_at)} ago",
                f"{receipt.took:.1f} s",
                str(receipt.revision),
                receipt.outcome,
                str(receipt.status or ""),
                receipt.message,
            )
            for receipt in receipts
        ],
        is_cut=False,
    )
