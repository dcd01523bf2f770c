"""`kiosk run` and `kiosk worker`."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from data.errors import LogOrphaned, StoreError, StoreTooNew
from data.store import open_store
from kiosk.cli.context import CLOCK, settings_of
from kiosk.config.load import Settings, find_file
from kiosk.runtime.log import log_to_stderr
from kiosk.runtime.startup import make_ready
from kiosk.runtime.wiring import check_secrets, files_of, make_connector
from kiosk.tui.terminal_guard import run_guarded
from sync.lock import Held, held


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
    settings = settings_of(context)
    if source is not None:
        settings = replace(settings, camera=replace(settings.camera, source=source))
        try:
            settings.camera.check()
        except ValueError as error:
            raise click.UsageError(f"--{error}") from None
    check_secrets(settings)
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare_store(settings)
    is_headless = headless or not has_terminal()
    screen_starts = (lambda: None) if is_headless else run_guarded(str(settings.folder / "kiosk.log"))
    config = find_file(Path(named) if (named := context.find_root().obj) else None)
    try:
        with held(settings.kiosk_lock, guarded=True):
            start(settings, config, is_headless, screen_starts)
    except Held:
        raise click.ClickException(f"A kiosk runs already on {settings.store}; end it first.") from None


def start(settings: Settings, config: Path | None, headless: bool, screen_starts: Callable[[], None]) -> None:
    """Start the parts, and the kiosk with a screen or without; *screen_starts* is called when it has the terminal."""
    from kiosk.runtime.services import parts_running

    if settings.is_practice:
        prepare_practice(settings)
    if headless:
        from kiosk.runtime.headless import run_headless

        log_to_stderr()
        with parts_running(settings, config):
            is_done = run_headless(settings, CLOCK)
        sys.exit(0 if is_done else 1)
    from kiosk.tui.terminal import run_on_screen

    sys.exit(run_on_screen(settings, config, CLOCK, screen_starts))


def prepare_store(settings: Settings) -> None:
    """
    See that there is a database that can be used; what else is wrong with it may pass, and the screen says it.

    Raises:
        StoreTooNew: it is of a newer version.
        LogOrphaned: it was moved away, and its log was not.
    """
    try:
        make_ready(settings, CLOCK)
    except (StoreTooNew, LogOrphaned):
        raise
    except StoreError:
        return


def has_terminal() -> bool:
    """Whether there is a screen to draw on and a keyboard; a service may have neither stream."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def prepare_practice(settings: Settings) -> None:
    """Import the attendee list of the demo badges, as staff would before a show."""
    from data import attendees
    from kiosk.printing.demo_people import demo_attendees

    db = open_store(settings.store)
    people = (attendees.Attendee(*person) for person in demo_attendees(settings.practice.badges))
    list(attendees.add(db, settings.event.name, people))
    db.close()


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")
@click.pass_context
def worker(context: click.Context, with_parent: bool) -> None:
    """
    Deliver leads to the CRM, in the background, until it is told to stop.

    `kiosk run` starts one by itself; this is for a service of its own.
    """
    from kiosk.alerts.schedule import WorkerRounds
    from sync.worker import run_worker, stop_with_parent

    settings = settings_of(context)
    check_secrets(settings)
    log_to_stderr()
    if with_parent:
        stop_with_parent()
    else:
        make_ready(settings, CLOCK)
    rounds = WorkerRounds(settings, CLOCK)
    try:
        run_worker(files_of(settings), lambda: make_connector(settings), CLOCK, rounds.wake)
    except Held:
        raise click.ClickException(f"A worker runs already for {settings.store}.") from None
    finally:
        rounds.stop()
