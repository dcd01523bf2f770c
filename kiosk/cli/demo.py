"""`kiosk demo`: compare a booth that waits for its CRM with this kiosk, in two minutes."""

import asyncio
import sys
from dataclasses import asdict

import click

from data.language import _, format_number, ngettext
from kiosk.cli.context import json_option, print_json
from kiosk.cli.table import print_table
from kiosk.demo.contenders import Contender
from kiosk.demo.render import format_wait, list_facts, show_live_columns, show_progress_lines
from kiosk.demo.story import StoryPlan, run_story
from kiosk.loadtest.load_run import CRM_FAULTS
from kiosk.loadtest.target import TargetUnavailable
from kiosk.loadtest.throwaway_kiosk import run_throwaway_kiosk

_DEFAULT_PLAN = StoryPlan()


@click.command(
    short_help=_("Compare with a booth that waits for its CRM."),
    help=_(
        "Show what the kiosk is for: the same visitors at a booth that waits for its CRM, and at this one, side by "
        "side.\n\n"
        "Both run live, against one practice CRM that takes 2 to 5 seconds per call, with a temporary database. The "
        "old way is a loop that posts each badge to the CRM and waits. Press Ctrl-C to end early."
    ),
)
@click.option(
    "--badges",
    type=click.IntRange(1, 10_000),
    default=_DEFAULT_PLAN.badges,
    show_default=True,
    help=_("Number of visitors."),
)
@click.option(
    "--pace",
    type=click.FloatRange(0.01, 60),
    default=_DEFAULT_PLAN.seconds_per_visitor,
    show_default=True,
    help=_("Seconds from one visitor to the next."),
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1, 60),
    default=_DEFAULT_PLAN.timeout_seconds,
    show_default=True,
    help=_("Seconds after which the old way gives up on a call."),
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=_DEFAULT_PLAN.max_seconds,
    show_default=True,
    help=_("Seconds after which the demonstration ends."),
)
@json_option
def demo(badges: int, pace: float, patience: float, seconds: float, as_json: bool) -> None:
    """Run the comparison, and print the figures."""
    plan = StoryPlan(badges, pace, patience, seconds)
    try:
        old, new = _show_story(plan, quiet=as_json)
    except TargetUnavailable as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json([_build_contender_json(old), _build_contender_json(new)])
        return
    print_table(("", _("THE OLD WAY"), _("THIS WAY")), _build_table_rows(old, new, seconds))
    sentence = _("The old way gives up on a call after {seconds} s; the CRM may or may not have the contact then.")
    click.echo(sentence.format(seconds=f"{patience:g}"))


def _show_story(plan: StoryPlan, *, quiet: bool) -> tuple[Contender, Contender]:
    """
    Run both booths, showing their progress unless *quiet*; return their final figures, the old way first.

    Raises:
        TargetUnavailable: a process that is needed does not start.
    """
    with run_throwaway_kiosk(CRM_FAULTS["slow"]) as kiosk:
        if quiet:
            return asyncio.run(run_story(plan, kiosk, lambda old, new: None))
        intro = ngettext(
            "{count} visitor. The CRM takes 2 to 5 s per call.",
            "{count} visitors, one every {seconds} s. The CRM takes 2 to 5 s per call.",
            plan.badges,
        )
        click.echo(intro.format(count=format_number(plan.badges), seconds=f"{plan.seconds_per_visitor:g}"))
        with show_live_columns() if sys.stdout.isatty() else show_progress_lines() as show:
            return asyncio.run(run_story(plan, kiosk, show))


def _build_table_rows(old: Contender, new: Contender, seconds: float) -> list[tuple[str, str, str]]:
    """Return the rows of the table at the end: a name, and the value for each booth."""
    both = [(name, before, now) for (name, before), (_name, now) in zip(list_facts(old), list_facts(new), strict=True)]
    finish = [_describe_finish(contender, seconds) for contender in (old, new)]
    return [*both, (_("all visitors served after"), finish[0], finish[1])]


def _describe_finish(contender: Contender, seconds: float) -> str:
    """Say when the last visitor had been served, or that it was not within the *seconds* of the demonstration."""
    if contender.done_after is None:
        return _("not within {seconds} s").format(seconds=f"{seconds:g}")
    return format_wait(contender.done_after)


def _build_contender_json(contender: Contender) -> dict[str, object]:
    """Return one booth's figures as a JSON object."""
    figures = asdict(contender)
    del figures["started"]  # a reading of the monotonic clock, which means nothing to a script
    return {**figures, "arrived": contender.arrived, "in_line": contender.in_line, "longest": contender.longest}
