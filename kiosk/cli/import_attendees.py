"""`kiosk import` and `kiosk import attendees`: the organiser's list, which resolves badge IDs to people."""

import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import click

from data import attendees as store
from data.attendee_import import AttendeeImport, ListedAttendee
from data.language import _, format_number, ngettext
from data.store import Store, write_transaction
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.import_leads import leads
from kiosk.cli.list_input import (
    MAX_JSON_PROBLEMS,
    confirm_import,
    find_column_notes,
    format_people_count,
    format_row_count,
    list_options,
    print_skipped_rows,
    report_read_errors,
    show_columns,
    show_progress,
)
from kiosk.config.load import Settings
from kiosk.importing.attendees import AttendeeFile, AttendeeRow, ListOptions, SkippedRow, open_attendees
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.vocabulary import BADGE_ID_FIELD, PERSON_HEADINGS
from kiosk.importing.survey import ListSurvey, prefer_scanned_ids, survey_list
from kiosk.status.wording import sanitize_text

# How many rows one transaction imports: few, so that the kiosk can save scans between two transactions.
_ROWS_PER_TRANSACTION = 500


@click.group(
    name="import",
    short_help=_("Import an attendee list, or leads."),
    help=_("Import an attendee list, or leads from another kiosk or program."),
)
def import_() -> None:
    """Group the imports."""


import_.add_command(leads)


@dataclass(slots=True)
class _AttendeeImportResult:
    """The result of importing an attendee list."""

    imported: int = 0
    skipped: int = 0
    completed_leads: int = 0
    """Leads from earlier scans that got their details from the list."""
    problems: list[SkippedRow] = field(default_factory=list)
    """The first skipped rows."""

    def skip_row(self, line: int, reason: str) -> None:
        """Count a row that was not imported."""
        self.skipped += 1
        if len(self.problems) < MAX_JSON_PROBLEMS:
            self.problems.append(SkippedRow(line, reason))


@import_.command(
    short_help=_("Import the organiser's attendee list."),
    help=_(
        "Import the attendee list in FILE (.csv, .xlsx or .json), and complete the leads that were scanned before.\n\n"
        "The meaning of the columns is guessed from the headers, the values, and the badges scanned so far. On a "
        "terminal the guesses are shown for confirmation. Importing a list again replaces the details of the people in "
        "it. Exit status: 1 if rows were skipped."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option("--yes", is_flag=True, help=_("Do not ask for confirmation."))
@json_option
@click.pass_context
def attendees(context: click.Context, file: Path, opening: ListOptions, yes: bool, as_json: bool) -> None:
    """Preview the list, ask for confirmation, import it, and report."""
    settings = load_command_settings(context)
    must_confirm = not yes and not as_json and sys.stdin is not None and sys.stdin.isatty()
    with report_read_errors(file), ExitStack() as stack:
        found = stack.enter_context(open_attendees(file, opening, settings.badges))
        scanned = _read_scanned_ids(settings)
        survey = ListSurvey()
        if must_confirm or scanned:
            survey = survey_list(found, scanned)
            prefer_scanned_ids(found.columns, survey)
            found = stack.enter_context(open_attendees(file, opening, settings.badges, columns=found.columns))
        notes = [*find_column_notes(found.columns, PERSON_HEADINGS), *_describe_scan_matches(found.columns, survey)]
        if not as_json:
            show_columns(found.table.description, found.columns)
            for note in notes:
                click.echo(sanitize_text(note))
        if must_confirm:
            confirm_import(_build_question(survey))
        outcome = _import_people(open_command_database(settings, create=True), settings, found, hidden=as_json)
    _report_attendee_import(found.columns, survey, outcome, notes, as_json)


def _read_scanned_ids(settings: Settings) -> set[str]:
    """Return the IDs of the badges scanned so far, without creating a database."""
    if not settings.database_file.exists():
        return set()
    return store.find_scanned_ids(open_command_database(settings), settings.event.name)


def _describe_scan_matches(columns: Columns, survey: ListSurvey) -> list[str]:
    """Return sentences about how many of the badges scanned so far are on the list."""
    if not survey.scanned:
        return []
    matched = survey.count_matched(columns)
    sentence = ngettext(
        "{matched} of {count} scanned ID is on this list.",
        "{matched} of {count} scanned IDs are on this list.",
        survey.scanned,
    ).format(matched=format_number(matched), count=format_number(survey.scanned))
    if matched:
        return [sentence]
    hint = _("Are the badges' IDs in {header!r}? --map 'HEADER={field}' chooses another column.")
    return [sentence, hint.format(header=columns.id_columns[0].header, field=BADGE_ID_FIELD)]


def _build_question(survey: ListSurvey) -> str:
    """Return the question to ask before the import."""
    people = format_people_count(survey.people)
    if not survey.skipped:
        return _("Import {people}?").format(people=people)
    return _("Import {people} ({rows} skipped)?").format(people=people, rows=format_row_count(survey.skipped))


def _import_people(db: Store, settings: Settings, found: AttendeeFile, *, hidden: bool) -> _AttendeeImportResult:
    """
    Store the people in the list, and complete the leads that were scanned before.

    Raises:
        StoreError: the rows of the last transaction could not be saved.
    """
    outcome, event = _AttendeeImportResult(), settings.event.name
    people = found.read_people()
    with closing(AttendeeImport(db, event)) as importing:
        batches = iter(lambda: list(islice(people, _ROWS_PER_TRANSACTION)), [])
        for batch in show_progress(found.table, batches, hidden):
            ready = []
            for row in batch:
                if isinstance(row, AttendeeRow):
                    ready.append(ListedAttendee(row.line, row.attendee))
                else:
                    outcome.skip_row(row.line, row.reason)
            with write_transaction(db):
                imported, problems = importing.add_in_transaction(ready)
            outcome.imported += imported
            for line, reason in problems:
                outcome.skip_row(line, reason)
    outcome.completed_leads = store.complete_past_leads(db, event, CLOCK)
    if outcome.completed_leads:
        wake_worker(settings)
    return outcome


def _report_attendee_import(
    columns: Columns, survey: ListSurvey, outcome: _AttendeeImportResult, notes: list[str], as_json: bool
) -> None:
    """Print the result; exit with status 1 if rows were skipped."""
    problems = sorted(outcome.problems, key=lambda problem: problem.line)
    if as_json:
        print_json(
            {
                "imported": outcome.imported,
                "leads_completed": outcome.completed_leads,
                "scanned_ids": survey.scanned,
                "scanned_ids_on_list": survey.count_matched(columns),
                "left_out": outcome.skipped,
                "mapping": columns.mapping,
                "notes": notes,
                "problems": [{"line": problem.line, "problem": problem.reason} for problem in problems],
            }
        )
    else:
        click.echo(_("{people} imported.").format(people=format_people_count(outcome.imported)))
        if outcome.completed_leads:
            sentence = ngettext(
                "{count} lead from earlier scans completed.",
                "{count} leads from earlier scans completed.",
                outcome.completed_leads,
            )
            click.echo(sentence.format(count=format_number(outcome.completed_leads)))
        print_skipped_rows([(problem.line, problem.reason) for problem in problems], outcome.skipped)
    sys.exit(1 if outcome.skipped else 0)
