"""`kiosk badges`: QR badges from a list."""

import re
import sys
from pathlib import Path

import click

from kiosk.attendee_file import parse_choice, read_attendees
from kiosk.printing.payloads import KINDS


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True)
@click.option(
    "--as", "kind", type=click.Choice(list(KINDS)), default="vcard", show_default=True, help="What they carry."
)
@click.option(
    "--map", "choices", multiple=True, metavar="HEADER=FIELD", help="What a column means, where the guess is wrong."
)
def badges(file: Path, folder: Path, form: str, kind: str, choices: tuple[str, ...]) -> None:
    """
    Make a QR badge for each person in FILE (CSV), as files in DIR; pdf is one sheet to print and cut.

    Exit status: 1 when rows were left out.
    """
    try:
        found = read_attendees(file, dict(map(parse_choice, choices)))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    made = [(KINDS[kind](badge_id, contact), badge_id, contact) for badge_id, contact in found.people]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if form == "pdf":
            from kiosk.printing.sheet import write_sheet

            write_sheet(made, folder / "badges.pdf")
        else:
            from kiosk.printing.codes import write_png, write_svg

            write = write_png if form == "png" else write_svg
            for number, (text, badge_id, _) in enumerate(made, 1):
                write(text, folder / f"{number:04d}-{re.sub(r'[^A-Za-z0-9_-]', '_', badge_id)[:40]}.{form}")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written ({error.strerror}).") from None
    click.echo(f"{len(made)} badges in {folder}.")
    for problem in found.problems:
        click.echo(f"  line {problem.line}: left out, {problem.sentence}.", err=True)
    sys.exit(1 if found.problems else 0)
