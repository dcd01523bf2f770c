"""`kiosk leads` and `kiosk export`."""

from pathlib import Path

import click

from data.listing import chunk_leads, iterate_listed_leads, read_snapshot
from data.outbox import STATES
from kiosk.cli.context import (
    CLOCK,
    json_option,
    load_command_settings,
    open_command_database,
    print_json,
    print_json_list,
)
from kiosk.cli.options import check_overwriting, force_option, resolve_states, search_option, state_option
from kiosk.cli.table import print_table, shorten_id
from kiosk.status.wording import format_duration, format_lead_count, sanitize_text


@click.command()
@state_option
@search_option
@click.option("--limit", type=click.IntRange(1), help="At most so many; without it: all.")
@json_option
@click.pass_context
def leads(context: click.Context, states: tuple[str, ...], search: str, limit: int | None, as_json: bool) -> None:
    """List the leads on this device in every state, the newest first."""
    from data.export import lead_to_row

    found = iterate_listed_leads(
        open_command_database(load_command_settings(context)),
        states=resolve_states(states, STATES),
        search=search,
        limit=limit,
        newest_first=True,
    )
    if as_json:
        print_json_list(map(lead_to_row, lot) for lot in chunk_leads(found))
        return
    now = CLOCK.wall_time()
    print_table(
        ("ID", "WHO", "COMPANY", "E-MAIL", "RATING", "SINCE", "STATE"),
        (
            (
                shorten_id(lead.id),
                lead.label,
                lead.company,
                lead.email,
                str(lead.rating or ""),
                format_duration(now - lead.scanned_at),
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
    from data.export import find_writer, write_export

    check_overwriting([file], force)
    try:
        find_writer(file)  # a mistake in the command is named first, also where there is no database yet
        db = open_command_database(load_command_settings(context))
        with read_snapshot(db):
            number = write_export(
                iterate_listed_leads(db, states=resolve_states(states, STATES), newest_first=True), file
            )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(sanitize_text(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        print_json({"file": str(file), "leads": number})
    else:
        click.echo(sanitize_text(f"{format_lead_count(number)} written to {file}."))
