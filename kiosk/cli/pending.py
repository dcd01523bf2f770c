"""`kiosk pending`: where each lead is, and why."""

import sys
from typing import Any

import click

from data.outbox import NEEDS_YOU, STATES, WAITING
from data.pending import Entry, entries
from kiosk.cli.context import CLOCK, EVERY, json_option, say_json, settings_of, store_of
from kiosk.cli.table import print_table
from kiosk.standing import Standing, read_standing
from kiosk.words import plain, span

WHICH = {"waiting": (WAITING,), "needs-you": (NEEDS_YOU,), "delivered": ("delivered",), "discarded": ("discarded",)}


@click.command()
@click.option("--state", type=click.Choice([*WHICH, "all"]), help="Only these; without it: waiting and needs you.")
@click.option("--cause", default="", help="Only leads with this cause, such as 'rejected' or 'needs details'.")
@click.option("--search", default="", help="Only leads whose name, e-mail, company or badge id holds this.")
@click.option("--limit", default=EVERY, type=click.IntRange(1), help="At most so many; without it: all.")
@json_option
@click.pass_context
def pending(context: click.Context, state: str | None, cause: str, search: str, limit: int, as_json: bool) -> None:
    """
    List the leads that are not in the CRM yet, with the reason and the next try.

    Exit status: 0 when there are none, 1 when there are.
    """
    settings = settings_of(context)
    db = store_of(settings)
    states = STATES if state == "all" else WHICH[state] if state else (WAITING, NEEDS_YOU)
    standing = read_standing(db, settings, CLOCK)
    found = entries(db, CLOCK, states=states, cause=cause, search=search, limit=limit)
    if as_json:
        say_json({"standing": standing.as_json(), "leads": [entry_json(entry, standing) for entry in found]})
    else:
        show(found, standing)
    sys.exit(1 if any(entry.state in (WAITING, NEEDS_YOU) for entry in found) else 0)


def show(found: list[Entry], standing: Standing) -> None:
    """Print the header and the list, as a person reads them."""
    counts = standing.counts
    click.echo(f"{counts.waiting} waiting · {counts.needs_you} need you · {standing.last_success or standing.crm}")
    click.echo(plain(standing.sentence))
    if found:
        click.echo()
        print_table(
            ("ID", "WHO", "COMPANY", "SINCE", "STATE", "NEXT TRY", "BY", "WHY"),
            [line(entry, standing) for entry in found],
        )


def line(entry: Entry, standing: Standing) -> tuple[str, ...]:
    """One lead as a line of the list."""
    return (
        entry.lead.id,
        entry.label,
        entry.lead.contact.company,
        span(standing.now - entry.scanned_at),
        entry.state,
        standing.next_try(entry),
        entry.operator,
        standing.why(entry),
    )


def entry_json(entry: Entry, standing: Standing) -> dict[str, Any]:
    """One lead for a script."""
    return {
        "id": entry.lead.id,
        "name": entry.lead.contact.display_name,
        "company": entry.lead.contact.company,
        "email": entry.lead.contact.email,
        "badge_id": entry.lead.badge_id,
        "state": entry.state,
        "cause": entry.cause,
        "why": standing.why(entry),
        "attempts": entry.attempts,
        "scanned_at": entry.scanned_at,
        "operator": entry.operator,
        "remote_id": entry.remote_id,
    }
