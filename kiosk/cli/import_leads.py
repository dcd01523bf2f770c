"""`kiosk import leads`: leads from elsewhere, such as another kiosk's export, through the same path as a scan."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

import click

from data.errors import StoreError
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of, wake_worker
from kiosk.cli.lists import SHOWN, TOLD, confirm, list_options, notes_on, reading, show_columns, show_progress
from kiosk.config.load import Settings
from kiosk.importing.attendees import SAMPLE_ROWS, Opening, sample_texts
from kiosk.importing.columns.column import Columns
from kiosk.importing.columns.mapping import map_columns
from kiosk.importing.columns.values import is_uuid
from kiosk.importing.columns.vocabulary import LEADS, WHO
from kiosk.importing.leads import Done, Saver, import_rows
from kiosk.importing.ratings import DEFAULT_WORDS
from kiosk.importing.rejects import RejectedRows
from kiosk.importing.row_parser import LeadRows, SecretError, one_line
from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import Row, Table, take_lot
from kiosk.importing.timestamps import stands_day_first
from kiosk.status.wording import plain


@dataclass(slots=True)
class LeadList:
    """A list of leads, as it was understood; most of it was not read yet."""

    table: Table
    columns: Columns
    first: list[Row]
    """The rows that were looked at."""

    @property
    def rows(self) -> Iterable[Row]:
        """All rows, once."""
        return chain(self.first, self.table.rows)


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
    opening: Opening,
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
    settings = settings_of(context)
    with ExitStack() as stack:
        with reading(file):
            table = open_table(file, opening.encoding, opening.sheet, opening.header_row)
            stack.callback(table.close)
            found = understood(table, opening.choices)
        notes = notes_on(found.columns, LEADS)
        if not as_json:
            show_columns(found.table.shown, found.columns)
            for note in notes:
                click.echo(plain(note))
            if not yes and sys.stdin is not None and sys.stdin.isatty():
                confirm("Import leads like that?")
        rejected = stack.enter_context(RejectedRows(file, found.table.header))
        importing = Importing(settings, found, rejected, day_first(found, dates))
        done = importing.run(hidden=as_json)
        report(found, done, importing, notes, as_json)


def understood(table: Table, choices: tuple[str, ...]) -> LeadList:
    """
    What the columns of *table* mean, with the first of its rows.

    Raises:
        ValueError: it is no list of leads, or a choice is wrong.
    """
    header = [one_line(name) for name in table.header]
    if not header:
        raise ValueError("It is empty: it needs a line with headers, and a line for each lead.")
    first = take_lot(table.rows, SAMPLE_ROWS)
    rows = sample_texts(first)
    columns = map_columns(header, rows, LEADS, choices, is_kiosks=is_kiosks_export(header, rows))
    if not WHO & set(columns.mapping.values()):
        there = ", ".join(map(repr, header))[:500]
        raise ValueError(f"No column says who a lead is; name one with --map 'HEADER=FIELD'. There is {there}.")
    return LeadList(table, columns, first)


def is_kiosks_export(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a kiosk wrote the list: its columns are called as our fields are, and leads have ids of ours."""
    at = header.index("lead_id") if "lead_id" in header else None
    return at is not None and any(is_uuid(row[at].strip()) for row in rows)


def day_first(found: LeadList, dates: str | None) -> bool | None:
    """Whether days stand before months in the list: as a person says, or as the first rows tell."""
    if dates is not None:
        return dates == "day-first"
    places = found.columns.places.get("scanned_at", ())
    return stands_day_first(row.cells[place] for row in found.first for place in places if place < len(row.cells))


@dataclass(slots=True)
class Importing:
    """One import: the rows that were left out are written as they come."""

    settings: Settings
    found: LeadList
    rejected: RejectedRows
    day_first: bool | None
    problems: list[tuple[int, str]] = field(default_factory=list)
    trouble: str = ""
    """Why the rows that were left out could not be written."""

    def run(self, *, hidden: bool) -> Done:
        """Save all rows; what came of them."""
        settings, found, table = self.settings, self.found, self.found.table
        reader = LeadRows(
            settings.event.name,
            settings.badges,
            found.columns.places,
            table.is_sheet,
            self.day_first,
            settings.crm.salesforce.ratings or DEFAULT_WORDS,
            found.columns.are_turned,
        )
        saver, done = Saver(store_of(settings, create=True), settings.event, CLOCK), Done()
        try:
            for _ in show_progress(table, import_rows(found.rows, reader, saver, done, self.reject), hidden):
                pass
        except StoreError as error:
            already = f" {done.rows:,} rows were taken in before that; the same command goes on after them."
            raise type(error)(f"{error}{already if done.rows else ''}") from error
        except KeyboardInterrupt:
            already = f"{done.rows:,} rows were taken in before that, and the same command goes on after them."
            raise click.ClickException(f"The import was broken off: {already}") from None
        if done.new + done.merged + done.updated:
            wake_worker(settings)
        self.keep(self.rejected.finish)
        return done

    def reject(self, row: Row, error: ValueError) -> None:
        """Write down a row that is no lead; a payload that is nobody's business is not among it."""
        reason = str(error)
        if len(self.problems) < TOLD:
            self.problems.append((row.line, reason))
        places = [at for name in ("payload", "badge_text") for at in self.found.columns.places.get(name, ())]
        hidden = places if isinstance(error, SecretError) else []
        self.keep(lambda: self.rejected.add(row, reason, hidden))

    def keep(self, write: Callable[[], object]) -> None:
        """Have *write* write, unless that failed before: the import goes on without that file."""
        if not self.trouble:
            try:
                write()
            except OSError as error:
                self.trouble = f"{self.rejected.path} could not be written ({error.strerror or error})."


def report(found: LeadList, done: Done, importing: Importing, notes: list[str], as_json: bool) -> None:
    """Say what was taken, and what was not and why; exit with 1 where rows were left out."""
    beside = str(importing.rejected.path) if done.rejected and not importing.trouble else None
    problems = importing.problems
    if as_json:
        told = [{"line": line, "problem": problem} for line, problem in problems]
        say_json(
            {
                "rows": done.rows,
                **asdict(done),
                "rejected_file": beside,
                "mapping": found.columns.mapping,
                "notes": notes,
                "problems": told,
            }
        )
    else:
        click.echo(
            f"{done.rows:,} rows: {done.new:,} new, {done.merged:,} of people who were here, {done.updated:,} with "
            f"something new, {done.known:,} known, {done.rejected:,} left out."
        )
        for name, number in sorted(done.unread.items()):
            click.echo(f"  {number:,} times {name} could not be understood, and was left out; the leads were taken.")
        for line, problem in problems[:SHOWN]:
            click.echo(plain(f"  line {line}: left out, {problem}."))
        if done.rejected > SHOWN:
            click.echo(f"  and {done.rejected - SHOWN:,} more.")
        if beside:
            click.echo(plain(f"They are in {beside}, with the reasons: mend them there, and import that file."))
    if importing.trouble:
        click.echo(plain(f"kiosk: {importing.trouble}"), err=True)
    sys.exit(1 if done.rejected else 0)
