"""`kiosk import leads`: import leads, such as another kiosk's export, in the same way as scans."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

import click

from data.errors import StoreError
from data.language import _, format_number, ngettext
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json, wake_worker
from kiosk.cli.error_exit import print_error
from kiosk.cli.list_input import (
    MAX_JSON_PROBLEMS,
    confirm_import,
    find_column_notes,
    list_options,
    print_skipped_rows,
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
class _LeadTable:
    """A list of leads whose columns are mapped to fields, and of which only the first rows have been read."""

    table: Table
    columns: Columns
    sample_rows: list[TableRow]
    """The rows that the mapping was guessed from."""

    @property
    def rows(self) -> Iterable[TableRow]:
        """All rows; they can be iterated over once."""
        return chain(self.sample_rows, self.table.rows)


@click.command(
    short_help=_("Import leads, such as another kiosk's export."),
    help=_(
        "Import the leads in FILE (.csv, .xlsx or .json), such as another kiosk's export.\n\n"
        "They are saved like scans, and sent to the CRM. Importing a list again, or part of it, changes nothing; an "
        "interrupted import continues where it stopped. Rows that cannot be imported are written to FILE.rejected.csv "
        "with the reason: correct them there and import that file. Exit status: 1 if rows were skipped."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@list_options
@click.option(
    "--dates",
    type=click.Choice(["day-first", "month-first"]),
    help=_("How to read 05/06/2026, if FILE does not show which is meant."),
)
@click.option("--yes", is_flag=True, help=_("Do not ask for confirmation."))
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
    """Preview the list, ask for confirmation, import it, and report."""
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
                confirm_import(_("Import these leads?"))
        rejected = stack.enter_context(RejectFile(file, found.table.header))
        importing = _LeadImportRun(settings, found, rejected, _choose_day_first(found, dates))
        counts = importing.run(hidden=as_json)
        _report_lead_import(found, counts, importing, notes, as_json)


def map_lead_table(table: Table, choices: tuple[str, ...]) -> _LeadTable:
    """
    Map the columns of *table* to fields, by *choices* (`HEADER=FIELD`) and otherwise by guessing from the first rows.

    Raises:
        ValueError: the table is not a list of leads, or a choice is wrong.
    """
    header = [collapse_line(name) for name in table.header]
    if not header:
        raise ValueError(_("this file is empty. It needs a header row and a row for each lead."))
    first = take_batch(table.rows, SAMPLE_ROWS)
    rows = list_sample_texts(first)
    columns = map_columns(header, rows, LEAD_HEADINGS, choices, is_kiosk_export=_is_kiosk_export(header, rows))
    if not IDENTIFYING_FIELDS & set(columns.mapping.values()):
        headers = ", ".join(map(repr, header))[:500]
        message = _("no column identifies a person. Choose one with --map 'HEADER=FIELD'. Columns: {headers}.")
        raise ValueError(message.format(headers=headers))
    return _LeadTable(table, columns, first)


def _is_kiosk_export(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a kiosk wrote the list: there is a column lead_id, and it contains UUIDs."""
    at = header.index("lead_id") if "lead_id" in header else None
    return at is not None and any(is_uuid(row[at].strip()) for row in rows)


def _choose_day_first(found: _LeadTable, dates: str | None) -> bool | None:
    """Return whether days precede months: by the option *dates*, else by the first rows; None if they leave it open."""
    if dates is not None:
        return dates == "day-first"
    indexes = found.columns.field_indexes.get("scanned_at", ())
    return detect_day_first(row.cells[at] for row in found.sample_rows for at in indexes if at < len(row.cells))


