"""`kiosk sync`: deliver what waits, now, and say what came of it."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import NoReturn

import click

from data import outbox, pause, scans
from data.outbox import Counts
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of
from kiosk.config.load import Settings
from kiosk.runtime.wiring import check_credential, make_connector
from kiosk.status.wording import GO_ON, leads_count, paused_since, plain, span
from sync.connectors.base import Connector
from sync.drain import Drain
from sync.heartbeat import Hanging, hanging, held_alive
from sync.lock import Held, is_held
from sync.summary import Summary

LOOK_SECONDS = 1.0
"""Between two looks at the outbox, while it is watched."""


@click.command()
@click.option("--watch", is_flag=True, help="Go on delivering whatever comes, until Ctrl-C; a line for each change.")
@json_option
@click.pass_context
def sync(context: click.Context, watch: bool, as_json: bool) -> None:
    """
    Sync now: deliver everything that waits, whatever the next try was to be, whether or not a worker runs.

    A key that the CRM refused before is tried once more; while sending is paused nothing is sent. Ctrl-C ends it after
    the call in flight. Exit status: 0 when nothing is left, 1 when something is left or was refused.
    """
    if watch and as_json:
        raise click.UsageError("--watch tells people; --json is for one run.")
    settings = settings_of(context)
    check_credential(settings)
    connector = make_connector(settings)
    db = store_of(settings, create=watch)  # what comes while it is watched comes into the file
    if watch:
        asyncio.run(watched(db, connector, settings))
        sys.exit(1 if outbox.counts(db).waiting else 0)
    if is_held(settings.drain_lock) and not as_json:
        click.echo("The worker is sending right now; waiting for it to finish.")
    with our_turn(settings, as_json=as_json):
        scans.note_boot(db, CLOCK)
        summary = asyncio.run(drained(db, connector, quiet=as_json))
    counts = outbox.counts(db)
    if as_json:
        say_json(
            {**asdict(summary), "gate": summary.gate.cause or "open", "left": counts.waiting, "leads": asdict(counts)}
        )
    else:
        tell(summary, counts, goes_on=is_held(settings.worker_lock))
    sys.exit(1 if counts.waiting or summary.rejected else 0)


@contextmanager
def our_turn(settings: Settings, *, as_json: bool) -> Iterator[None]:
    """Hold the drain lock, once nobody else does; where whoever has it hangs, say so and exit with 1."""
    if not settings.folder.is_dir():  # there are no leads, and nothing is made for a lock
        yield
        return
    while True:
        try:
            with held_alive(settings.drain_lock):
                yield
            return
        except Held:
            for path in (settings.drain_lock, settings.worker_lock):
                if found := hanging(path):
                    refuse_to_wait(found, as_json=as_json)
            time.sleep(LOOK_SECONDS)


def refuse_to_wait(found: Hanging, *, as_json: bool) -> NoReturn:
    """Say that the process that sends hangs, and what to do; exit with 1."""
    sentence = (
        f"Nothing was sent: the process that sends (number {found.pid}) has not moved for {span(found.seconds)}. "
        f"The leads are safe. Stop it (kill -9 {found.pid}) and start the kiosk again."
    )
    if as_json:
        say_json({"error": sentence, "hanging_pid": found.pid})
    else:
        click.echo(sentence, err=True)
    sys.exit(1)


async def drained(db: Store, connector: Connector, *, quiet: bool) -> Summary:
    """Drain once, with a bar unless it is to be *quiet*; Ctrl-C has it stop after the call in flight."""
    interrupted = ctrl_c()
    waiting = outbox.counts(db).waiting
    hidden = quiet or not waiting or pause.paused(db) is not None
    progress = click.progressbar(
        length=max(1, waiting), label="Sending", hidden=hidden, item_show_func=lambda said: said
    )
    started, shown = time.monotonic(), 0
    with progress as bar:

        def report(summary: Summary) -> None:
            nonlocal shown
            done = summary.delivered + summary.rejected
            rate = done / max(time.monotonic() - started, 0.001)
            bar.update(done - shown, f"{rate:.0f} a second, {max(0, waiting - done)} left")
            shown = done

        try:
            return await Drain(db, connector, CLOCK).run(now=True, stopping=interrupted.is_set, report=report)
        finally:
            await connector.aclose()


async def watched(db: Store, connector: Connector, settings: Settings) -> None:
    """Drain again and again, and say what changes, until Ctrl-C."""
    interrupted, drain, before = ctrl_c(), Drain(db, connector, CLOCK), ""
    click.echo("Delivering whatever comes; Ctrl-C ends it.")
    now = True
    try:
        while not interrupted.is_set():
            try:
                with held_alive(settings.drain_lock):
                    summary = await drain.run(now=now, stopping=interrupted.is_set)
                now, said = False, change(summary, outbox.counts(db))
            except Held:
                found = hanging(settings.drain_lock) or hanging(settings.worker_lock)
                said = f"The process that sends (number {found.pid}) hangs." if found else "The worker is sending."
            if said != before:
                click.echo(plain(said))
                before = said
            try:
                await asyncio.wait_for(interrupted.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
    finally:
        await connector.aclose()


def ctrl_c() -> asyncio.Event:
    """What is set once somebody presses Ctrl-C."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    return interrupted


def change(summary: Summary, counts: Counts) -> str:
    """One line on how things stand after a drain."""
    why = "" if summary.gate.is_open else f" {summary.gate.sentence}"
    if summary.paused:
        why = f" {paused_since(summary.paused, CLOCK.wall())}. {GO_ON}"
    return f"{counts.delivered} in the CRM, {counts.waiting} waiting, {counts.needs_you} need you.{why}"


def tell(summary: Summary, counts: Counts, *, goes_on: bool) -> None:
    """Say what a drain did, why what is left is left, and whether a worker *goes_on* with it."""
    if summary.asked and not summary.reasons:
        click.echo("Nothing waits, and the CRM answers.")
    else:
        calls = "1 call" if summary.calls == 1 else f"{summary.calls} calls"
        click.echo(f"{leads_count(summary.delivered)} delivered in {calls}, {summary.seconds:.1f} s.")
    for reason, number in sorted(summary.reasons.items(), key=lambda item: -item[1]):
        click.echo(plain(f"  {number} x {reason}" if number > 1 else f"  {reason}"))
    if summary.paused:
        click.echo(f"{paused_since(summary.paused, CLOCK.wall())}: nothing more is sent. {GO_ON}")
    if counts.waiting:
        click.echo(f"{leads_count(counts.waiting)} left, safe on this device; {what_next(summary, goes_on)}.")
    if counts.needs_you:
        verb = "needs" if counts.needs_you == 1 else "need"
        click.echo(f"{leads_count(counts.needs_you)} {verb} a person: `kiosk pending` says why.")


def what_next(summary: Summary, goes_on: bool) -> str:
    """Who goes on with what is left, and when."""
    if summary.paused:
        return "sent once sending goes on"
    if not goes_on:
        return "`kiosk run` or `kiosk worker` goes on sending"
    seconds = summary.gate.seconds_left(CLOCK)
    return f"sending goes on by itself, in {span(seconds)}" if seconds >= 90 else "sending goes on by itself"
