"""`kiosk history`: what the badges of one lead said, and who changed what in it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from data import history as events
from data import leads, scans
from data.badge_text import list_scan_details
from data.history import LeadEvent
from kiosk.cli.context import CLOCK, find_lead_id, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.status.badge_text import MAX_SCANS_SHOWN, describe_scans
from kiosk.status.wording import format_time, sanitize_text


@click.command()
@click.argument("lead")
@json_option
@click.pass_context
def history(context: click.Context, lead: str, as_json: bool) -> None:
    """
    Show what the badges of LEAD (an id or its beginning) said, and every change: when, who, the old and the new value.

    An old value is put back where leads are edited: in the lead's screen, or over the API.
    """
    settings = load_command_settings(context)
    db = open_command_database(settings)
    lead_id, now = find_lead_id(db, lead), CLOCK.wall_time()
    changes = events.list_events(db, lead_id)
    if as_json:
        print_json(
            {
                "scans": [asdict(scan) for scan in list_scan_details(db, lead_id)],
                "history": [asdict(event) for event in changes],
            }
        )
        return
    click.echo(sanitize_text(leads.get_lead(db, lead_id).label))
    for line in describe_scans(scans.list_scans(db, lead_id, MAX_SCANS_SHOWN), settings.badges, now):
        click.echo(sanitize_text(line))
    if not changes:
        click.echo("Nothing was changed.")
        return
    click.echo()
    header = ("WHEN", "WHO", "WHAT", "FIELD", "BEFORE", "AFTER")
    print_table(header, (line for event in changes for line in _format_event(event, now)))


def _format_event(event: LeadEvent, now: float) -> Iterator[tuple[str, ...]]:
    """A line for each field that *event* changed; one where it changed none."""
    said = (format_time(event.at, now), event.operator, event.verb)
    if not event.changes:
        yield (*said, "", "", event.reason)
    for field, (before, after) in event.changes.items():
        yield (*said, field, format_value(before), format_value(after))


def format_value(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case list():
            return ", ".join(map(str, value))
        case dict():
            return "; ".join(f"{name}: {part}" for name, part in value.items())
        case None:
            return ""
    return str(value)
