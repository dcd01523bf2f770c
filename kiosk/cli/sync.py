"""`kiosk sync`: deliver what waits, now, and say what came of it."""

import asyncio
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from data import outbox
from data.outbox import Counts
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of
from kiosk.crm import check_credential, make_connector
from kiosk.words import leads_count, plain
from sync.connectors.base import Connector
from sync.drain import Drain
from sync.lock import held, is_held
from sync.summary import Summary


@click.command()
@json_option
@click.pass_context
def sync(context: click.Context, as_json: bool) -> None:
    """
    Sync now: deliver everything that waits, whatever the next try was to be, whether or not a worker runs.

    Ctrl-C ends it after the call in flight. Exit status: 0 when nothing is left, 1 when
    something is left or was refused.
    """
    settings = settings_of(context)
    check_credential(settings)
    connector = make_connector(settings)
    db = store_of(settings)
    if is_held(settings.drain_lock) and not as_json:
        click.echo("The worker is sending right now; waiting for it to finish.")
    with held(settings.drain_lock, wait=True):
        waiting = outbox.counts(db).waiting
        with click.progressbar(length=max(1, waiting), label="Sending", hidden=as_json or not waiting) as bar:
            summary = asyncio.run(drained(db, connector, bar.update))
    counts = outbox.counts(db)
    if as_json:
        say_json({**asdict(summary), "gate": summary.gate.cause or "open", "left": counts.waiting, **asdict(counts)})
    else:
        tell(summary, counts, goes_on=is_held(settings.worker_lock))
    sys.exit(1 if counts.waiting or summary.rejected else 0)


async def drained(db: Store, connector: Connector, advance: Callable[[int], Any]) -> Summary:
    """Drain once; Ctrl-C has it stop after the call in flight."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    shown = 0

    def report(summary: Summary) -> None:
        nonlocal shown
        done = summary.delivered + summary.rejected
        advance(done - shown)
        shown = done

    try:
        return await Drain(db, connector, CLOCK).run(now=True, stopping=interrupted.is_set, report=report)
    finally:
        await connector.aclose()


def tell(summary: Summary, counts: Counts, *, goes_on: bool) -> None:
    """Say what a drain did, why what is left is left, and whether a worker *goes_on* with it."""
    calls = "1 call" if summary.calls == 1 else f"{summary.calls} calls"
    click.echo(f"{leads_count(summary.delivered)} delivered in {calls}, {summary.seconds:.1f} s.")
    for reason, number in sorted(summary.reasons.items(), key=lambda item: -item[1]):
        click.echo(plain(f"  {number} x {reason}" if number > 1 else f"  {reason}"))
    if counts.waiting:
        then = "sending goes on by itself" if goes_on else "`kiosk run` or `kiosk worker` goes on sending"
        click.echo(f"{leads_count(counts.waiting)} left, safe on this device; {then}.")
    if counts.needs_you:
        verb = "needs" if counts.needs_you == 1 else "need"
        click.echo(f"{leads_count(counts.needs_you)} {verb} a person: `kiosk pending` says why.")
