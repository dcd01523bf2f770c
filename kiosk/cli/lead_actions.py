"""`kiosk retry`, `kiosk discard` and `kiosk restore`: decisions of a person about leads."""

import getpass
import sys

import click

from data import outbox, pending
from data.language import _, format_number, ngettext
from data.outbox import NEEDS_YOU, SHARED_RECORD, WAITING
from data.store import Store
from kiosk.cli.context import (
    CLOCK,
    find_lead_id,
    json_option,
    load_command_settings,
    open_command_database,
    print_json,
    wake_worker,
)
from kiosk.cli.options import check_cause
from kiosk.config.load import Settings
from kiosk.status.lead_changes import (
    LeadChange,
    describe_change,
    describe_incomplete_restored,
    explain_unchanged,
)
from kiosk.status.wording import describe_crm_leftovers, sanitize_text

_MAX_NAMED_LEADS = 20
"""Unchanged leads that are listed with the reason; further ones are only counted."""


@click.command(
    short_help=_("Send leads again now."),
    help=_(
        "Send leads again now. LEADS are lead IDs or unique prefixes.\n\n"
        "If the CRM matched a lead with another lead's record, retrying it accepts that: name such a lead, or use "
        "--all --cause 'one record'. --all alone leaves those out.\n\n"
        "Exit status: 1 if a lead had nothing to send."
    ),
)
@click.argument("leads", nargs=-1)
@click.option("--all", "everything", is_flag=True, help=_("All leads that are waiting or need you."))
@click.option("--cause", default="", help=_("With --all: only leads with this cause."))
@json_option
@click.pass_context
def retry(context: click.Context, leads: tuple[str, ...], everything: bool, cause: str, as_json: bool) -> None:
    """Make leads due now, and wake the worker."""
    if cause and not everything:
        raise click.UsageError(_("--cause needs --all."))
    if leads and everything:
        raise click.UsageError(_("Name leads or use --all, not both."))
    if not leads and not everything:
        raise click.UsageError(_("Name the leads, or use --all."))
    settings = load_command_settings(context)
    db = open_command_database(settings)
    check_cause(db, cause)
    if everything:
        ids = pending.list_ids(db, states=(WAITING, NEEDS_YOU), cause=cause, reason=None, search="")
        if not cause:  # sending everything again is no decision that two leads are the same person
            shared = pending.list_ids(db, states=(NEEDS_YOU,), cause=SHARED_RECORD, reason=None, search="")
            ids = [lead_id for lead_id in ids if lead_id not in shared]
    else:
        ids = _find_lead_ids(db, leads)
    operator = get_operator_name(settings)
    done = [lead_id for lead_id in ids if outbox.retry_lead(db, lead_id, operator, CLOCK)]
    if done:
        wake_worker(settings)
    _report_action(db, "retry", done, ids, as_json)


@click.command(
    short_help=_("Keep leads out of the CRM, with a reason."),
    help=_(
        "Keep leads out of the CRM, with a reason. Nothing is deleted, and `kiosk restore` undoes it.\n\n"
        "LEADS are lead IDs or unique prefixes. Exit status: 1 if a lead was already discarded."
    ),
)
@click.argument("leads", nargs=-1, required=True)
@click.option("--reason", required=True, help=_("The reason; it is stored with the lead."))
@json_option
@click.pass_context
def discard(context: click.Context, leads: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Discard leads."""
    if not reason.strip():
        raise click.UsageError(_("Please give a reason with --reason."))
    settings = load_command_settings(context)
    db = open_command_database(settings)
    ids = _find_lead_ids(db, leads)
    operator = get_operator_name(settings)
    done = [lead_id for lead_id in ids if outbox.discard_lead(db, lead_id, reason.strip(), operator, CLOCK)]
    leftovers = describe_crm_leftovers(pending.find_crm_presence(db, done))
    _report_action(db, "discard", done, ids, as_json, leftovers=leftovers)


@click.command(
    short_help=_("Undo a discard."),
    help=_(
        "Undo a discard: the leads are sent to the CRM after all.\n\n"
        "LEADS are lead IDs or unique prefixes. Exit status: 1 if a lead was not discarded."
    ),
)
@click.argument("leads", nargs=-1, required=True)
@json_option
@click.pass_context
def restore(context: click.Context, leads: tuple[str, ...], as_json: bool) -> None:
    """Restore discarded leads, and wake the worker."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    ids = _find_lead_ids(db, leads)
    operator = get_operator_name(settings)
    done = [lead_id for lead_id in ids if outbox.restore_lead(db, lead_id, operator, CLOCK)]
    if done:
        wake_worker(settings)
    incomplete = describe_incomplete_restored(len(done), pending.count_incomplete(db, done))
    _report_action(db, "restore", done, ids, as_json, incomplete=incomplete)


def _find_lead_ids(db: Store, prefixes: tuple[str, ...]) -> list[str]:
    """Return the lead IDs that start with *prefixes*, without duplicates."""
    return list(dict.fromkeys(find_lead_id(db, prefix) for prefix in prefixes))


def get_operator_name(settings: Settings) -> str:
    """Return who acts: the operator in kiosk.toml, else the user of this terminal."""
    if settings.event.operator:
        return settings.event.operator
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service whose user has no name
        return "command line"  # not shown as a sentence: it is stored as the operator


def _report_action(
    db: Store,
    change: LeadChange,
    done: list[str],
    ids: list[str],
    as_json: bool,
    *,
    incomplete: str = "",
    leftovers: str = "",
) -> None:
    """
    Say how many leads were changed, those in *done*, and why the others of *ids* were not.

    *incomplete* says which of them still need details, and *leftovers* what remains to be done in the CRM. Exit with
    status 1 if a lead was not changed.
    """
    changed = set(done)
    left = [lead_id for lead_id in ids if lead_id not in changed]
    if as_json:
        print_json({"done": done, "left": left})
        sys.exit(1 if left else 0)
    if not ids:
        click.echo(_("There is nothing to retry."))
    elif done:
        click.echo(f"{describe_change(change, len(done))} {incomplete}".rstrip())
    for lead_id in left[:_MAX_NAMED_LEADS]:
        entry = pending.get_entry(db, CLOCK, lead_id)
        click.echo(sanitize_text(explain_unchanged(change, entry, _("use `kiosk restore`."))))
    if (more := len(left) - _MAX_NAMED_LEADS) > 0:
        click.echo(ngettext("and {count} more", "and {count} more", more).format(count=format_number(more)))
    if leftovers:
        click.echo(sanitize_text(leftovers))
    sys.exit(1 if left else 0)
