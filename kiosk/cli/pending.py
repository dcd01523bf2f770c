"""`kiosk pending`: where each lead is, and why."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import click

from data.contact import Contact
from data.lead import Lead
from data.listing import ListedLead, chunk_leads, iterate_listed_leads
from data.outbox import NEEDS_YOU, STATES, WAITING
from data.pending import PendingEntry
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json_list
from kiosk.cli.options import resolve_states, search_option, state_option
from kiosk.cli.table import print_table, shorten_id
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import format_duration, sanitize_text


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
    settings = load_command_settings(context)
    db = open_command_database(settings)
    states = resolve_states(states, STATES if search else (WAITING, NEEDS_YOU))
    standing = read_kiosk_status(db, settings, CLOCK)
    watched = _UndeliveredTracker(iterate_listed_leads(db, states=states, cause=cause, search=search, limit=limit))
    reasons = _ReasonCache(standing)
    if as_json:
        _print_pending_json(watched, reasons)
    else:
        print_pending(watched, reasons)
    sys.exit(1 if watched.has_undelivered else 0)


class _UndeliveredTracker:
    """Leads as they go by, and whether one of them is not in the CRM yet."""

    def __init__(self, leads: Iterator[ListedLead]) -> None:
        self.leads = leads
        self.has_undelivered = False

    def __iter__(self) -> Iterator[ListedLead]:
        """Each lead."""
        for lead in self.leads:
            self.has_undelivered = self.has_undelivered or lead.state in (WAITING, NEEDS_YOU)
            yield lead


_MAX_CACHED_REASONS = 1_000
"""Different ones that are remembered: most leads wait for the same reason."""


class _ReasonCache:
    """Why leads are where they are, and when they are tried next: the same for all that stand alike."""

    def __init__(self, standing: KioskStatus) -> None:
        self.status = standing
        self.boot, self.mono = CLOCK.boot_id, CLOCK.seconds_since_boot()
        self.cached: dict[tuple[object, ...], tuple[str, str]] = {}

    def explain_lead(self, lead: ListedLead) -> tuple[str, str]:
        """Why *lead* is where it is, and when it is tried next."""
        left = max(0.0, lead.due - self.mono) if lead.due_boot == self.boot else 0.0
        key = (lead.state, lead.cause, lead.reason, left, bool(lead.badge_id), lead.needs_details)
        found = self.cached.get(key)
        if found is None:
            if len(self.cached) >= _MAX_CACHED_REASONS:
                self.cached.clear()
            entry = _build_entry(lead, left)
            found = self.cached[key] = self.status.explain_state(entry), self.status.describe_next_try(entry)
        return found


def _build_entry(lead: ListedLead, seconds_left: float) -> PendingEntry:
    """*lead* as the sentences want it."""
    contact = Contact(lead.name, lead.first_name, lead.last_name, lead.email, lead.phone)
    return PendingEntry(
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


def print_pending(leads: Iterable[ListedLead], reasons: _ReasonCache) -> None:
    """Print the header and the list, as a person reads them."""
    standing = reasons.status
    counts = standing.counts
    click.echo(
        f"{counts.waiting} waiting · {counts.needs_you} need you · {standing.last_success_text or standing.crm_summary}"
    )
    click.echo(sanitize_text(standing.sentence))
    source = iter(leads)
    if (first := next(source, None)) is not None:
        click.echo()
        print_table(
            ("ID", "WHO", "COMPANY", "SINCE", "STATE", "NEXT TRY", "BY", "WHY"),
            (format_row(lead, reasons) for lead in chain([first], source)),
        )


def format_row(lead: ListedLead, reasons: _ReasonCache) -> tuple[str, ...]:
    """One lead as a line of the list."""
    why, next_try = reasons.explain_lead(lead)
    since = format_duration(reasons.status.now - lead.scanned_at)
    return (shorten_id(lead.id), lead.label, lead.company, since, lead.state, next_try, lead.operator, why)


def _print_pending_json(leads: Iterable[ListedLead], reasons: _ReasonCache) -> None:
    """Print the standing and the list for a script."""
    standing = json.dumps(reasons.status.as_json(), indent=2).replace("\n", "\n  ")
    click.echo(f'{{\n  "standing": {standing},\n  "leads": ', nl=False)
    print_json_list(([_build_lead_json(lead, reasons) for lead in lot] for lot in chunk_leads(leads)), "  ")
    click.echo("}")


def _build_lead_json(lead: ListedLead, reasons: _ReasonCache) -> dict[str, Any]:
    """One lead for a script."""
    return {
        "lead_id": lead.id,
        "name": lead.display_name,
        "company": lead.company,
        "email": lead.email,
        "badge_id": lead.badge_id,
        "state": lead.state,
        "cause": lead.cause,
        "why": reasons.explain_lead(lead)[0],
        "attempts": lead.attempts,
        "scanned_at": lead.scanned_at,
        "operator": lead.operator,
        "remote_id": lead.remote_id,
        "badge_text": lead.badge_text,
    }
