"""`kiosk leads` and `kiosk export`."""

from pathlib import Path

import click

from data.listing import listed, lots, snapshot
from data.outbox import STATES
from kiosk.cli.context import CLOCK, json_option, say_json, say_json_list, settings_of, store_of
from kiosk.cli.options import check_overwriting, force_option, named_states, search_option, state_option
from kiosk.cli.table import print_table, short_id
from kiosk.status.wording import leads_count, plain, span


@click.command()
@state_option
@search_option
@click.option("--limit", type=click.IntRange(1), help="At most so many; without it: all.")
@json_option
@click.pass_context
def leads(context: click.Context, states: tuple[str, ...], search: str, limit: int | None, as_json: bool) -> None:
    """List the leads on this device in every state, the newest first."""
    from data.export import row

    found = listed(
        store_of(settings_of(context)),
        states=named_states(states, STATES),
        search=search,
        limit=limit,
        newest_first=True,
    )
    if as_json:
        say_json_list(map(row, lot) for lot in lots(found))
        return
    now = CLOCK.wall()
    print_table(
        ("ID", "WHO", "COMPANY", "E-MAIL", "RATING", "SINCE", "STATE"),
        (
            (
                short_id(lead.id),
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
@state_option
@force_option
@json_option
@click.pass_context
def export(context: click.Context, file: Path, states: tuple[str, ...], force: bool, as_json: bool) -> None:
    """
    Write the leads to FILE, the newest first; its name says the format: .csv, .json or .vcf.

    The file is readable by its owner only, and safe to open in a spreadsheet.
    """
    from data.export import format_of, write_export

    check_overwriting([file], force)
    try:
        format_of(file)  # a mistake in the command is named first, also where there is no database yet
        db = store_of(settings_of(context))
        with snapshot(db):
            number = write_export(listed(db, states=named_states(states, STATES), newest_first=True), file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        say_json({"file": str(file), "leads": number})
    else:
        click.echo(plain(f"{leads_count(number)} written to {file}."))
