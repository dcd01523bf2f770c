"""Runs the kiosk on a terminal: the app, the services beside it, and standard error kept off the screen."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from data.clock import Clock
from data.language import _
from kiosk.config.load import Settings
from kiosk.runtime.crash import report_thread_crashes
from kiosk.runtime.log import log_to_stderr, open_log
from kiosk.runtime.services import build_log_path, run_services


def run_on_screen(
    settings: Settings, config: Path | None, clock: Clock, on_screen_start: Callable[[], None] = lambda: None
) -> int:
    """
    Run the kiosk until somebody closes it, and return the exit status; the worker finishes the call in flight.

    *on_screen_start* is called just before the app takes over the terminal.
    """
    log = build_log_path(settings, "kiosk")
    # By no-color.org an empty NO_COLOR has no effect, but Textual would drop all colours.
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)
    with redirect_errors(log):
        log_to_stderr()
        with run_services(settings, config):
            # Textual and the decoders take a second to import; the services start meanwhile.
            from kiosk.scanning.scan_result import describe_unsaved
            from kiosk.tui.app import KioskApp
            from kiosk.tui.messages import ThreadCrashed
            from sync.wake import WorkerWaker

            on_screen_start()
            app = KioskApp(settings, clock, WorkerWaker(settings.queue_file))
            with report_thread_crashes(lambda error: app.post_message(ThreadCrashed(error))):
                app.run()
            if not app.return_code:
                click.echo(_("The kiosk is closing. It finishes the delivery in progress first."))
            for scanner in (app.camera_scanner, app.usb_scanner):
                if scanner.held_count:
                    unsaved = describe_unsaved(scanner.held_count, scanner.held_file)
                    click.echo(_("NOT SAVED: {badges}").format(badges=unsaved), err=True)
    # The terminal guard, our parent process, explains any other status to staff.
    return app.return_code or 0


@contextmanager
def redirect_errors(path: Path) -> Iterator[None]:
    """Send everything that is written to standard error, also by C code, to the log at *path*."""
    terminal, errors, log = os.dup(1), os.dup(2), open_log(path)
    # Textual draws on `sys.__stderr__`, so it gets a second descriptor of the terminal that standard output is.
    drawn = os.fdopen(terminal, "w", encoding="utf-8", errors="replace")
    before = sys.__stderr__
    os.dup2(log, 2)
    os.close(log)
    setattr(sys, "__stderr__", drawn)  # noqa: B010  typeshed calls it final, Textual reads it
    try:
        yield
    finally:
        setattr(sys, "__stderr__", before)  # noqa: B010
        os.dup2(errors, 2)
        os.close(errors)
        drawn.close()
