"""`kiosk import`, and in it `attendees`: the organiser's list, which turns opaque badge ids into people."""

import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import click

from data import attendees as store
from data.attendee_import import AttendeeImport, ListedAttendee
from data.store import Store, write_transaction
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.import_leads import leads
from kiosk.cli.list_input import (
    MAX_JSON_PROBLEMS,
    MAX_PRINTED_PROBLEMS,
    confirm_import,
    find_column_notes,
    list_options,
    people_count,
    report_read_errors,
    rows_count,
    show_columns,
    show_progress,
)
from kiosk.config.load import Settings
from kiosk.importing.attendees import AttendeeFile, AttendeeRow, ListOptions, SkippedRow, open_attendees
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD, PERSON_HEADINGS
from kiosk.importing.survey import ListSurvey, prefer_scanned_ids, survey_list
from kiosk.status.wording import format_lead_count, sanitize_text

_ROWS_PER_TRANSACTION = 500
"""Rows of one transaction: the kiosk saves scans between two of them."""


@click.group(name="import")
def import_() -> None:
    """Take in lists from elsewhere."""


import_.add_command(leads)


@dataclass(slots=True)
class _AttendeeImportResult:
    """The result of an import."""

    imported: int = 0
    skipped: int = 0
    completed_leads: int = 0
    """Leads of earlier scans that now say more."""
    problems: list[SkippedRow] = field(default_factory=list)
    """The first of those that were left out."""

    def skip_row(self, line: int, sentence: str) -> None:
        """Count a row that was not taken."""
        self.skipped += 1
        if len(self.problems) < MAX_JSON_PROBLEMS:
            self.problems.append(SkippedRow(line, sentence))


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option("--yes", is_flag=True, help="Do not ask whether the columns were understood.")
@json_option
@click.pass_context
def attendees(context: click.Context, file: Path, opening: ListOptions, yes: bool, as_json: bool) -> None:
    """
    Import the attendee list in FILE (.csv, .xlsx or .json), and complete the leads that were scanned before it came.

    What the columns mean is guessed from the headers, the values and what was scanned, shown, and asked for where there
    is a terminal. A list that is imported again replaces who is in it. Exit status: 1 when rows were left out.
    """
    settings = load_command_settings(context)
    asks = not yes and not as_json and sys.stdin is not None and sys.stdin.isatty()
    with report_read_errors(file), ExitStack() as stack:
        found = stack.enter_context(open_attendees(file, opening, settings.badges))
        scanned = _read_scanned_ids(settings)
        surveyed = ListSurvey()
        if asks or scanned:
            surveyed = survey_list(found, scanned)
            prefer_scanned_ids(found.columns, surveyed)
            found = stack.enter_context(open_attendees(file, opening, settings.badges, columns=found.columns))
        notes = [*find_column_notes(found.columns, PERSON_HEADINGS), *_describe_scan_matches(found.columns, surveyed)]
        if not as_json:
            show_columns(found.table.description, found.columns)
            for note in notes:
                click.echo(sanitize_text(note))
        if asks:
            confirm_import(build_question(surveyed))
        outcome = _import_people(open_command_database(settings, create=True), settings, found, hidden=as_json)
    _report_attendee_import(found.columns, surveyed, outcome, notes, as_json)


def _read_scanned_ids(settings: Settings) -> set[str]:
    """The ids of the badges that this kiosk has scanned; a look makes no database."""
    return (
        store.find_scanned_ids(open_command_database(settings), settings.event.name)
        if settings.database_file.exists()
        else set()
    )


def _describe_scan_matches(columns: Columns, surveyed: ListSurvey) -> list[str]:
    """What the scans so far say of the list."""
    if not surveyed.scanned:
        return []
    on_list, ids = surveyed.count_matched(columns), "id" if surveyed.scanned == 1 else "ids"
    said = f"{on_list:,} of {surveyed.scanned:,} scanned {ids} {'is' if on_list == 1 else 'are'} on this list."
    if on_list:
        return [said]
    header = columns.id_columns[0].header
    return [f"{said} Is {header!r} what the badges hold? --map 'HEADER={BADGE_ID_FIELD}' names another column."]


def build_question(surveyed: ListSurvey) -> str:
    """What is asked before the import."""
    left = "" if not surveyed.skipped else f" ({rows_count(surveyed.skipped)} left out)"
    return f"Import {people_count(surveyed.people)} like that?{left}"


def _import_people(db: Store, settings: Settings, found: AttendeeFile, *, hidden: bool) -> _AttendeeImportResult:
    """
    Keep the people in the list, and complete the leads that were scanned before.

    Raises:
        StoreError: the last rows were not saved.
    """
    outcome, event = _AttendeeImportResult(), settings.event.name
    people = found.read_people()
    with closing(AttendeeImport(db, event)) as importing:
        for lot in show_progress(found.table, iter(lambda: list(islice(people, _ROWS_PER_TRANSACTION)), []), hidden):
            ready = []
            for one in lot:
                if isinstance(one, AttendeeRow):
                    ready.append(ListedAttendee(one.line, one.attendee))
                else:
                    outcome.skip_row(one.line, one.reason)
            with write_transaction(db):
                imported, problems = importing.add_in_transaction(ready)
            outcome.imported += imported
            for line, sentence in problems:
                outcome.skip_row(line, sentence)
    outcome.completed_leads = store.complete_past_leads(db, event, CLOCK)
    if outcome.completed_leads:
        wake_worker(settings)
    return outcome


def _report_attendee_import(
    columns: Columns, surveyed: ListSurvey, outcome: _AttendeeImportResult, notes: list[str], as_json: bool
) -> None:
    """Say what was taken, and what was not and why; exit with 1 where rows were left out."""
    problems = sorted(outcome.problems, key=lambda problem: problem.line)
    if as_json:
        print_json(
            {
                "imported": outcome.imported,
                "leads_completed": outcome.completed_leads,
                "scanned_ids": surveyed.scanned,
                "scanned_ids_on_list": surveyed.count_matched(columns),
                "left_out": outcome.skipped,
                "mapping": columns.mapping,
                "notes": notes,
                "problems": [{"line": problem.line, "problem": problem.reason} for problem in problems],
            }
        )
    else:
        click.echo(
            f"{people_count(outcome.imported)} imported, {format_lead_count(outcome.completed_leads)} of earlier scans completed."
        )
        for problem in problems[:MAX_PRINTED_PROBLEMS]:
            click.echo(sanitize_text(f"  line {problem.line}: left out, {problem.reason}."))
        if outcome.skipped > MAX_PRINTED_PROBLEMS:
            click.echo(f"  and {outcome.skipped - MAX_PRINTED_PROBLEMS:,} more.")
    sys.exit(1 if outcome.skipped else 0)
