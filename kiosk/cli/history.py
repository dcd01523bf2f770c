"""`kiosk history`: what the badges of one lead said, and who changed what."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from data import history as events
from data import leads, scans
from data.badge_text import list_scan_details
from data.history import LeadEvent
from data.language import N_, _
from kiosk.cli.context import CLOCK, find_lead_id, json_option, load_command_settings, open_command_database, print_json
from kiosk.cli.table import print_table
from kiosk.status.badge_text import MAX_SCANS_SHOWN, describe_scans
from kiosk.status.wording import format_time, sanitize_text

# What staff read for the stored verbs of a lead's history.
_VERB_WORDS = {
    events.EDIT: N_("edit"),
    events.CORRECTION: N_("correction"),
    events.MERGE: N_("merge"),
    events.IMPORT: N_("import"),
    events.ATTENDEE_LIST: N_("attendee list"),
    events.REPAIR: N_("repair"),
    events.NOT_TAKEN: N_("not taken"),
    "retry": N_("retry"),
    "discard": N_("discard"),
    "restore": N_("restore"),
}


@click.command(
    short_help=_("Show what a lead's badges said, and every change."),
    help=_(
        "Show what the badges of LEAD said, and every change: when, by whom, the old and the new value.\n\n"
        "LEAD is a lead ID or a unique prefix of one. To bring back an old value, edit the lead on its screen or over "
        "the API."
    ),
)
@click.argument("lead")
@json_option
@click.pass_context
def history(context: click.Context, lead: str, as_json: bool) -> None:
    """Print the scans and the changes of one lead."""
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
        click.echo(_("No changes."))
        return
    click.echo()
    header = (_("WHEN"), _("WHO"), _("ACTION"), _("FIELD"), _("BEFORE"), _("AFTER"))
    print_table(header, (row for event in changes for row in _format_event(event, now)))


def _format_event(event: LeadEvent, now: float) -> Iterator[tuple[str, ...]]:
    """Yield a row for each field that *event* changed, or a single row if it changed none."""
    start = (format_time(event.at, now), event.operator, _(_VERB_WORDS.get(event.verb, event.verb)))
    if not event.changes:
        yield (*start, "", "", event.reason)
    for field, (before, after) in event.changes.items():
        yield (*start, field, _format_value(before), _format_value(after))


def _format_value(value: Any) -> str:
    """Return a field's value as text."""
    match value:
        case list():
            return ", ".join(map(str, value))
        case dict():
            return "; ".join(f"{name}: {part}" for name, part in value.items())
        case None:
            return ""
    return str(value)
