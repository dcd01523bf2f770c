"""`kiosk leads` and `kiosk export`: all leads, on the terminal or in a file."""

from itertools import chain
from pathlib import Path

import click

from data.language import _, format_number, ngettext
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
from kiosk.cli.options import (
    check_overwriting,
    force_option,
    limit_option,
    resolve_states,
    search_option,
    state_option,
)
from kiosk.cli.table import print_table, shorten_id
from kiosk.status.wording import format_duration, sanitize_text


@click.command(
    short_help=_("List all leads on this device."),
    help=_("List the leads on this device, in every state, newest first."),
)
@state_option
@search_option
@limit_option
@json_option
@click.pass_context
def leads(context: click.Context, states: tuple[str, ...], search: str, limit: int | None, as_json: bool) -> None:
    """Print the leads as a table or as JSON."""
    from data.export import lead_to_row

    found = iterate_listed_leads(
        open_command_database(load_command_settings(context)),
        states=resolve_states(states, STATES),
        search=search,
        limit=limit,
        newest_first=True,
    )
    if as_json:
        print_json_list(map(lead_to_row, chunk) for chunk in chunk_leads(found))
        return
    first = next(found, None)
    if first is None:
        click.echo(_("No lead matches.") if states or search else _("There are no leads yet."))
        return
    now = CLOCK.wall_time()
    print_table(
        (_("ID"), _("NAME"), _("COMPANY"), _("E-MAIL"), _("RATING"), _("AGE"), _("STATE")),
        (
            (
                shorten_id(lead.id),
                lead.label,
                lead.company,
                lead.email,
                str(lead.rating or ""),
                format_duration(now - lead.scanned_at),
                _(lead.state),
            )
            for lead in chain([first], found)
        ),
    )


@click.command(
    short_help=_("Write leads to a .csv, .json or .vcf file."),
    help=_(
        "Write the leads to FILE, newest first. The format follows from the file name: .csv, .json or .vcf.\n\n"
        "Only the file's owner can read it. A .csv file is safe to open in a spreadsheet."
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@state_option
@force_option
@json_option
@click.pass_context
def export(context: click.Context, file: Path, states: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Write the leads to *file*."""
    from data.export import find_writer, write_export

    check_overwriting([file], force)
    try:
        find_writer(file)  # a wrong file name is reported first, even if there is no database yet
        db = open_command_database(load_command_settings(context))
        with read_snapshot(db):
            found = iterate_listed_leads(db, states=resolve_states(states, STATES), newest_first=True)
            number = write_export(found, file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        message = _("Cannot write {file} ({error}).").format(file=file, error=error.strerror)
        raise click.ClickException(sanitize_text(message)) from None
    if as_json:
        print_json({"file": str(file), "leads": number})
    else:
        sentence = ngettext("{count} lead written to {file}.", "{count} leads written to {file}.", number)
        click.echo(sanitize_text(sentence.format(count=format_number(number), file=file)))
