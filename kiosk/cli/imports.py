"""`kiosk import`, and in it `attendees`: the organiser's list, which turns opaque badge ids into people."""

import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import click

from data import attendees as store
from data.attendee_import import AttendeeImport, Listed
from data.store import Store, writing
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of, wake_worker
from kiosk.cli.import_leads import leads
from kiosk.cli.lists import (
    SHOWN,
    TOLD,
    confirm,
    list_options,
    notes_on,
    people_count,
    reading,
    rows_count,
    show_columns,
    show_progress,
)
from kiosk.config.load import Settings
from kiosk.importing.attendees import AttendeeFile, Opening, Person, Problem, open_attendees
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.vocabulary import BADGE_ID, PEOPLE
from kiosk.importing.survey import Survey, prefer_scanned, survey
from kiosk.status.wording import leads_count, plain

ROWS_AT_ONCE = 500
"""Rows of one transaction: the kiosk saves scans between two of them."""


@click.group(name="import")
def import_() -> None:
    """Take in lists from elsewhere."""


import_.add_command(leads)


@dataclass(slots=True)
class Outcome:
    """The result of an import."""

    imported: int = 0
    left_out: int = 0
    learned: int = 0
    """Leads of earlier scans that now say more."""
    problems: list[Problem] = field(default_factory=list)
    """The first of those that were left out."""

    def leave_out(self, line: int, sentence: str) -> None:
        """Count a row that was not taken."""
        self.left_out += 1
        if len(self.problems) < TOLD:
            self.problems.append(Problem(line, sentence))


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option("--yes", is_flag=True, help="Do not ask whether the columns were understood.")
@json_option
@click.pass_context
def attendees(context: click.Context, file: Path, opening: Opening, yes: bool, as_json: bool) -> None:
    """
    Import the attendee list in FILE (.csv, .xlsx or .json), and complete the leads that were scanned before it came.

    What the columns mean is guessed from the headers, the values and what was scanned, shown, and asked for where there
    is a terminal. A list that is imported again replaces who is in it. Exit status: 1 when rows were left out.
    """
    settings = settings_of(context)
    asks = not yes and not as_json and sys.stdin is not None and sys.stdin.isatty()
    with reading(file), ExitStack() as stack:
        found = stack.enter_context(open_attendees(file, opening, settings.badges))
        scanned = scanned_so_far(settings)
        surveyed = Survey()
        if asks or scanned:
            surveyed = survey(found, scanned)
            prefer_scanned(found.columns, surveyed)
            found = stack.enter_context(open_attendees(file, opening, settings.badges, columns=found.columns))
        notes = [*notes_on(found.columns, PEOPLE), *scan_notes(found.columns, surveyed)]
        if not as_json:
            show_columns(found.table.shown, found.columns)
            for note in notes:
                click.echo(plain(note))
        if asks:
            confirm(question(surveyed))
        outcome = take_in(store_of(settings, create=True), settings, found, hidden=as_json)
    report(found.columns, surveyed, outcome, notes, as_json)


def scanned_so_far(settings: Settings) -> set[str]:
    """The ids of the badges that this kiosk has scanned; a look makes no database."""
    return store.scanned_ids(store_of(settings), settings.event.name) if settings.store.exists() else set()


def scan_notes(columns: Columns, surveyed: Survey) -> list[str]:
    """What the scans so far say of the list."""
    if not surveyed.scanned:
        return []
    on_list, ids = surveyed.on_list(columns), "id" if surveyed.scanned == 1 else "ids"
    said = f"{on_list:,} of {surveyed.scanned:,} scanned {ids} {'is' if on_list == 1 else 'are'} on this list."
    if on_list:
        return [said]
    header = columns.ids[0].header
    return [f"{said} Is {header!r} what the badges hold? --map 'HEADER={BADGE_ID}' names another column."]


def question(surveyed: Survey) -> str:
    """What is asked before the import."""
    left = "" if not surveyed.left_out else f" ({rows_count(surveyed.left_out)} left out)"
    return f"Import {people_count(surveyed.people)} like that?{left}"


def take_in(db: Store, settings: Settings, found: AttendeeFile, *, hidden: bool) -> Outcome:
    """
    Keep the people in the list, and complete the leads that were scanned before.

    Raises:
        StoreError: the last rows were not saved.
    """
    outcome, event = Outcome(), settings.event.name
    people = found.people()
    with closing(AttendeeImport(db, event)) as importing:
        for lot in show_progress(found.table, iter(lambda: list(islice(people, ROWS_AT_ONCE)), []), hidden):
            ready = []
            for one in lot:
                if isinstance(one, Person):
                    ready.append(Listed(one.line, one.attendee))
                else:
                    outcome.leave_out(one.line, one.sentence)
            with writing(db):
                imported, problems = importing.add_inside(ready)
            outcome.imported += imported
            for line, sentence in problems:
                outcome.leave_out(line, sentence)
    outcome.learned = store.resolve_past(db, event, CLOCK)
    if outcome.learned:
        wake_worker(settings)
    return outcome


def report(columns: Columns, surveyed: Survey, outcome: Outcome, notes: list[str], as_json: bool) -> None:
    """Say what was taken, and what was not and why; exit with 1 where rows were left out."""
    problems = sorted(outcome.problems, key=lambda problem: problem.line)
    if as_json:
        say_json(
            {
                "imported": outcome.imported,
                "leads_completed": outcome.learned,
                "scanned_ids": surveyed.scanned,
                "scanned_ids_on_list": surveyed.on_list(columns),
                "left_out": outcome.left_out,
                "mapping": columns.mapping,
                "notes": notes,
                "problems": [{"line": problem.line, "problem": problem.sentence} for problem in problems],
            }
        )
    else:
        click.echo(
            f"{people_count(outcome.imported)} imported, {leads_count(outcome.learned)} of earlier scans completed."
        )
        for problem in problems[:SHOWN]:
            click.echo(plain(f"  line {problem.line}: left out, {problem.sentence}."))
        if outcome.left_out > SHOWN:
            click.echo(f"  and {outcome.left_out - SHOWN:,} more.")
    sys.exit(1 if outcome.left_out else 0)
