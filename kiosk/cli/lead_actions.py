"""`kiosk retry`, `kiosk discard` and `kiosk restore`: what a person decides about a lead."""

import getpass
import sys

import click

from data import outbox, pending
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
from kiosk.config.load import Settings
from kiosk.status.wording import describe_crm_leftovers, format_lead_count, sanitize_text


@click.command()
@click.argument("leads", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that wait or need you.")
@click.option("--cause", default="", help="With --all: only leads with this cause.")
@json_option
@click.pass_context
def retry(context: click.Context, leads: tuple[str, ...], everything: bool, cause: str, as_json: bool) -> None:
    """
    Send leads again, now; LEADS are ids or their beginnings.

    A lead that the CRM keeps as another lead's record is then kept so: name it, or say --cause "one record"; --all
    alone leaves it out.

    Exit status: 1 when one of them had nothing to send.
    """
    if bool(leads) == everything:
        raise click.UsageError("Name the leads, or say --all.")
    if cause and not everything:
        raise click.UsageError("--cause belongs to --all.")
    settings = load_command_settings(context)
    db = open_command_database(settings)
    if everything:
        names = pending.list_ids(db, states=(WAITING, NEEDS_YOU), cause=cause, reason=None, search="")
        if not cause:  # whoever sends all again has not said that two leads are one record
            shared = pending.list_ids(db, states=(NEEDS_YOU,), cause=SHARED_RECORD, reason=None, search="")
            names = [name for name in names if name not in shared]
    else:
        names = find_lead_ids(db, leads)
    done = [name for name in names if outbox.retry_lead(db, name, get_operator_name(settings), CLOCK)]
    if done:
        wake_worker(settings)
    _report_action("to be sent again", done, names, as_json)


@click.command()
@click.argument("leads", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is kept with the lead.")
@json_option
@click.pass_context
def discard(context: click.Context, leads: tuple[str, ...], reason: str, as_json: bool) -> None:
    """
    Keep leads from the CRM, for a reason; `kiosk restore` undoes it. Nothing is deleted.

    LEADS are ids or their beginnings. Exit status: 1 when one of them was discarded already.
    """
    if not reason.strip():
        raise click.UsageError("Say why with --reason.")
    settings = load_command_settings(context)
    db = open_command_database(settings)
    names = find_lead_ids(db, leads)
    done = [name for name in names if outbox.discard_lead(db, name, reason.strip(), get_operator_name(settings), CLOCK)]
    reached = pending.find_crm_presence(db, done)
    _report_action("discarded", done, names, as_json, rest=describe_crm_leftovers(reached))


@click.command()
@click.argument("leads", nargs=-1, required=True)
@json_option
@click.pass_context
def restore(context: click.Context, leads: tuple[str, ...], as_json: bool) -> None:
    """
    Undo a discard: the leads go to the CRM after all.

    LEADS are ids or their beginnings. Exit status: 1 when one of them was not discarded.
    """
    settings = load_command_settings(context)
    db = open_command_database(settings)
    names = find_lead_ids(db, leads)
    done = [name for name in names if outbox.restore_lead(db, name, get_operator_name(settings), CLOCK)]
    if done:
        wake_worker(settings)
    _report_action("restored", done, names, as_json)


def find_lead_ids(db: Store, starts: tuple[str, ...]) -> list[str]:
    """The ids that *starts* are the beginnings of, each once."""
    return list(dict.fromkeys(find_lead_id(db, start) for start in starts))


def get_operator_name(settings: Settings) -> str:
    """Who does this: the operator of kiosk.toml, else the user of this terminal."""
    if settings.event.operator:
        return settings.event.operator
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service without a name
        return "command line"


def _report_action(what: str, done: list[str], names: list[str], as_json: bool, rest: str = "") -> None:
    """Say what was done, and the *rest* that is left to do; exit with 1 where some of it was not."""
    changed = set(done)
    left = [name for name in names if name not in changed]
    if as_json:
        print_json({"done": done, "left": left})
    else:
        click.echo(f"{format_lead_count(len(done))} {what}." + (f" {len(left)} left as they were." if left else ""))
        if rest:
            click.echo(sanitize_text(rest))
    sys.exit(1 if left else 0)
