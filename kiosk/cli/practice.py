"""`kiosk practice-crm`: a CRM to practise with."""

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.context import load_command_settings
from sync.file_lock import LockHeld, hold_lock

if TYPE_CHECKING:
    from sync.practice_crm.faults import Faults

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, whoever stops us, and a terminal that is closed."""


@click.command(name="practice-crm")
@click.option("--port", type=click.IntRange(0, 65535), help="Of loopback; a free one is taken where it is in use.")
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME=VALUE", help="Misbehave: delay=2-5, off, lost_answers=1 ..."
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@click.pass_context
def practice_crm(context: click.Context, port: int | None, faults: tuple[str, ...], with_parent: bool) -> None:
    """
    Run the practice CRM: a real HTTP server on loopback, with a database of its own.

    It shows what it has got on a page, and misbehaves on request, so that staff see each trouble before the show.
    Where one runs already, such as that of `kiosk run`, it is that one that misbehaves, until Ctrl-C.
    """
    from sync.practice_crm.faults import Faults
    from sync.practice_crm.server import run_practice_crm
    from sync.worker import stop_with_parent

    settings = load_command_settings(context)
    folder = settings.folder if settings.is_practice else settings.folder / "practice"
    try:
        wanted = Faults.from_texts(list(faults))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if with_parent:
        stop_with_parent()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen = settings.practice.port if port is None else port
    try:
        with hold_lock(folder / "practice-crm.lock", wait=with_parent):
            run_practice_crm(
                folder, chosen, wanted, on_ready=lambda url: click.echo(f"The practice CRM answers at {url}")
            )
    except LockHeld:
        _inject_faults(folder, {text.partition("=")[0].replace("-", "_") for text in faults}, wanted)


def _inject_faults(folder: Path, names: set[str], wanted: "Faults") -> None:
    """Have the practice CRM that runs already misbehave as *wanted* in the faults called *names*, until Ctrl-C."""
    from sync.practice_address import read_address
    from sync.practice_crm.remote import change_faults, read_faults

    try:
        address = read_address(folder)
        before = read_faults(address)
        click.echo(f"The practice CRM runs already, at {address.url}")
        if not names:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)  # one that comes before we wait for it is not lost
        values = asdict(wanted)
        change_faults(address, {name: values[name] for name in names})
        click.echo(f"It misbehaves now: {', '.join(sorted(names))}. Ctrl-C ends that.")
        signal.sigwait(_STOP_SIGNALS)
        change_faults(address, {name: before[name] for name in names})
    except (OSError, ValueError) as error:
        raise click.ClickException(f"The practice CRM that runs already does not answer ({error}).") from None
    click.echo("It behaves as before.")
