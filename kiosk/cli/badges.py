"""`kiosk badges`: QR badges from a list."""

import re
import sys
from pathlib import Path

import click

from kiosk.badges import read_badge
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import to_stored_id
from kiosk.cli.context import json_option, load_command_settings, print_json
from kiosk.cli.list_input import list_options, report_read_errors
from kiosk.cli.options import check_overwriting, force_option
from kiosk.importing.attendees import AttendeeFile, AttendeeRow, ListOptions, SkippedRow, open_attendees
from kiosk.printing.badge import PrintableBadge, make_printable
from kiosk.printing.payloads import PAYLOAD_KINDS
from kiosk.status.wording import sanitize_text


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="Pictures, drawings, or one sheet to print and cut.",
)
@click.option(
    "--as", "kind", type=click.Choice(list(PAYLOAD_KINDS)), default="vcard", show_default=True, help="What they carry."
)
@list_options
@force_option
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
    """
    Make a QR badge for each person in FILE (.csv, .xlsx or .json), as files in DIR; pdf is one sheet to print and cut.

    Exit status: 1 when rows were left out.
    """
    profile = load_command_settings(context).badges
    with report_read_errors(file), open_attendees(file, opening, profile, needs_id=kind == "id") as found:
        made, problems = _make_badges(found, kind, profile)
    check_overwriting(_build_output_paths(made, folder, form), force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_badges(made, folder, form)
    except OSError as error:
        raise click.ClickException(sanitize_text(f"{folder} cannot be written ({error.strerror}).")) from None
    if as_json:
        left = [{"line": problem.line, "problem": problem.reason} for problem in problems]
        print_json({"badges": len(made), "folder": str(folder), "problems": left})
    else:
        click.echo(sanitize_text(f"{'1 badge' if len(made) == 1 else f'{len(made)} badges'} in {folder}."))
        for problem in problems:
            click.echo(f"  line {problem.line}: left out, {problem.reason}.", err=True)
    sys.exit(1 if problems else 0)


def _make_badges(
    found: AttendeeFile, kind: str, profile: BadgeProfile
) -> tuple[list[PrintableBadge], list[SkippedRow]]:
    """The badges of those who were *found*, and why some of them have none."""
    made, problems = [], []
    seen: dict[str, AttendeeRow] = {}
    for one in found.read_people():
        if isinstance(one, SkippedRow):
            problems.append(one)
            continue
        badge_id, contact = one.written_id, one.attendee.contact
        first = seen.setdefault(one.attendee.badge_id, one) if badge_id else one
        if first is not one:
            if first.attendee.contact != contact:
                problems.append(
                    SkippedRow(one.line, f"its ID is the one of line {first.line}, which says something else")
                )
            continue
        text = PAYLOAD_KINDS[kind](badge_id, contact)
        try:
            if kind == "id":
                _check_reads_as_id(text, profile)
            made.append(make_printable(text, badge_id, contact))
        except ValueError as error:
            problems.append(SkippedRow(one.line, str(error)))
    return made, problems


def _check_reads_as_id(text: str, profile: BadgeProfile) -> None:
    """Raise ValueError where the kiosk would not take *text* for an id once it is printed."""
    badge = read_badge(text.encode(), text, profile)
    if not isinstance(badge, Badge) or badge.badge_id != to_stored_id(text):
        raise ValueError(f"the kiosk would not take {text!r} for an id; id_pattern in [badges] says what is one")


def write_badges(made: list[PrintableBadge], folder: Path, form: str) -> None:
    """
    Write the badges into *folder*.

    Raises:
        OSError: one of them could not be written.
    """
    paths = _build_output_paths(made, folder, form)
    if form == "pdf":
        from kiosk.printing.sheet import write_sheet

        write_sheet(made, paths[0])
        return
    from kiosk.printing.codes import write_png, write_svg

    write_one = write_png if form == "png" else write_svg
    for badge, path in zip(made, paths, strict=True):
        write_one(badge.code, path)


def _build_output_paths(made: list[PrintableBadge], folder: Path, form: str) -> list[Path]:
    """The files that are made in *folder*: one for each badge, or the sheet."""
    if form == "pdf":
        return [folder / "badges.pdf"]
    names = [re.sub(r"[^A-Za-z0-9_-]", "_", badge.badge_id)[:40] for badge in made]
    return [folder / f"{number:04d}{'-' if name else ''}{name}.{form}" for number, name in enumerate(names, 1)]
