"""`kiosk demo`: the story in two minutes."""

import asyncio
import sys
from dataclasses import asdict

import click

from kiosk.cli.context import json_option, print_json
from kiosk.cli.table import print_table
from kiosk.demo.contenders import Contender
from kiosk.demo.render import format_wait, list_facts, show_live_columns, show_progress_lines
from kiosk.demo.story import StoryPlan, run_story
from kiosk.loadtest.load_run import CRM_FAULTS
from kiosk.loadtest.target import TargetUnavailable
from kiosk.loadtest.throwaway_kiosk import run_throwaway_kiosk

_DEFAULT_PLAN = StoryPlan()


@click.command()
@click.option(
    "--badges", type=click.IntRange(1, 10_000), default=_DEFAULT_PLAN.badges, show_default=True, help="Visitors."
)
@click.option("--pace", type=click.FloatRange(0.01, 60), default=_DEFAULT_PLAN.seconds_per_visitor, show_default=True,
              help="Seconds from visitor to visitor.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(0.1, 60), default=_DEFAULT_PLAN.timeout_seconds, show_default=True,
              help="Seconds after which the old way gives up on a call.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(1, 3600), default=_DEFAULT_PLAN.max_seconds, show_default=True,
              help="After which it ends, however far they are.")  # fmt: skip
@json_option
def demo(badges: int, pace: float, patience: float, seconds: float, as_json: bool) -> None:
    """
    Show what it is for: the same visitors at a booth that waits for its CRM, and at this one, side by side.

    Both run here and now, against one practice CRM that takes 2 to 5 seconds a call, on a database that is thrown
    away. The old way is a loop that posts each badge to the CRM and waits. Ctrl-C ends it early.
    """
    plan = StoryPlan(badges, pace, patience, seconds)
    try:
        old, new = show_story(plan, quiet=as_json)
    except TargetUnavailable as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json([build_side_json(old), build_side_json(new)])
        return
    print_table(("", "THE OLD WAY", "THIS WAY"), build_table_rows(old, new))
    click.echo(f"The old way gives up on a call after {patience:g} s; the CRM may have the contact, or not.")


def show_story(plan: StoryPlan, *, quiet: bool) -> tuple[Contender, Contender]:
    """
    Both sides as they stand at the end, shown meanwhile unless it is to be *quiet*.

    Raises:
        NotThere: a part of it does not start.
    """
    with run_throwaway_kiosk(CRM_FAULTS["slow"]) as own:
        if quiet:
            return asyncio.run(run_story(plan, own, lambda old, new: None))
        click.echo(f"{plan.badges} visitors, one each {plan.seconds_per_visitor:g} s. The CRM takes 2 to 5 s a call.")
        with show_live_columns() if sys.stdout.isatty() else show_progress_lines() as show:
            return asyncio.run(run_story(plan, own, show))


def build_table_rows(old: Contender, new: Contender) -> list[tuple[str, str, str]]:
    """The table at the end."""
    both = [(name, before, now) for (name, before), (_, now) in zip(list_facts(old), list_facts(new), strict=True)]
    return [*both, ("all visitors done after", describe_finish(old), describe_finish(new))]


def describe_finish(side: Contender) -> str:
    """When the last visitor was done with, or that it did not come to that."""
    return "not in this time" if side.done_after is None else format_wait(side.done_after)


def build_side_json(side: Contender) -> dict[str, object]:
    """One side for a script."""
    found = asdict(side)
    del found["started"]
    return {**found, "arrived": side.arrived, "in_line": side.in_line, "longest": side.longest}
