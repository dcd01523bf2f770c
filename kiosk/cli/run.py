"""`kiosk run` and `kiosk worker`."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from data.errors import LogOrphaned, StoreError, StoreTooNew
from data.store import open_store
from kiosk.cli.context import CLOCK, load_command_settings
from kiosk.config.load import Settings, find_settings_file
from kiosk.runtime.log import log_to_stderr
from kiosk.runtime.startup import prepare_database
from kiosk.runtime.wiring import build_worker_files, check_secrets, make_connector
from kiosk.tui.terminal_guard import run_guarded
from sync.file_lock import LockHeld, hold_lock


@click.command()
@click.option(
    "--headless", is_flag=True, help="Without a screen, as a service; the default where there is no terminal."
)
@click.option("--source", metavar="SOURCE", help="In place of [camera] source: auto, 0, /dev/video0, demo, a file ...")
@click.pass_context
def run(context: click.Context, headless: bool, source: str | None) -> None:
    """
    Start the kiosk: the camera, the screen, and the worker that delivers the leads.

    Without a terminal it does the same job without a screen; once its source has ended it says how everything
    stands, with exit status 0, or 1 where leads still wait.
    """
    settings = load_command_settings(context)
    if source is not None:
        settings = replace(settings, camera=replace(settings.camera, source=source))
        try:
            settings.camera.check()
        except ValueError as error:
            raise click.UsageError(f"--{error}") from None
    check_secrets(settings)
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _ensure_usable_database(settings)
    is_headless = headless or not _has_terminal()
    screen_starts = (lambda: None) if is_headless else run_guarded(str(settings.folder / "kiosk.log"))
    config = find_settings_file(Path(named) if (named := context.find_root().obj) else None)
    try:
        with hold_lock(settings.kiosk_lock, guarded=True):
            start_kiosk(settings, config, is_headless, screen_starts)
    except LockHeld:
        raise click.ClickException(f"A kiosk runs already on {settings.database_file}; end it first.") from None


def start_kiosk(settings: Settings, config: Path | None, headless: bool, on_screen_start: Callable[[], None]) -> None:
    """Start the parts, and the kiosk with a screen or without; *on_screen_start* is called when it has the terminal."""
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
    See that there is a database that can be used; what else is wrong with it may pass, and the screen says it.

    Raises:
        StoreTooNew: it is of a newer version.
        LogOrphaned: it was moved away, and its log was not.
    """
    try:
        prepare_database(settings, CLOCK)
    except (StoreTooNew, LogOrphaned):
        raise
    except StoreError:
        return


def _has_terminal() -> bool:
    """Whether there is a screen to draw on and a keyboard; a service may have neither stream."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _import_demo_attendees(settings: Settings) -> None:
    """Import the attendee list of the demo badges, as staff would before a show."""
    from data import attendees
    from kiosk.printing.demo_people import build_demo_attendees

    db = open_store(settings.database_file)
    people = (attendees.Attendee(*person) for person in build_demo_attendees(settings.practice.badges))
    list(attendees.add_attendees(db, settings.event.name, people))
    db.close()


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@click.pass_context
def worker(context: click.Context, with_parent: bool) -> None:
    """
    Deliver leads to the CRM, in the background, until it is told to stop.

    `kiosk run` starts one by itself; this is for a service of its own.
    """
    from kiosk.alerts.schedule import WorkerAlerts
    from sync.worker import run_worker, stop_with_parent

    settings = load_command_settings(context)
    check_secrets(settings)
    log_to_stderr()
    if with_parent:
        stop_with_parent()
    else:
        prepare_database(settings, CLOCK)
    rounds = WorkerAlerts(settings, CLOCK)
    try:
        run_worker(build_worker_files(settings), lambda: make_connector(settings), CLOCK, rounds.wake)
    except LockHeld:
        raise click.ClickException(f"A worker runs already for {settings.database_file}.") from None
    finally:
        rounds.stop()
