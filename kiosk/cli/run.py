"""`kiosk run` and `kiosk worker`: start the kiosk, or only the process that delivers leads."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from data.errors import LogOrphaned, StoreError, StoreTooNew
from data.language import _
from data.store import open_store
from kiosk.cli.context import CLOCK, load_command_settings
from kiosk.config.load import Settings, find_settings_file
from kiosk.runtime.log import log_to_stderr
from kiosk.runtime.startup import prepare_database
from kiosk.runtime.wiring import build_worker_files, check_secrets, make_connector
from kiosk.tui.terminal_guard import run_guarded
from sync.file_lock import LockHeld, hold_lock


@click.command(
    short_help=_("Start the kiosk."),
    help=_(
        "Start the kiosk: the camera, the screen, and the process that delivers the leads.\n\n"
        "Without a terminal it runs without a screen. When all badges have been shown (a file, or the demo badges), it "
        "prints a summary and exits: status 0, or 1 if leads are still waiting."
    ),
)
@click.option("--headless", is_flag=True, help=_("Run without a screen, as a service. Default without a terminal."))
@click.option(
    "--source",
    metavar="SOURCE",
    help=_("Overrides [camera] source: auto, none, 0, /dev/video0, demo, or a file."),
)
@click.pass_context
def run(context: click.Context, headless: bool, source: str | None) -> None:
    """Prepare the database and start the kiosk."""
    settings = load_command_settings(context)
    if source is not None:
        settings = replace(settings, camera=replace(settings.camera, source=source))
        try:
            settings.camera.check()
        except ValueError as error:
            raise click.UsageError(f"--{error}") from None
    is_headless = headless or not _has_terminal()
    on_screen_start = (lambda: None) if is_headless else run_guarded(str(settings.folder / "kiosk.log"))
    # After the guard has forked: what follows is done again when it starts a kiosk that crashed again.
    check_secrets(settings)
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _ensure_usable_database(settings)
    config = find_settings_file(Path(named) if (named := context.find_root().obj) else None)
    try:
        with hold_lock(settings.kiosk_lock, guarded=True):
            _start_kiosk(settings, config, is_headless, on_screen_start)
    except LockHeld:
        message = _("A kiosk is already running on {file}; close it first.").format(file=settings.database_file)
        raise click.ClickException(message) from None


def _start_kiosk(settings: Settings, config: Path | None, headless: bool, on_screen_start: Callable[[], None]) -> None:
    """Start the services and the kiosk, and exit; *on_screen_start* is called once the screen has the terminal."""
    from kiosk.runtime.services import run_services

    if settings.is_practice:
        _import_demo_attendees(settings)
    if headless:
        from kiosk.runtime.headless import run_headless

        log_to_stderr()
        with run_services(settings, config):
            is_done = run_headless(settings, CLOCK)
        sys.exit(0 if is_done else 1)
    from kiosk.tui.terminal import run_on_screen

    sys.exit(run_on_screen(settings, config, CLOCK, on_screen_start))


def _ensure_usable_database(settings: Settings) -> None:
    """
    Create or repair the database.

    Raises:
        StoreTooNew: a newer version of the kiosk wrote the database.
        LogOrphaned: the database is gone, but its write-ahead log is there.
    """
    try:
        prepare_database(settings, CLOCK)
    except (StoreTooNew, LogOrphaned):
        raise
    except StoreError:
        return  # such as a full disk: it may pass, and the screen reports it


def _has_terminal() -> bool:
    """Return whether standard input and output are a terminal; a service may not even have these streams."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _import_demo_attendees(settings: Settings) -> None:
    """Import an attendee list for the demo badges, as staff would before a show."""
    from data import attendees
    from kiosk.printing.demo_people import build_demo_attendees

    db = open_store(settings.database_file)
    people = (attendees.Attendee(*person) for person in build_demo_attendees(settings.practice.badges))
    list(attendees.add_attendees(db, settings.event.name, people))
    db.close()


@click.command(
    short_help=_("Deliver leads to the CRM in the background."),
    help=_(
        "Deliver leads to the CRM in the background, until it is stopped.\n\n"
        "`kiosk run` starts a worker by itself; this command is for running one as a separate service."
    ),
)
@click.option("--with-parent", is_flag=True, hidden=True, help=_("Exit when standard input closes."))
@click.pass_context
def worker(context: click.Context, with_parent: bool) -> None:
    """Run the worker until it is stopped."""
    from kiosk.alerts.schedule import WorkerAlerts
    from sync.worker import run_worker, stop_with_parent

    settings = load_command_settings(context)
    check_secrets(settings)
    log_to_stderr()
    if with_parent:
        stop_with_parent()
    else:
        prepare_database(settings, CLOCK)
    alerts = WorkerAlerts(settings, CLOCK)
    try:
        run_worker(build_worker_files(settings), lambda: make_connector(settings), CLOCK, alerts.wake)
    except LockHeld:
        message = _("Leads of {file} are already being sent by another process.").format(file=settings.database_file)
        raise click.ClickException(message) from None
    finally:
        alerts.stop()
