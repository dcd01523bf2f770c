"""`kiosk import leads`: leads from elsewhere, such as another kiosk's export, through the same path as a scan."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

import click

from data.errors import StoreError
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.list_input import (
    MAX_JSON_PROBLEMS,
    MAX_PRINTED_PROBLEMS,
    confirm_import,
    find_column_notes,
    list_options,
    report_read_errors,
    show_columns,
    show_progress,
)
from kiosk.config.load import Settings
from kiosk.importing.attendees import SAMPLE_ROWS, ListOptions, list_sample_texts
from kiosk.importing.cell_values import collapse_line
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.values import is_uuid
from kiosk.importing.columns.vocabulary import IDENTIFYING_FIELDS, LEAD_HEADINGS
from kiosk.importing.leads import ImportCounts, LeadRowSaver, import_rows
from kiosk.importing.ratings import DEFAULT_RATING_WORDS
from kiosk.importing.rejects import RejectFile
from kiosk.importing.row_parser import LeadRowParser, SecretPayloadError
from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import Table, TableRow, take_batch
from kiosk.importing.timestamps import detect_day_first
from kiosk.status.wording import sanitize_text


@dataclass(slots=True)
class LeadTable:
    """A list of leads, as it was understood; most of it was not read yet."""

    table: Table
    columns: Columns
    sample_rows: list[TableRow]
    """The rows that were looked at."""

    @property
    def rows(self) -> Iterable[TableRow]:
        """All rows, once."""
        return chain(self.sample_rows, self.table.rows)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option(
    "--dates",
    type=click.Choice(["day-first", "month-first"]),
    help="What 05/06/2026 is, where nothing in FILE tells.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether the columns were understood.")
@json_option
@click.pass_context
def leads(
    context: click.Context,
    file: Path,
    opening: ListOptions,
    dates: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """
    Import the leads in FILE (.csv, .xlsx or .json), such as another kiosk's export.

    They are saved like scans and go to the CRM. A list that comes again, whole or in part, changes nothing, and an
    import that was broken off goes on where it was. Rows that cannot be leads are in FILE.rejected.csv, with the
    reason; mend them there, and import that. Exit status: 1 when rows were left out.
    """
    settings = load_command_settings(context)
    with ExitStack() as stack:
        with report_read_errors(file):
            table = open_table(file, opening.encoding, opening.sheet, opening.header_row)
            stack.callback(table.close)
            found = map_lead_table(table, opening.choices)
        notes = find_column_notes(found.columns, LEAD_HEADINGS)
        if not as_json:
            show_columns(found.table.description, found.columns)
            for note in notes:
                click.echo(sanitize_text(note))
            if not yes and sys.stdin is not None and sys.stdin.isatty():
                confirm_import("Import leads like that?")
        rejected = stack.enter_context(RejectFile(file, found.table.header))
        importing = LeadImportRun(settings, found, rejected, _choose_day_first(found, dates))
        done = importing.run(hidden=as_json)
        _report_lead_import(found, done, importing, notes, as_json)


def map_lead_table(table: Table, choices: tuple[str, ...]) -> LeadTable:
    """
    What the columns of *table* mean, with the first of its rows.

    Raises:
        ValueError: it is no list of leads, or a choice is wrong.
    """
    header = [collapse_line(name) for name in table.header]
    if not header:
        raise ValueError("It is empty: it needs a line with headers, and a line for each lead.")
    first = take_batch(table.rows, SAMPLE_ROWS)
    rows = list_sample_texts(first)
    columns = map_columns(header, rows, LEAD_HEADINGS, choices, is_kiosk_export=_is_kiosk_export(header, rows))
    if not IDENTIFYING_FIELDS & set(columns.mapping.values()):
        there = ", ".join(map(repr, header))[:500]
        raise ValueError(f"No column says who a lead is; name one with --map 'HEADER=FIELD'. There is {there}.")
    return LeadTable(table, columns, first)


def _is_kiosk_export(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a kiosk wrote the list: its columns are called as our fields are, and leads have ids of ours."""
    at = header.index("lead_id") if "lead_id" in header else None
    return at is not None and any(is_uuid(row[at].strip()) for row in rows)


