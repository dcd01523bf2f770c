"""`kiosk pending`: where each lead is, and why."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import click

from data.contact import Contact
from data.lead import Lead
from data.listing import Listed, listed, lots
from data.outbox import NEEDS_YOU, STATES, WAITING
from data.pending import Entry
from kiosk.cli.context import CLOCK, json_option, say_json_list, settings_of, store_of
from kiosk.cli.options import named_states, search_option, state_option
from kiosk.cli.table import print_table, short_id
from kiosk.status.status import Standing, read_standing
from kiosk.status.wording import plain, span


@click.command()
@state_option
@click.option("--cause", default="", help="Only leads with this cause, such as 'rejected' or 'needs details'.")
@search_option
@click.option("--limit", type=click.IntRange(1), help="At most so many; without it: all.")
@json_option
@click.pass_context
def pending(
    context: click.Context, states: tuple[str, ...], cause: str, search: str, limit: int | None, as_json: bool
) -> None:
    """
    List the leads that are not in the CRM yet, with the reason and the next try.

    Those that need you come first, then the newest. --state lists others, and --search looks in all states.
    Exit status: 0 when there are none, 1 when there are.
    """
    settings = settings_of(context)
    db = store_of(settings)
    states = named_states(states, STATES if search else (WAITING, NEEDS_YOU))
    standing = read_standing(db, settings, CLOCK)
    watched = Watched(listed(db, states=states, cause=cause, search=search, limit=limit))
    reasons = Reasons(standing)
    if as_json:
        show_json(watched, reasons)
    else:
        show(watched, reasons)
    sys.exit(1 if watched.is_something_left else 0)


class Watched:
    """Leads as they go by, and whether one of them is not in the CRM yet."""

    def __init__(self, leads: Iterator[Listed]) -> None:
        self.leads = leads
        self.is_something_left = False

    def __iter__(self) -> Iterator[Listed]:
        """Each lead."""
        for lead in self.leads:
            self.is_something_left = self.is_something_left or lead.state in (WAITING, NEEDS_YOU)
            yield lead


MAX_REASONS = 1_000
"""Different ones that are remembered: most leads wait for the same reason."""


class Reasons:
    """Why leads are where they are, and when they are tried next: the same for all that stand alike."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.boot, self.mono = CLOCK.boot, CLOCK.mono()
        self.known: dict[tuple[object, ...], tuple[str, str]] = {}

    def of(self, lead: Listed) -> tuple[str, str]:
        """Why *lead* is where it is, and when it is tried next."""
        left = max(0.0, lead.due - self.mono) if lead.due_boot == self.boot else 0.0
        key = (lead.state, lead.cause, lead.reason, left, bool(lead.badge_id), lead.needs_details)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= MAX_REASONS:
                self.known.clear()
            entry = entry_of(lead, left)
            found = self.known[key] = self.standing.why(entry), self.standing.next_try(entry)
        return found


def entry_of(lead: Listed, seconds_left: float) -> Entry:
    """*lead* as the sentences want it."""
    contact = Contact(lead.name, lead.first_name, lead.last_name, lead.email, lead.phone)
    return Entry(
        lead=Lead(lead.id, lead.event, "", contact, lead.badge_id),
        state=lead.state,
        cause=lead.cause,
        reason=lead.reason,
        attempts=lead.attempts,
        seconds_left=seconds_left,
        delivered_revision=None,
        remote_id=lead.remote_id,
        delivered_at=None,
        changed_at=0.0,
        operator=lead.operator,
        scanned_at=lead.scanned_at,
    )


def show(leads: Iterable[Listed], reasons: Reasons) -> None:
    """Print the header and the list, as a person reads them."""
    standing = reasons.standing
    counts = standing.counts
    click.echo(f"{counts.waiting} waiting · {counts.needs_you} need you · {standing.last_success or standing.crm}")
    click.echo(plain(standing.sentence))
    source = iter(leads)
    if (first := next(source, None)) is not None:
        click.echo()
        print_table(
            ("ID", "WHO", "COMPANY", "SINCE", "STATE", "NEXT TRY", "BY", "WHY"),
            (line(lead, reasons) for lead in chain([first], source)),
        )


def line(lead: Listed, reasons: Reasons) -> tuple[str, ...]:
    """One lead as a line of the list."""
    why, next_try = reasons.of(lead)
    since = span(reasons.standing.now - lead.scanned_at)
    return (short_id(lead.id), lead.label, lead.company, since, lead.state, next_try, lead.operator, why)


def show_json(leads: Iterable[Listed], reasons: Reasons) -> None:
    """Print the standing and the list for a script."""
    standing = json.dumps(reasons.standing.as_json(), indent=2).replace("\n", "\n  ")
    click.echo(f'{{\n  "standing": {standing},\n  "leads": ', nl=False)
    say_json_list(([lead_json(lead, reasons) for lead in lot] for lot in lots(leads)), "  ")
    click.echo("}")


def lead_json(lead: Listed, reasons: Reasons) -> dict[str, Any]:
    """One lead for a script."""
    return {
        "lead_id": lead.id,
        "name": lead.display_name,
        "company": lead.company,
        "email": lead.email,
        "badge_id": lead.badge_id,
        "state": lead.state,
        "cause": lead.cause,
        "why": reasons.of(lead)[0],
        "attempts": lead.attempts,
        "scanned_at": lead.scanned_at,
        "operator": lead.operator,
        "remote_id": lead.remote_id,
        "badge_text": lead.badge_text,
    }
