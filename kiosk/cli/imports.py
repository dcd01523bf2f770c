"""`kiosk import`, and in it `attendees`: the organiser's list, which turns opaque badge ids into people."""

import sys
from pathlib import Path

import click

from data import attendees as store
from kiosk.attendee_file import AttendeeFile
from kiosk.badges.stored_id import stored_id
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of, wake_worker
from kiosk.cli.import_leads import leads
from kiosk.cli.lists import SHOWN, attendees_in, confirm, list_options, people_count, show_mapping
from kiosk.words import leads_count


@click.group(name="import")
def import_() -> None:
    """Take in lists from elsewhere."""


import_.add_command(leads)


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option("--yes", is_flag=True, help="Do not ask whether the columns were understood.")
@json_option
@click.pass_context
def attendees(
    context: click.Context, file: Path, choices: tuple[str, ...], encoding: str, yes: bool, as_json: bool
) -> None:
    """
    Import the attendee list in FILE (.csv, .xlsx or .json), and complete the leads that were scanned before it came.

    What the columns mean is guessed from the header, shown, and asked for where there is a terminal.
    A list that is imported again replaces who is in it. Exit status: 1 when rows were left out.
    """
    settings = settings_of(context)
    found = attendees_in(file, choices, encoding)
    if not as_json:
        show_mapping(found.shown, found.mapping, found.samples)
        if not yes and sys.stdin is not None and sys.stdin.isatty():
            confirm(f"Import {people_count(len(found.people))} like that?")
    db = store_of(settings, create=True)
    people = [(stored_id(badge_id), contact) for badge_id, contact in found.people]
    with click.progressbar(length=len(people), label="Importing", hidden=as_json) as bar:
        done = 0
        for so_far in store.add(db, settings.event.name, people):
            bar.update(so_far - done)
            done = so_far
    learned = store.resolve_past(db, settings.event.name, CLOCK)
    if learned:
        wake_worker(settings)
    report(found, learned, as_json)


def report(found: AttendeeFile, learned: int, as_json: bool) -> None:
    """Say what was taken, and what was not and why; exit with 1 where rows were left out."""
    if as_json:
        say_json(
            {
                "imported": len(found.people),
                "leads_completed": learned,
                "mapping": found.mapping,
                "problems": [{"line": problem.line, "problem": problem.sentence} for problem in found.problems],
            }
        )
    else:
        people = people_count(len(found.people))
        click.echo(f"{people} imported, {leads_count(learned)} of earlier scans completed.")
        for problem in found.problems[:SHOWN]:
            click.echo(f"  line {problem.line}: left out, {problem.sentence}.")
        if len(found.problems) > SHOWN:
            click.echo(f"  and {len(found.problems) - SHOWN} more.")
    sys.exit(1 if found.problems else 0)
