"""`kiosk backup`: a complete copy of the database, even while the kiosk runs."""

from pathlib import Path

import click

from data.backup import write_backup
from data.language import _, format_number, ngettext
from data.store import open_store
from kiosk.cli.context import close_on_exit, json_option, load_command_settings, print_json
from kiosk.cli.options import check_overwriting, force_option
from kiosk.status.wording import sanitize_text


@click.command(
    short_help=_("Copy the database, even while the kiosk runs."),
    help=_(
        "Write a complete copy of the database to FILE. The kiosk may keep running.\n\n"
        "To restore a copy: close the kiosk, put the copy in the place that `kiosk status` names, and delete the files "
        "kiosk.db-wal and kiosk.db-shm beside it."
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@force_option
@json_option
@click.pass_context
def backup(context: click.Context, file: Path, force: bool, as_json: bool) -> None:
    """Copy the database to *file*."""
    database_file = load_command_settings(context).database_file
    is_in_data_folder = file.resolve().parent == database_file.resolve().parent
    # kiosk.db-wal and kiosk.db-shm are the database's own files as well.
    if is_in_data_folder and file.resolve().name.startswith(database_file.name):
        message = _("{file} belongs to the kiosk's own database: choose another name for the copy.")
        raise click.UsageError(sanitize_text(message.format(file=file)))
    check_overwriting([file], force)
    db = close_on_exit(open_store(database_file, may_create=False))
    try:
        leads = write_backup(db, file)
    except OSError as error:
        message = _("Cannot write {file} ({error}).")
        raise click.ClickException(sanitize_text(message.format(file=file, error=error.strerror))) from None
    if as_json:
        print_json({"file": str(file), "leads": leads})
    else:
        sentence = ngettext("{count} lead copied to {file}.", "{count} leads copied to {file}.", leads)
        click.echo(sanitize_text(sentence.format(count=format_number(leads), file=file)))
