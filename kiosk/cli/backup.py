"""`kiosk backup`: a whole copy of the database, also while the kiosk runs."""

from pathlib import Path

import click

from data.backup import write_backup
from kiosk.cli.context import json_option, say_json, settings_of, store_of
from kiosk.words import leads_count, plain


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_context
def backup(context: click.Context, file: Path, as_json: bool) -> None:
    """
    Write a copy of the database to FILE, which must not be there yet; the kiosk may run meanwhile.

    The copy is complete in itself. To use it, end the kiosk, put it where `kiosk status` says the database is, and
    take the files kiosk.db-wal and kiosk.db-shm away.
    """
    db = store_of(settings_of(context))
    try:
        leads = write_backup(db, file)
    except FileExistsError:
        raise click.ClickException(plain(f"Nothing was written: {file} exists already. Name another file.")) from None
    except OSError as error:
        raise click.ClickException(plain(f"{file} could not be written ({error.strerror}).")) from None
    if as_json:
        say_json({"file": str(file), "leads": leads})
    else:
        click.echo(plain(f"{leads_count(leads)} copied to {file}."))
