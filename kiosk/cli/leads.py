"""`kiosk leads` and `kiosk export`."""

from pathlib import Path

import click

from data.outbox import STATES
from data.pending import entries
from kiosk.cli.context import CLOCK, EVERY, json_option, say_json, settings_of, store_of
from kiosk.cli.table import print_table
from kiosk.words import leads_count, plain, span


@click.command()
@click.option("--search", default="", help="Only leads whose name, e-mail, company or badge id holds this.")
@click.option("--limit", default=EVERY, type=click.IntRange(1), help="At most so many, newest first; else all.")
@json_option
@click.pass_context
def leads(context: click.Context, search: str, limit: int, as_json: bool) -> None:
    """List every lead on this device, wherever it stands."""
    from data.export import row

    db = store_of(settings_of(context))
    found = entries(db, CLOCK, states=STATES, search=search, limit=limit)
    if as_json:
        say_json([row(entry) for entry in found])
        return
    now = CLOCK.wall()
    print_table(
        ("ID", "WHO", "COMPANY", "E-MAIL", "RATING", "SINCE", "STATE"),
        [
            (
                entry.lead.id,
                entry.label,
                entry.lead.contact.company,
                entry.lead.contact.email,
                str(entry.lead.rating or ""),
                span(now - entry.scanned_at),
                entry.state,
            )
            for entry in found
        ],
    )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; without it: all leads.")
@json_option
@click.pass_context
def export(context: click.Context, file: Path, states: tuple[str, ...], as_json: bool) -> None:
    """
    Write the leads to FILE, whose name says the format: .csv, .json or .vcf.

    The file is readable by its owner only, and safe to open in a spreadsheet.
    """
    from data.export import write_export

    db = store_of(settings_of(context))
    try:
        number = write_export(entries(db, CLOCK, states=states or STATES, limit=EVERY), file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        say_json({"file": str(file), "leads": number})
    else:
        click.echo(plain(f"{leads_count(number)} written to {file}."))
