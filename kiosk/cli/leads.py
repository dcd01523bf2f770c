"""`kiosk leads` and `kiosk export`."""

from pathlib import Path

import click

from data.listing import listed, snapshot
from data.outbox import STATES
from kiosk.cli.context import CLOCK, json_option, say_json, say_json_list, settings_of, store_of
from kiosk.cli.table import print_table
from kiosk.words import leads_count, plain, span


@click.command()
@click.option("--search", default="", help="Only leads whose name, e-mail, company or badge id holds this.")
@click.option("--limit", type=click.IntRange(1), help="At most so many, newest first; else all.")
@json_option
@click.pass_context
def leads(context: click.Context, search: str, limit: int | None, as_json: bool) -> None:
    """List every lead on this device, wherever it stands."""
    from data.export import row

    found = listed(store_of(settings_of(context)), states=STATES, search=search, limit=limit)
    if as_json:
        say_json_list(map(row, found))
        return
    now = CLOCK.wall()
    print_table(
        ("ID", "WHO", "COMPANY", "E-MAIL", "RATING", "SINCE", "STATE"),
        (
            (
                lead.id,
                lead.label,
                lead.company,
                lead.email,
                str(lead.rating or ""),
                span(now - lead.scanned_at),
                lead.state,
            )
            for lead in found
        ),
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
        with snapshot(db):
            number = write_export(listed(db, states=states or STATES), file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        say_json({"file": str(file), "leads": number})
    else:
        click.echo(plain(f"{leads_count(number)} written to {file}."))
