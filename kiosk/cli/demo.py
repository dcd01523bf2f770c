"""`kiosk demo`: the story in two minutes."""

import asyncio
import sys
from dataclasses import asdict

import click

from kiosk.cli.context import json_option, say_json
from kiosk.cli.table import print_table
from kiosk.demo.side import Side
from kiosk.demo.story import Plan, tell
from kiosk.demo.telling import columns, facts, lines, span
from kiosk.loadtest.own import own_kiosk
from kiosk.loadtest.run import CRMS
from kiosk.loadtest.target import NotThere

USUAL = Plan()


@click.command()
@click.option("--badges", type=click.IntRange(1, 10_000), default=USUAL.badges, show_default=True, help="Visitors.")
@click.option("--pace", type=click.FloatRange(0.01, 60), default=USUAL.pace, show_default=True,
              help="Seconds from visitor to visitor.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(0.1, 60), default=USUAL.patience, show_default=True,
              help="Seconds after which the old way gives up on a call.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(1, 3600), default=USUAL.seconds, show_default=True,
              help="After which it ends, however far they are.")  # fmt: skip
@json_option
def demo(badges: int, pace: float, patience: float, seconds: float, as_json: bool) -> None:
    """
    Show what it is for: the same visitors at a booth that waits for its CRM, and at this one, side by side.

    Both run here and now, against one practice CRM that takes 2 to 5 seconds a call, on a database that is thrown
    away. The old way is a loop that posts each badge to the CRM and waits. Ctrl-C ends it early.
    """
    plan = Plan(badges, pace, patience, seconds)
    try:
        old, new = told(plan, quiet=as_json)
    except NotThere as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        say_json([figures(old), figures(new)])
        return
    print_table(("", "THE OLD WAY", "THIS WAY"), rows(old, new))
    click.echo(f"The old way gives up on a call after {patience:g} s; the CRM may have the contact, or not.")


def told(plan: Plan, *, quiet: bool) -> tuple[Side, Side]:
    """
    Both sides as they stand at the end, shown meanwhile unless it is to be *quiet*.

    Raises:
        NotThere: a part of it does not start.
    """
    with own_kiosk(CRMS["slow"]) as own:
        if quiet:
            return asyncio.run(tell(plan, own, lambda old, new: None))
        click.echo(f"{plan.badges} visitors, one each {plan.pace:g} s. The CRM takes 2 to 5 s a call.")
        with columns() if sys.stdout.isatty() else lines() as show:
            return asyncio.run(tell(plan, own, show))


def rows(old: Side, new: Side) -> list[tuple[str, str, str]]:
    """The table at the end."""
    both = [(name, before, now) for (name, before), (_, now) in zip(facts(old), facts(new), strict=True)]
    return [*both, ("all visitors done after", done(old), done(new))]


def done(side: Side) -> str:
    """When the last visitor was done with, or that it did not come to that."""
    return "not in this time" if side.done_after is None else span(side.done_after)


def figures(side: Side) -> dict[str, object]:
    """One side for a script."""
    found = asdict(side)
    del found["started"]
    return {**found, "arrived": side.arrived, "in_line": side.in_line, "longest": side.longest}
