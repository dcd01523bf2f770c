"""`kiosk backup`: a whole copy of the database, also while the kiosk runs."""

from pathlib import Path

import click

from data.backup import write_backup
from data.store import open_store
from kiosk.cli.context import close_on_exit, json_option, load_command_settings, print_json
from kiosk.cli.options import check_overwriting, force_option
from kiosk.status.wording import format_lead_count, sanitize_text


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@force_option
@json_option
@click.pass_context
def backup(context: click.Context, file: Path, force: bool, as_json: bool) -> None:
    """
    Write a copy of the database to FILE; the kiosk may run meanwhile.

    The copy is complete in itself. To use it, end the kiosk, put it where `kiosk status` says the database is, and
    take the files kiosk.db-wal and kiosk.db-shm away.
    """
    settings = load_command_settings(context)
    if (
        file.resolve().name.startswith(settings.database_file.name)
        and file.resolve().parent == settings.database_file.resolve().parent
    ):
        raise click.UsageError(
            sanitize_text(f"{file} belongs to the kiosk's own database: give the copy another name.")
        )
    check_overwriting([file], force)
    db = close_on_exit(open_store(settings.database_file, may_create=False))
    try:
        leads = write_backup(db, file)
    except OSError as error:
        raise click.ClickException(sanitize_text(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        print_json({"file": str(file), "leads": leads})
    else:
        click.echo(sanitize_text(f"{format_lead_count(leads)} copied to {file}."))