@dataclass(slots=True)
class _LeadImportRun:
    """One import; rejected rows are written to their file as they are found."""

    settings: Settings
    source: _LeadTable
    rejected_rows: RejectFile
    day_first: bool | None
    problems: list[tuple[int, str]] = field(default_factory=list)
    write_error: str = ""
    """Why the file of rejected rows could not be written; empty while there was no error."""

    def run(self, *, hidden: bool) -> ImportCounts:
        """
        Save all rows, and return how many had which result.

        Raises:
            StoreError: the database failed.
            click.ClickException: Ctrl-C was pressed.
        """
        settings, found, table = self.settings, self.source, self.source.table
        parser = LeadRowParser(
            settings.event.name,
            settings.badges,
            found.columns.field_indexes,
            table.is_sheet,
            self.day_first,
            settings.crm.salesforce.ratings or DEFAULT_RATING_WORDS,
            found.columns.are_names_reversed,
        )
        counts = ImportCounts()
        saver = LeadRowSaver(open_command_database(settings, create=True), settings.event, CLOCK)
        try:
            for _row in show_progress(table, import_rows(found.rows, parser, saver, counts, self._reject_row), hidden):
                pass
        except StoreError as error:
            if not counts.total_rows:
                raise
            raise type(error)(f"{error} {_describe_progress(counts)}") from error
        except KeyboardInterrupt:
            interrupted = _("The import was interrupted.")
            raise click.ClickException(f"{interrupted} {_describe_progress(counts)}") from None
        if counts.new + counts.merged + counts.updated:
            wake_worker(settings)
        self._try_write(self.rejected_rows.move_into_place)
        return counts

    def _reject_row(self, row: TableRow, error: ValueError) -> None:
        """Write a row that cannot be imported to the file of rejected rows; a secret payload is left out of it."""
        reason = str(error)
        if len(self.problems) < MAX_JSON_PROBLEMS:
            self.problems.append((row.line, reason))
        fields = self.source.columns.field_indexes
        payload_columns = [at for name in ("payload", "badge_text") for at in fields.get(name, ())]
        hidden = payload_columns if isinstance(error, SecretPayloadError) else []
        self._try_write(lambda: self.rejected_rows.add_row(row, reason, hidden))

    def _try_write(self, write: Callable[[], object]) -> None:
        """Call *write* unless it failed before: an import does not fail because its rejected rows cannot be written."""
        if not self.write_error:
            try:
                write()
            except OSError as error:
                message = _("Cannot write {file} ({error}).")
                self.write_error = message.format(file=self.rejected_rows.path, error=error.strerror or error)


def _describe_progress(counts: ImportCounts) -> str:
    """Say how many rows an import that stopped early has processed, and how to continue."""
    sentence = ngettext(
        "{count} row was processed before that ({saved} saved, {rejected} skipped); run the same command again to "
        "continue.",
        "{count} rows were processed before that ({saved} saved, {rejected} skipped); run the same command again to "
        "continue.",
        counts.total_rows,
    )
    return sentence.format(
        count=format_number(counts.total_rows),
        saved=format_number(counts.saved_rows),
        rejected=format_number(counts.rejected),
    )


def _report_lead_import(
    found: _LeadTable, counts: ImportCounts, importing: _LeadImportRun, notes: list[str], as_json: bool
) -> None:
    """Print the result; exit with status 1 if rows were skipped."""
    rejected_file = str(importing.rejected_rows.path) if counts.rejected and not importing.write_error else None
    if as_json:
        print_json(
            {
                "rows": counts.total_rows,
                **asdict(counts),
                "rejected_file": rejected_file,
                "mapping": found.columns.mapping,
                "notes": notes,
                "problems": [{"line": line, "problem": reason} for line, reason in importing.problems],
            }
        )
    else:
        _print_counts(counts)
        print_skipped_rows(importing.problems, counts.rejected)
        if rejected_file:
            message = _("The skipped rows are in {file}, with the reasons: correct them there and import that file.")
            click.echo(sanitize_text(message.format(file=rejected_file)))
    if importing.write_error:
        print_error(importing.write_error)
    sys.exit(1 if counts.rejected else 0)


def _print_counts(counts: ImportCounts) -> None:
    """Print how many rows had which result, and how many values were ignored."""
    sentence = ngettext(
        "{total} row: {new} new, {merged} merged into existing leads, {updated} updated, {known} unchanged, "
        "{rejected} skipped.",
        "{total} rows: {new} new, {merged} merged into existing leads, {updated} updated, {known} unchanged, "
        "{rejected} skipped.",
        counts.total_rows,
    )
    numbers = {name: getattr(counts, name) for name in ("new", "merged", "updated", "known", "rejected")}
    numbers["total"] = counts.total_rows
    click.echo(sentence.format(**{name: format_number(number) for name, number in numbers.items()}))
    for name, number in sorted(counts.unread.items()):
        ignored = ngettext(
            "{count} value of {field} could not be understood and was ignored; the rest of its row was used.",
            "{count} values of {field} could not be understood and were ignored; the rest of their rows was used.",
            number,
        )
        click.echo("  " + ignored.format(count=format_number(number), field=name))
