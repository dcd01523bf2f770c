"""`kiosk loadtest`: how the booth's API performs when many people post at once."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from data.language import _, format_number, ngettext
from kiosk.cli.context import json_option, print_json
from kiosk.cli.options import check_overwriting, force_option
from kiosk.cli.table import print_table
from kiosk.loadtest.chart import draw_chart
from kiosk.loadtest.load_run import CRM_FAULTS, LoadPlan, LoadResult, result_to_json, run_load
from kiosk.loadtest.table import TABLE_HEADER, format_row, list_remarks
from kiosk.loadtest.target import RunningKiosk, TargetUnavailable, WrongTarget
from kiosk.loadtest.throwaway_kiosk import run_throwaway_kiosk

_DEFAULT_PEOPLE = (20, 100)


@click.command(
    short_help=_("Measure how long people wait when many post at once."),
    help=_(
        "Let many people post leads at the same moment, and report how long each waited and what happened to the "
        "leads.\n\n"
        "The test starts its own kiosk (server, worker and practice CRM) with a temporary database; $TMPDIR chooses "
        "the disk. Exit status: 0 if every lead was saved exactly once, else 1."
    ),
)
@click.option(
    "--people",
    multiple=True,
    type=click.IntRange(1, 2000),
    help=_("People posting at once; repeat it for more runs.  [default: 20, 100]"),
)
@click.option("--posts", type=click.IntRange(1, 100_000), help=_("Posts per person.  [default: 10, or 1 with --bulk]"))
@click.option("--bulk", is_flag=True, help=_("Send a hundred contacts in each post."))
@click.option(
    "--think", type=click.FloatRange(0, 60), default=0.0, help=_("Seconds between a response and the next post.")
)
@click.option(
    "--crm",
    type=click.Choice(tuple(CRM_FAULTS)),
    default="fast",
    show_default=True,
    help=_("Behaviour of the practice CRM; slow: 2 to 5 s per call, limited: 5 calls in ten seconds."),
)
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=60.0,
    show_default=True,
    help=_("Seconds to wait for delivery after the posts."),
)
@click.option("--url", help=_("A kiosk running on this device, such as http://127.0.0.1:8770."))
@click.option("--token", envvar="KIOSK_TOKEN", help=_("Token for --url, with the role read. Better: $KIOSK_TOKEN."))
@click.option(
    "--chart", "picture", type=click.Path(dir_okay=False, path_type=Path), help=_("Draw a chart of the figures (SVG).")
)
@force_option
@json_option
@click.pass_context
def loadtest(
    context: click.Context, people: tuple[int, ...], posts: int | None, bulk: bool, think: float, crm: str, wait: float,
    url: str | None, token: str | None, picture: Path | None, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run the load tests, and print or draw the figures."""
    if url is not None and context.get_parameter_source("crm") != click.core.ParameterSource.DEFAULT:
        raise click.UsageError(_("--crm does not work with --url: use `kiosk practice-crm --fault` instead."))
    if picture:
        check_overwriting([picture], force)
    if picture and not _is_writable(picture):
        raise click.UsageError(_("--chart: cannot write {file}; choose an existing folder.").format(file=picture))
    posts_each = posts or (1 if bulk else 10)
    loads = [
        LoadPlan(number, posts_each, bulk, crm if url is None else "its own", think, wait)  # not shown: a JSON value
        for number in people or _DEFAULT_PEOPLE
    ]
    try:
        quiet = as_json or not sys.stderr.isatty()
        found = [_run_load_with_progress(load, url, token or "", quiet=quiet) for load in loads]
    except WrongTarget as error:
        raise click.UsageError(str(error)) from None
    except TargetUnavailable as error:
        raise click.ClickException(str(error)) from None
    _print_figures(found, as_json)
    if picture:
        picture.write_text(draw_chart(found), encoding="utf-8")
    sys.exit(0 if all(result.is_clean for result in found) else 1)


def _is_writable(path: Path) -> bool:
    """Return whether a file can probably be written at *path*."""
    return os.access(path if path.exists() else path.parent, os.W_OK)


def _run_load_with_progress(load: LoadPlan, url: str | None, token: str, *, quiet: bool) -> LoadResult:
    """Run one load test, with a progress bar unless *quiet*."""
    with run_throwaway_kiosk(CRM_FAULTS[load.crm]) if url is None else nullcontext(RunningKiosk(url, token)) as target:
        length = load.people * load.posts
        label = ngettext("{count} person", "{count} people", load.people).format(count=format_number(load.people))
        with click.progressbar(length=length, label=label, file=sys.stderr, hidden=quiet) as bar:
            bar.update_min_steps = max(1, length // 100)  # drawing it more often would slow the test down
            return run_load(load, target, lambda: bar.update(1))


def _print_figures(found: list[LoadResult], as_json_wanted: bool) -> None:
    """Print the figures as a table with remarks, or as JSON."""
    if as_json_wanted:
        print_json([result_to_json(result) for result in found])
        return
    print_table(TABLE_HEADER, [format_row(result) for result in found])
    for result in found:
        for sentence in list_remarks(result):
            click.echo(sentence)