def _choose_day_first(found: LeadTable, dates: str | None) -> bool | None:
    """Whether days stand before months in the list: as a person says, or as the first rows tell."""
    if dates is not None:
        return dates == "day-first"
    places = found.columns.field_indexes.get("scanned_at", ())
    return detect_day_first(row.cells[place] for row in found.sample_rows for place in places if place < len(row.cells))


@dataclass(slots=True)
class LeadImportRun:
    """One import: the rows that were left out are written as they come."""

    settings: Settings
    source: LeadTable
    rejected_rows: RejectFile
    day_first: bool | None
    problems: list[tuple[int, str]] = field(default_factory=list)
    write_error: str = ""
    """Why the rows that were left out could not be written."""

    def run(self, *, hidden: bool) -> ImportCounts:
        """Save all rows; what came of them."""
        settings, found, table = self.settings, self.source, self.source.table
        reader = LeadRowParser(
            settings.event.name,
            settings.badges,
            found.columns.field_indexes,
            table.is_sheet,
            self.day_first,
            settings.crm.salesforce.ratings or DEFAULT_RATING_WORDS,
            found.columns.are_names_reversed,
        )
        saver, done = LeadRowSaver(open_command_database(settings, create=True), settings.event, CLOCK), ImportCounts()
        try:
            for _ in show_progress(table, import_rows(found.rows, reader, saver, done, self._reject_row), hidden):
                pass
        except StoreError as error:
            already = f" {done.total_rows:,} rows were taken in before that; the same command goes on after them."
            raise type(error)(f"{error}{already if done.total_rows else ''}") from error
        except KeyboardInterrupt:
            already = f"{done.total_rows:,} rows were taken in before that, and the same command goes on after them."
            raise click.ClickException(f"The import was broken off: {already}") from None
        if done.new + done.merged + done.updated:
            wake_worker(settings)
        self.try_write(self.rejected_rows.move_into_place)
        return done

    def _reject_row(self, row: TableRow, error: ValueError) -> None:
        """Write down a row that is no lead; a payload that is nobody's business is not among it."""
        reason = str(error)
        if len(self.problems) < MAX_JSON_PROBLEMS:
            self.problems.append((row.line, reason))
        places = [at for name in ("payload", "badge_text") for at in self.source.columns.field_indexes.get(name, ())]
        hidden = places if isinstance(error, SecretPayloadError) else []
        self.try_write(lambda: self.rejected_rows.add_row(row, reason, hidden))

    def try_write(self, write: Callable[[], object]) -> None:
        """Have *write* write, unless that failed before: the import goes on without that file."""
        if not self.write_error:
            try:
                write()
            except OSError as error:
                self.write_error = f"{self.rejected_rows.path} could not be written ({error.strerror or error})."


def _report_lead_import(
    found: LeadTable, done: ImportCounts, importing: LeadImportRun, notes: list[str], as_json: bool
) -> None:
    """Say what was taken, and what was not and why; exit with 1 where rows were left out."""
    beside = str(importing.rejected_rows.path) if done.rejected and not importing.write_error else None
    problems = importing.problems
    if as_json:
        told = [{"line": line, "problem": problem} for line, problem in problems]
        print_json(
            {
                "rows": done.total_rows,
                **asdict(done),
                "rejected_file": beside,
                "mapping": found.columns.mapping,
                "notes": notes,
                "problems": told,
            }
        )
    else:
        click.echo(
            f"{done.total_rows:,} rows: {done.new:,} new, {done.merged:,} of people who were here, {done.updated:,} with "
            f"something new, {done.known:,} known, {done.rejected:,} left out."
        )
        for name, number in sorted(done.unread.items()):
            click.echo(f"  {number:,} times {name} could not be understood, and was left out; the leads were taken.")
        for line, problem in problems[:MAX_PRINTED_PROBLEMS]:
            click.echo(sanitize_text(f"  line {line}: left out, {problem}."))
        if done.rejected > MAX_PRINTED_PROBLEMS:
            click.echo(f"  and {done.rejected - MAX_PRINTED_PROBLEMS:,} more.")
        if beside:
            click.echo(sanitize_text(f"They are in {beside}, with the reasons: mend them there, and import that file."))
    if importing.write_error:
        click.echo(sanitize_text(f"kiosk: {importing.write_error}"), err=True)
    sys.exit(1 if done.rejected else 0)
