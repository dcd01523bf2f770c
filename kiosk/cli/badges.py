"""`kiosk badges`: make QR badges from a list of people."""

import re
import sys
from pathlib import Path

import click

from data.language import _, format_number, ngettext
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.badges.stored_id import to_stored_id
from kiosk.cli.context import json_option, load_command_settings, print_json
from kiosk.cli.list_input import list_options, print_skipped_rows, report_read_errors
from kiosk.cli.options import check_overwriting
from kiosk.importing.attendees import AttendeeFile, AttendeeRow, ListOptions, SkippedRow, open_attendees
from kiosk.printing.badge import PrintableBadge, make_printable
from kiosk.printing.payloads import PAYLOAD_KINDS
from kiosk.status.wording import sanitize_text


@click.command(
    short_help=_("Make QR badges from a list of people."),
    help=_(
        "Make a QR badge in folder DIR for each person in FILE (.csv, .xlsx or .json).\n\n"
        "Exit status: 1 if rows were skipped."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help=_("One picture or drawing for each person, or one PDF sheet to print and cut."),
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(PAYLOAD_KINDS)),
    default="vcard",
    show_default=True,
    help=_("What the codes contain."),
)
@list_options
@click.option("--force", is_flag=True, help=_("Overwrite existing files."))
@json_option
@click.pass_context
def badges(
    context: click.Context,
    file: Path,
    folder: Path,
    form: str,
    kind: str,
    opening: ListOptions,
    force: bool,
    as_json: bool,
) -> None:
    """Read the list, make the badges, and report the rows that were skipped."""
    profile = load_command_settings(context).badges
    with report_read_errors(file), open_attendees(file, opening, profile, needs_id=kind == "id") as found:
        made, problems = _make_badges(found, kind, profile)
    check_overwriting(_build_output_paths(made, folder, form), force)
    try:
        if made:
            folder.mkdir(parents=True, exist_ok=True)
        _write_badges(made, folder, form)
    except OSError as error:
        message = _("Cannot write to {folder} ({error}).")
        raise click.ClickException(sanitize_text(message.format(folder=folder, error=error.strerror))) from None
    if as_json:
        skipped = [{"line": problem.line, "problem": problem.reason} for problem in problems]
        print_json({"badges": len(made), "folder": str(folder), "problems": skipped})
    else:
        click.echo(sanitize_text(_describe_made(len(made), folder / "badges.pdf" if form == "pdf" else folder)))
        print_skipped_rows([(problem.line, problem.reason) for problem in problems], len(problems), err=True)
    sys.exit(1 if problems else 0)


def _describe_made(count: int, place: Path) -> str:
    """Say how many badges were made, and in which file or folder they are."""
    if not count:
        return _("No badges were made.")
    sentence = ngettext("{count} badge in {place}.", "{count} badges in {place}.", count)
    return sentence.format(count=format_number(count), place=place)


def _make_badges(
    found: AttendeeFile, kind: str, profile: BadgeProfile
) -> tuple[list[PrintableBadge], list[SkippedRow]]:
    """Return the badges, and the rows for which none could be made."""
    made, problems = [], []
    seen: dict[str, AttendeeRow] = {}
    for row in found.read_people():
        if isinstance(row, SkippedRow):
            problems.append(row)
            continue
        badge_id, contact = row.written_id, row.attendee.contact
        first = seen.setdefault(row.attendee.badge_id, row) if badge_id else row
        if first is not row:
            if first.attendee.contact != contact:
                reason = _("it has the same ID as line {line}, but different details").format(line=first.line)
                problems.append(SkippedRow(row.line, reason))
            continue
        text = PAYLOAD_KINDS[kind](badge_id, contact)
        try:
            if kind == "id":
                _check_reads_as_id(text, profile)
            made.append(make_printable(text, badge_id, contact))
        except ValueError as error:
            problems.append(SkippedRow(row.line, str(error)))
    return made, problems


def _check_reads_as_id(text: str, profile: BadgeProfile) -> None:
    """Raise ValueError if the kiosk would not recognise *text* as an ID when it scans it."""
    badge = read_badge(text.encode(), text, profile)
    if not isinstance(badge, Badge) or badge.badge_id != to_stored_id(text):
        message = _("the kiosk would not recognise {text!r} as an ID; set id_pattern in [badges]")
        raise ValueError(message.format(text=text))


def _write_badges(made: list[PrintableBadge], folder: Path, form: str) -> None:
    """
    Write the badges to *folder*.

    Raises:
        OSError: a file could not be written.
    """
    paths = _build_output_paths(made, folder, form)
    if not made:
        return
    if form == "pdf":
        from kiosk.printing.sheet import write_sheet

        write_sheet(made, paths[0])
        return
    from kiosk.printing.codes import write_png, write_svg

    write_one = write_png if form == "png" else write_svg
    for badge, path in zip(made, paths, strict=True):
        write_one(badge.code, path)


def _build_output_paths(made: list[PrintableBadge], folder: Path, form: str) -> list[Path]:
    """Return the paths of the files to write in *folder*: one for each badge, or the sheet."""
    if form == "pdf":
        return [folder / "badges.pdf"] if made else []
    names = [re.sub(r"[^A-Za-z0-9_-]", "_", badge.badge_id)[:40] for badge in made]
    return [folder / f"{number:04d}{'-' if name else ''}{name}.{form}" for number, name in enumerate(names, 1)]
