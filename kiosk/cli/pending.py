"""`kiosk pending`: the leads that are not in the CRM yet, and why."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import click

from data.contact import Contact
from data.language import _, format_number, ngettext
from data.lead import Lead
from data.listing import ListedLead, chunk_leads, iterate_listed_leads
from data.outbox import NEEDS_YOU, STATES, WAITING
from data.pending import PendingEntry
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json_list
from kiosk.cli.options import check_cause, limit_option, resolve_states, search_option, state_option
from kiosk.cli.table import print_table, shorten_id
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import format_duration, sanitize_text


@click.command(
    short_help=_("List the leads that are not in the CRM yet, and why."),
    help=_(
        "List the leads that are not in the CRM yet, with the reason and the next try.\n\n"
        "Leads that need you come first, then the newest. --state lists other leads, and --search looks in all states. "
        "Exit status: 1 if a listed lead is waiting or needs you, otherwise 0."
    ),
)
@state_option
@click.option(
    "--cause",
    default="",
    help=_(
        "Only leads with this cause, such as 'rejected', 'needs details', 'one record' (shared with another lead) or "
        "'gone' (deleted in the CRM)."
    ),
)
@search_option
@limit_option
@json_option
@click.pass_context
def pending(
    context: click.Context, states: tuple[str, ...], cause: str, search: str, limit: int | None, as_json: bool
) -> None:
    """Print the leads as a table or as JSON."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    check_cause(db, cause)
    is_filtered = bool(states or cause or search)
    states = resolve_states(states, STATES if search else (WAITING, NEEDS_YOU))
    tracked = _UndeliveredTracker(iterate_listed_leads(db, states=states, cause=cause, search=search, limit=limit))
    reasons = _ReasonCache(read_kiosk_status(db, settings, CLOCK))
    if as_json:
        _print_pending_json(tracked, reasons)
    else:
        _print_pending(tracked, reasons, is_filtered=is_filtered)
    sys.exit(1 if tracked.has_undelivered else 0)


class _UndeliveredTracker:
    """Iterates over leads, and notes whether one of them is not in the CRM yet."""

    def __init__(self, leads: Iterator[ListedLead]) -> None:
        self.leads = leads
        self.has_undelivered = False

    def __iter__(self) -> Iterator[ListedLead]:
        """Yield each lead."""
        for lead in self.leads:
            self.has_undelivered = self.has_undelivered or lead.state in (WAITING, NEEDS_YOU)
            yield lead


# How many reasons are remembered; most leads wait for the same few.
_MAX_CACHED_REASONS = 1_000


class _ReasonCache:
    """The reason and the next try of leads, computed once for all leads in the same situation."""

    def __init__(self, status: KioskStatus) -> None:
        self.status = status
        self.boot, self.mono = CLOCK.boot_id, CLOCK.seconds_since_boot()
        self.cached: dict[tuple[object, ...], tuple[str, str]] = {}

    def explain_lead(self, lead: ListedLead) -> tuple[str, str]:
        """Return why *lead* is in its state, and when it is tried next."""
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
    """Return *lead* in the form that the sentences are made from."""
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


def _print_pending(leads: Iterable[ListedLead], reasons: _ReasonCache, *, is_filtered: bool) -> None:
    """Print a summary and the table; of a filtered list without leads, only that no lead matches."""
    status, source = reasons.status, iter(leads)
    first = next(source, None)
    if first is None and is_filtered:
        click.echo(_("No lead matches."))
        return
    waiting = ngettext("{count} waiting", "{count} waiting", status.counts.waiting)
    needs_you = ngettext("{count} needs you", "{count} need you", status.counts.needs_you)
    parts = (
        waiting.format(count=format_number(status.counts.waiting)),
        needs_you.format(count=format_number(status.counts.needs_you)),
        status.last_success_text or status.crm_summary,
    )
    click.echo(" · ".join(parts))
    click.echo(sanitize_text(status.sentence))
    if first is not None:
        click.echo()
        print_table(
            (_("ID"), _("NAME"), _("COMPANY"), _("AGE"), _("STATE"), _("NEXT TRY"), _("BY"), _("WHY")),
            (_format_row(lead, reasons) for lead in chain([first], source)),
        )


def _format_row(lead: ListedLead, reasons: _ReasonCache) -> tuple[str, ...]:
    """Return a lead as a row of the table."""
    reason, next_try = reasons.explain_lead(lead)
    age = format_duration(reasons.status.now - lead.scanned_at)
    return (shorten_id(lead.id), lead.label, lead.company, age, _(lead.state), next_try, lead.operator, reason)


def _print_pending_json(leads: Iterable[ListedLead], reasons: _ReasonCache) -> None:
    """Print the status and the list as JSON."""
    status = json.dumps(reasons.status.as_json(), indent=2).replace("\n", "\n  ")
    # Written by hand around the list, which may be too long to hold in memory. "standing" is the old name of "status",
    # for scripts that were written for the version before.
    click.echo(f'{{\n  "status": {status},\n  "standing": {status},\n  "leads": ', nl=False)
    print_json_list(([_build_lead_json(lead, reasons) for lead in chunk] for chunk in chunk_leads(leads)), "  ")
    click.echo("}")


def _build_lead_json(lead: ListedLead, reasons: _ReasonCache) -> dict[str, Any]:
    """Return a lead as a JSON object."""
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
