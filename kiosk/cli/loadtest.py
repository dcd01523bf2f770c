"""`kiosk loadtest`: how the booth's API does when many people post at once."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from kiosk.cli.context import json_option, print_json
from kiosk.cli.options import check_overwriting, force_option
from kiosk.cli.table import print_table
from kiosk.loadtest.chart import draw_chart
from kiosk.loadtest.load_run import CRM_FAULTS, LoadPlan, LoadResult, result_to_json, run_load
from kiosk.loadtest.table import TABLE_HEADER, format_row, list_remarks
from kiosk.loadtest.target import RunningKiosk, TargetUnavailable
from kiosk.loadtest.throwaway_kiosk import run_throwaway_kiosk

_DEFAULT_PEOPLE = (20, 100)


@click.command()
@click.option(
    "--people",
    multiple=True,
    type=click.IntRange(1, 2000),
    help="At once; give it again for another run.  [20, 100]",
)
@click.option("--posts", type=click.IntRange(1, 100_000), help="Of each person.  [10; with --bulk 1]")
@click.option("--bulk", is_flag=True, help="A hundred contacts in each post.")
@click.option("--think", type=click.FloatRange(0, 60), default=0.0, help="Seconds between an answer and the next post.")
@click.option("--crm", type=click.Choice(tuple(CRM_FAULTS)), default="fast", show_default=True,
              help="How the practice CRM is: slow is 2 to 5 s a call, limited 5 calls in ten seconds.")  # fmt: skip
@click.option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=60.0,
    show_default=True,
    help="Seconds for delivery, after the posts.",
)
@click.option("--url", help="A kiosk of this device that runs, such as http://127.0.0.1:8770; else one is started.")
@click.option("--token", envvar="KIOSK_TOKEN", help="For --url, with the role read; better in $KIOSK_TOKEN.")
@click.option("--chart", "picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the figures (SVG).")
@force_option
@json_option
@click.pass_context
def loadtest(
    context: click.Context, people: tuple[int, ...], posts: int | None, bulk: bool, think: float, crm: str, wait: float,
    url: str | None, token: str | None, picture: Path | None, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """
    Have many people post leads at the same moment, and say how long each waited and what became of the leads.

    It starts a kiosk of its own (server, worker and practice CRM) on a database that is thrown away; $TMPDIR says
    on which disk. Exit status: 0 when all was saved, once; else 1.
    """
    if url is not None and context.get_parameter_source("crm") != click.core.ParameterSource.DEFAULT:
        raise click.UsageError(
            "--crm is for a kiosk that is started here; `kiosk practice-crm --fault` is for one that runs."
        )
    if picture:
        check_overwriting([picture], force)
    if picture and not _is_writable(picture):
        raise click.UsageError(f"--chart: {picture} cannot be written; name a file in a folder that is there.")
    each = posts or (1 if bulk else 10)
    loads = [
        LoadPlan(number, each, bulk, crm if url is None else "its own", think, wait)
        for number in people or _DEFAULT_PEOPLE
    ]
    try:
        quiet = as_json or not sys.stderr.isatty()
        found = [_run_load_with_progress(load, url, token or "", quiet=quiet) for load in loads]
    except TargetUnavailable as error:
        raise click.ClickException(str(error)) from None
    _print_figures(found, as_json)
    if picture:
        picture.write_text(draw_chart(found), encoding="utf-8")
    sys.exit(0 if all(each.is_clean for each in found) else 1)


def _is_writable(path: Path) -> bool:
    """Whether there can be a file at *path*, as far as can be known before."""
    return os.access(path if path.exists() else path.parent, os.W_OK)


def _run_load_with_progress(load: LoadPlan, url: str | None, token: str, *, quiet: bool) -> LoadResult:
    """The figures of one load, with a bar of the posts unless it is to be *quiet*."""
    with run_throwaway_kiosk(CRM_FAULTS[load.crm]) if url is None else nullcontext(RunningKiosk(url, token)) as target:
        length = load.people * load.posts
        with click.progressbar(length=length, label=f"{load.people:,} people", file=sys.stderr, hidden=quiet) as bar:
            bar.update_min_steps = max(1, length // 100)  # drawing it takes time from the people
            return run_load(load, target, lambda: bar.update(1))


def _print_figures(found: list[LoadResult], as_json_wanted: bool) -> None:
    """Say the figures, and what the table does not say."""
    if as_json_wanted:
        print_json([result_to_json(each) for each in found])
        return
    print_table(TABLE_HEADER, [format_row(each) for each in found])
    for each in found:
        for sentence in list_remarks(each):
            click.echo(sentence)
