"""`kiosk sync`: deliver everything that waits now, and report the result."""

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
from data.language import _, format_number, ngettext
from data.outbox import OutboxCounts
from data.store import Store
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.config.load import Settings
from kiosk.runtime.wiring import check_credential, make_connector
from kiosk.status.wording import HOW_TO_RESUME, describe_pause, format_duration, sanitize_text
from sync.connectors.base import Connector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.file_lock import LockHeld, is_lock_held
from sync.heartbeat import HungProcess, find_hung_holder, hold_lock_with_heartbeat

_POLL_SECONDS = 1.0
"""Interval of drains with `--watch`, and of attempts to get the drain lock."""


@click.command(
    short_help=_("Deliver everything that waits, now."),
    help=_(
        "Deliver everything that waits now, without waiting for the next scheduled try, even if the kiosk is not "
        "running.\n\n"
        "A key that the CRM rejected before is tried once more. Nothing is sent while sending is paused. Ctrl-C stops "
        "after the current call. Exit status: 0 if nothing is left, 1 if something is left or was rejected."
    ),
)
@click.option("--watch", is_flag=True, help=_("Keep delivering until Ctrl-C, and print a line for each change."))
@json_option
@click.pass_context
def sync(context: click.Context, watch: bool, as_json: bool) -> None:
    """Drain the outbox once, or again and again with `--watch`."""
    if watch and as_json:
        raise click.UsageError(_("--watch and --json cannot be used together."))
    settings = load_command_settings(context)
    check_credential(settings)
    connector = make_connector(settings)
    db = open_command_database(settings, create=watch)  # with --watch, leads may be saved only later
    if watch:
        asyncio.run(_drain_until_interrupted(db, connector, settings))
        sys.exit(1 if outbox.count_leads(db).waiting else 0)
    if is_lock_held(settings.drain_lock) and not as_json:
        click.echo(_("Leads are being sent right now; waiting for that to finish."))
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
    """Wait for the drain lock and hold it; if the process that has it hangs, report that and exit with status 1."""
    if not settings.folder.is_dir():  # there are no leads, and a lock is no reason to create a folder
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
            time.sleep(_POLL_SECONDS)


def _exit_because_hanging(found: HungProcess, *, as_json: bool) -> NoReturn:
    """Print that the sending process hangs, and what to do; exit with status 1."""
    sentence = _(
        "Nothing was sent: the sending process ({pid}) has been hanging for {time}. The leads are safe. Stop it "
        "(kill -9 {pid}) and restart the kiosk."
    ).format(pid=found.pid, time=format_duration(found.silent_seconds))
    if as_json:
        print_json({"error": sentence, "hanging_pid": found.pid})
    else:
        click.echo(sentence, err=True)
    sys.exit(1)


async def _drain_once(db: Store, connector: Connector, *, quiet: bool) -> DrainSummary:
    """Drain once, with a progress bar unless *quiet*; Ctrl-C stops after the current call."""
    interrupted = _listen_for_interrupt()
    waiting = outbox.count_leads(db).waiting
    # Off a terminal, click prints the label alone, which says nothing.
    hidden = quiet or not waiting or pause.read_pause(db) is not None or not sys.stdout.isatty()
    progress = click.progressbar(
        length=max(1, waiting), label=_("Sending"), hidden=hidden, item_show_func=lambda text: text
    )
    started, shown = time.monotonic(), 0
    with progress as bar:

        def report(summary: DrainSummary) -> None:
            nonlocal shown
            done = summary.delivered + summary.rejected
            rate = done / max(time.monotonic() - started, 0.001)
            text = _("{rate} per second, {left} left")
            left = max(0, waiting - done)
            bar.update(done - shown, text.format(rate=format_number(rate), left=format_number(left)))
            shown = done

        try:
            return await Drain(db, connector, CLOCK).run(now=True, is_stopping=interrupted.is_set, on_progress=report)
        finally:
            await connector.aclose()


