"""`kiosk practice-crm`: a CRM for practice, with faults on request."""

import signal
from dataclasses import asdict
from pathlib import Path

import click

from data.language import _
from kiosk.cli.context import load_command_settings
from sync.file_lock import LockHeld, hold_lock
from sync.practice_crm.faults import Faults, find_field_name

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a request to end, and a closed terminal."""


@click.command(
    name="practice-crm",
    short_help=_("Run a CRM for practice, with faults on request."),
    help=_(
        "Run the practice CRM: a real HTTP server on this device, with its own database.\n\n"
        "Its web page shows what has arrived, and --fault makes it misbehave, so that staff can see each kind of "
        "trouble before the show. If a practice CRM is already running, such as that of `kiosk run`, the faults apply "
        "to it until Ctrl-C."
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), help=_("Port on this device; if in use, a free one is chosen."))
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE]",
    help=_("Misbehave, such as: delay=2-5, down, lost_answers=1; docs/rehearse.md lists them all. May be repeated."),
)
@click.option("--with-parent", is_flag=True, hidden=True, help=_("Exit when standard input closes."))
@click.pass_context
def practice_crm(context: click.Context, port: int | None, faults: tuple[str, ...], with_parent: bool) -> None:
    """Serve the practice CRM, or inject faults into the one that is running."""
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
            sentence = _("Practice CRM running at {url}")
            run_practice_crm(folder, chosen, wanted, on_ready=lambda url: click.echo(sentence.format(url=url)))
    except LockHeld:
        _inject_faults(folder, {find_field_name(text.partition("=")[0]) for text in faults}, wanted)


def _inject_faults(folder: Path, names: set[str], wanted: Faults) -> None:
    """Set the faults called *names* to their *wanted* values in the running practice CRM, until Ctrl-C."""
    from sync.practice_address import read_address
    from sync.practice_crm.remote import change_faults, read_faults

    try:
        address = read_address(folder)
        before = read_faults(address)
        click.echo(_("A practice CRM is already running at {url}").format(url=address.url))
        if not names:
            return
        signal.pthread_sigmask(
            signal.SIG_BLOCK, _STOP_SIGNALS
        )  # a signal that arrives before `sigwait` must not be lost
        values = asdict(wanted)
        change_faults(address, {name: values[name] for name in names})
        click.echo(_("Faults active: {faults}. Press Ctrl-C to end them.").format(faults=", ".join(sorted(names))))
        signal.sigwait(_STOP_SIGNALS)
        change_faults(address, {name: before[name] for name in names})
    except (OSError, ValueError) as error:
        message = _("The running practice CRM does not respond ({error}).").format(error=error)
        raise click.ClickException(message) from None
    click.echo(_("The practice CRM works normally again."))
