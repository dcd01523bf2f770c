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
from data.outbox import OutboxCounts
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.config.load import Settings
from kiosk.runtime.wiring import check_credential, make_connector
from kiosk.status.wording import HOW_TO_RESUME, describe_pause, format_duration, format_lead_count, sanitize_text
from sync.connectors.base import Connector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.file_lock import LockHeld, is_lock_held
from sync.heartbeat import HungProcess, find_hung_holder, hold_lock_with_heartbeat

POLL_SECONDS = 1.0
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
    settings = load_command_settings(context)
    check_credential(settings)
    connector = make_connector(settings)
    db = open_command_database(settings, create=watch)  # what comes while it is watched comes into the file
    if watch:
        asyncio.run(_drain_until_interrupted(db, connector, settings))
        sys.exit(1 if outbox.count_leads(db).waiting else 0)
    if is_lock_held(settings.drain_lock) and not as_json:
        click.echo("The worker is sending right now; waiting for it to finish.")
    with _hold_drain_lock(settings, as_json=as_json):
        scans.record_boot_clock(db, CLOCK)
        summary = asyncio.run(_drain_once(db, connector, quiet=as_json))
    counts = outbox.count_leads(db)
    if as_json:
        print_json(
            {**asdict(summary), "gate": summary.gate.cause or "open", "left": counts.waiting, "leads": asdict(counts)}
        )
    else:
        _report_drain(summary, counts, worker_runs=is_lock_held(settings.worker_lock))
    sys.exit(1 if counts.waiting or summary.rejected else 0)


@contextmanager
def _hold_drain_lock(settings: Settings, *, as_json: bool) -> Iterator[None]:
    """Hold the drain lock, once nobody else does; where whoever has it hangs, say so and exit with 1."""
    if not settings.folder.is_dir():  # there are no leads, and nothing is made for a lock
        yield
        return
    while True:
        try:
            with hold_lock_with_heartbeat(settings.drain_lock):
                yield
            return
        except LockHeld:
            for path in (settings.drain_lock, settings.worker_lock):
                if found := find_hung_holder(path):
                    _exit_because_hanging(found, as_json=as_json)
            time.sleep(POLL_SECONDS)


def _exit_because_hanging(found: HungProcess, *, as_json: bool) -> NoReturn:
    """Say that the process that sends hangs, and what to do; exit with 1."""
    sentence = (
        f"Nothing was sent: the process that sends (number {found.pid}) has not moved for {format_duration(found.silent_seconds)}. "
        f"The leads are safe. Stop it (kill -9 {found.pid}) and start the kiosk again."
    )
    if as_json:
        print_json({"error": sentence, "hanging_pid": found.pid})
    else:
        click.echo(sentence, err=True)
    sys.exit(1)


async def _drain_once(db: Store, connector: Connector, *, quiet: bool) -> DrainSummary:
    """Drain once, with a bar unless it is to be *quiet*; Ctrl-C has it stop after the call in flight."""
    interrupted = _listen_for_interrupt()
    waiting = outbox.count_leads(db).waiting
    hidden = quiet or not waiting or pause.read_pause(db) is not None
    progress = click.progressbar(
        length=max(1, waiting), label="Sending", hidden=hidden, item_show_func=lambda said: said
    )
    started, shown = time.monotonic(), 0
    with progress as bar:

        def report(summary: DrainSummary) -> None:
            nonlocal shown
            done = summary.delivered + summary.rejected
            rate = done / max(time.monotonic() - started, 0.001)
            bar.update(done - shown, f"{rate:.0f} a second, {max(0, waiting - done)} left")
            shown = done

        try:
            return await Drain(db, connector, CLOCK).run(now=True, is_stopping=interrupted.is_set, on_progress=report)
        finally:
            await connector.aclose()


async def _drain_until_interrupted(db: Store, connector: Connector, settings: Settings) -> None:
    """Drain again and again, and say what changes, until Ctrl-C."""
    interrupted, drain, before = _listen_for_interrupt(), Drain(db, connector, CLOCK), ""
    click.echo("Delivering whatever comes; Ctrl-C ends it.")
    now = True
    try:
        while not interrupted.is_set():
            try:
                with hold_lock_with_heartbeat(settings.drain_lock):
                    summary = await drain.run(now=now, is_stopping=interrupted.is_set)
                now, said = False, describe_change(summary, outbox.count_leads(db))
            except LockHeld:
                found = find_hung_holder(settings.drain_lock) or find_hung_holder(settings.worker_lock)
                said = f"The process that sends (number {found.pid}) hangs." if found else "The worker is sending."
            if said != before:
                click.echo(sanitize_text(said))
                before = said
            try:
                await asyncio.wait_for(interrupted.wait(), POLL_SECONDS)
            except TimeoutError:
                continue
    finally:
        await connector.aclose()


def _listen_for_interrupt() -> asyncio.Event:
    """What is set once somebody presses Ctrl-C."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    return interrupted


def describe_change(summary: DrainSummary, counts: OutboxCounts) -> str:
    """One line on how things stand after a drain."""
    why = "" if summary.gate.is_open else f" {summary.gate.sentence}"
    if summary.paused:
        why = f" {describe_pause(summary.paused, CLOCK.wall_time())}. {HOW_TO_RESUME}"
    return f"{counts.delivered} in the CRM, {counts.waiting} waiting, {counts.needs_you} need you.{why}"


def _report_drain(summary: DrainSummary, counts: OutboxCounts, *, worker_runs: bool) -> None:
    """Say what a drain did, why what is left is left, and whether a worker *worker_runs* with it."""
    if summary.asked and not summary.reasons:
        click.echo("Nothing waits, and the CRM answers.")
    else:
        calls = "1 call" if summary.calls == 1 else f"{summary.calls} calls"
        click.echo(f"{format_lead_count(summary.delivered)} delivered in {calls}, {summary.seconds:.1f} s.")
    for reason, number in sorted(summary.reasons.items(), key=lambda item: -item[1]):
        click.echo(sanitize_text(f"  {number} x {reason}" if number > 1 else f"  {reason}"))
    if summary.paused:
        click.echo(f"{describe_pause(summary.paused, CLOCK.wall_time())}: nothing more is sent. {HOW_TO_RESUME}")
    if counts.waiting:
        click.echo(
            f"{format_lead_count(counts.waiting)} left, safe on this device; {_describe_next_step(summary, worker_runs)}."
        )
    if counts.needs_you:
        verb = "needs" if counts.needs_you == 1 else "need"
        click.echo(f"{format_lead_count(counts.needs_you)} {verb} a person: `kiosk pending` says why.")


def _describe_next_step(summary: DrainSummary, worker_runs: bool) -> str:
    """Who goes on with what is left, and when."""
    if summary.paused:
        return "sent once sending goes on"
    if not worker_runs:
        return "`kiosk run` or `kiosk worker` goes on sending"
    seconds = summary.gate.seconds_left(CLOCK)
    return f"sending goes on by itself, in {format_duration(seconds)}" if seconds >= 90 else "sending goes on by itself"
