"""`kiosk history`: what the badges of one lead said, and who changed what in it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from data import history as events
from data import leads, scans
from data.badge_text import scans_of
from data.history import Event
from kiosk.cli.context import CLOCK, json_option, lead_named, say_json, settings_of, store_of
from kiosk.cli.table import print_table
from kiosk.status.badge_text import MAX_SCANS, describe_scans
from kiosk.status.wording import moment, plain


@click.command()
@click.argument("lead")
@json_option
@click.pass_context
def history(context: click.Context, lead: str, as_json: bool) -> None:
    """
    Show what the badges of LEAD (an id or its beginning) said, and every change: when, who, the old and the new value.

    An old value is put back where leads are edited: in the lead's screen, or over the API.
    """
    settings = settings_of(context)
    db = store_of(settings)
    lead_id, now = lead_named(db, lead), CLOCK.wall()
    changes = events.of_lead(db, lead_id)
    if as_json:
        say_json(
            {"scans": [asdict(scan) for scan in scans_of(db, lead_id)], "history": [asdict(event) for event in changes]}
        )
        return
    click.echo(plain(leads.get(db, lead_id).label))
    for line in describe_scans(scans.of_lead(db, lead_id, MAX_SCANS), settings.badges, now):
        click.echo(plain(line))
    if not changes:
        click.echo("Nothing was changed.")
        return
    click.echo()
    header = ("WHEN", "WHO", "WHAT", "FIELD", "BEFORE", "AFTER")
    print_table(header, (line for event in changes for line in lines_of(event, now)))


def lines_of(event: Event, now: float) -> Iterator[tuple[str, ...]]:
    """A line for each field that *event* changed; one where it changed none."""
    said = (moment(event.at, now), event.operator, event.verb)
    if not event.changes:
        yield (*said, "", "", event.reason)
    for field, (before, after) in event.changes.items():
        yield (*said, field, shown(before), shown(after))


def shown(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case list():
            return ", ".join(map(str, value))
        case dict():
            return "; ".join(f"{name}: {part}" for name, part in value.items())
        case None:
            return ""
    return str(value)