async def _drain_until_interrupted(db: Store, connector: Connector, settings: Settings) -> None:
    """Drain again and again until Ctrl-C, and print each change."""
    interrupted, drain, before = _listen_for_interrupt(), Drain(db, connector, CLOCK), ""
    click.echo(_("Delivering leads as they come in. Press Ctrl-C to stop."))
    now = True
    try:
        while not interrupted.is_set():
            try:
                with hold_lock_with_heartbeat(settings.drain_lock):
                    summary = await drain.run(now=now, is_stopping=interrupted.is_set)
                now, line = False, _describe_change(summary, outbox.count_leads(db))
            except LockHeld:
                found = find_hung_holder(settings.drain_lock) or find_hung_holder(settings.worker_lock)
                hung = _("The sending process ({pid}) hangs.")
                line = hung.format(pid=found.pid) if found else _("Leads are being sent.")
            if line != before:
                click.echo(sanitize_text(line))
                before = line
            try:
                await asyncio.wait_for(interrupted.wait(), _POLL_SECONDS)
            except TimeoutError:
                continue
    finally:
        await connector.aclose()


def _listen_for_interrupt() -> asyncio.Event:
    """Return an event that is set when Ctrl-C is pressed."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    return interrupted


def _describe_change(summary: DrainSummary, counts: OutboxCounts) -> str:
    """Return one line about the state after a drain."""
    needs_you = ngettext("{count} needs you", "{count} need you", counts.needs_you)
    line = _("{delivered} delivered, {waiting} waiting, {needs_you}.").format(
        delivered=format_number(counts.delivered),
        waiting=format_number(counts.waiting),
        needs_you=needs_you.format(count=format_number(counts.needs_you)),
    )
    if summary.paused:
        return f"{line} {describe_pause(summary.paused, CLOCK.wall_time())} {_(HOW_TO_RESUME)}"
    return line if summary.gate.is_open else f"{line} {summary.gate.sentence}"


def _report_drain(summary: DrainSummary, counts: OutboxCounts, *, worker_runs: bool) -> None:
    """Print what a drain did, why leads are left, and what happens to them next."""
    if summary.asked and not summary.reasons:
        click.echo(_("Nothing is waiting, and the CRM responds."))
    elif summary.calls or not (summary.paused or summary.reasons):
        calls = ngettext("{count} call", "{count} calls", summary.calls).format(count=format_number(summary.calls))
        sentence = ngettext(
            "{count} lead delivered in {calls}, {seconds} s.",
            "{count} leads delivered in {calls}, {seconds} s.",
            summary.delivered,
        )
        delivered, seconds = format_number(summary.delivered), format_number(summary.seconds, 1)
        click.echo(sentence.format(count=delivered, calls=calls, seconds=seconds))
    for reason, number in sorted(summary.reasons.items(), key=lambda item: -item[1]):
        click.echo(sanitize_text(f"  {number} x {reason}" if number > 1 else f"  {reason}"))
    if summary.paused:
        click.echo(f"{describe_pause(summary.paused, CLOCK.wall_time())} {_(HOW_TO_RESUME)}")
    if counts.waiting:
        sentence = ngettext(
            "{count} lead left, safe on this device.", "{count} leads left, safe on this device.", counts.waiting
        )
        next_step = _describe_next_step(summary, worker_runs)
        click.echo(f"{sentence.format(count=format_number(counts.waiting))} {next_step}".rstrip())
    if counts.needs_you:
        sentence = ngettext(
            "{count} lead needs you: `kiosk pending` says why.",
            "{count} leads need you: `kiosk pending` says why.",
            counts.needs_you,
        )
        click.echo(sentence.format(count=format_number(counts.needs_you)))


def _describe_next_step(summary: DrainSummary, worker_runs: bool) -> str:
    """Say when the remaining leads are sent; an empty string while sending is paused."""
    if summary.paused:
        return ""
    if not worker_runs:
        return _("`kiosk run` or `kiosk worker` continues sending.")
    seconds = summary.gate.seconds_left(CLOCK)
    if seconds < 90:
        return _("Sending continues automatically.")
    return _("Sending continues automatically in {time}.").format(time=format_duration(seconds))
