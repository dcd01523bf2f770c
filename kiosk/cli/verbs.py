"""`kiosk retry`, `kiosk discard` and `kiosk restore`: what a person decides about a lead."""

import getpass
import sys

import click

from data import outbox, pending
from data.outbox import NEEDS_YOU, ONE_RECORD, WAITING
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, lead_named, say_json, settings_of, store_of, wake_worker
from kiosk.config.load import Settings
from kiosk.status.wording import leads_count, plain, still_there


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
    settings = settings_of(context)
    db = store_of(settings)
    if everything:
        names = pending.ids(db, states=(WAITING, NEEDS_YOU), cause=cause, reason=None, search="")
        if not cause:  # whoever sends all again has not said that two leads are one record
            shared = pending.ids(db, states=(NEEDS_YOU,), cause=ONE_RECORD, reason=None, search="")
            names = [name for name in names if name not in shared]
    else:
        names = named(db, leads)
    done = [name for name in names if outbox.retry(db, name, who(settings), CLOCK)]
    if done:
        wake_worker(settings)
    report("to be sent again", done, names, as_json)


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
    settings = settings_of(context)
    db = store_of(settings)
    names = named(db, leads)
    done = [name for name in names if outbox.discard(db, name, reason.strip(), who(settings), CLOCK)]
    reached = pending.reached(db, done)
    report("discarded", done, names, as_json, rest=still_there(reached))


@click.command()
@click.argument("leads", nargs=-1, required=True)
@json_option
@click.pass_context
def restore(context: click.Context, leads: tuple[str, ...], as_json: bool) -> None:
    """
    Undo a discard: the leads go to the CRM after all.

    LEADS are ids or their beginnings. Exit status: 1 when one of them was not discarded.
    """
    settings = settings_of(context)
    db = store_of(settings)
    names = named(db, leads)
    done = [name for name in names if outbox.restore(db, name, who(settings), CLOCK)]
    if done:
        wake_worker(settings)
    report("restored", done, names, as_json)


def named(db: Store, starts: tuple[str, ...]) -> list[str]:
    """The ids that *starts* are the beginnings of, each once."""
    return list(dict.fromkeys(lead_named(db, start) for start in starts))


def who(settings: Settings) -> str:
    """Who does this: the operator of kiosk.toml, else the user of this terminal."""
    if settings.event.operator:
        return settings.event.operator
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service without a name
        return "command line"


def report(what: str, done: list[str], names: list[str], as_json: bool, rest: str = "") -> None:
    """Say what was done, and the *rest* that is left to do; exit with 1 where some of it was not."""
    changed = set(done)
    left = [name for name in names if name not in changed]
    if as_json:
        say_json({"done": done, "left": left})
    else:
        click.echo(f"{leads_count(len(done))} {what}." + (f" {len(left)} left as they were." if left else ""))
        if rest:
            click.echo(plain(rest))
    sys.exit(1 if left else 0)
