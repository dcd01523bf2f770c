"""The kiosk on a terminal: the parts beside the screen, and nothing on the screen that is not ours."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from data.clock import Clock
from kiosk.config.load import Settings
from kiosk.runtime.crash import report_thread_crashes
from kiosk.runtime.log import log_to_stderr, open_log
from kiosk.runtime.services import build_log_path, run_services


def run_on_screen(
    settings: Settings, config: Path | None, clock: Clock, on_screen_start: Callable[[], None] = lambda: None
) -> int:
    """
    Run the kiosk until somebody ends it; then the worker finishes the call in flight. Returns the exit status.

    *on_screen_start* is called when the terminal becomes the kiosk's.
    """
    log = build_log_path(settings, "kiosk")
    if not os.environ.get("NO_COLOR"):  # an empty one asks for nothing (no-color.org), and Textual takes it for a wish
        os.environ.pop("NO_COLOR", None)
    with redirect_errors(log):
        log_to_stderr()
        with run_services(settings, config):
            from kiosk.scanning.capture import describe_unsaved
            from kiosk.tui.app import KioskApp
            from kiosk.tui.messages import ThreadCrashed
            from sync.wake import WorkerWaker

            on_screen_start()
            app = KioskApp(settings, clock, WorkerWaker(settings.queue_file))
            with report_thread_crashes(lambda error: app.post_message(ThreadCrashed(error))):
                app.run()
            if not app.return_code:
                click.echo("The kiosk ends; the sender finishes what it is doing.")
            for scanner in (app.camera_scanner, app.usb_scanner):
                if scanner.held_count:
                    click.echo(f"NOT SAVED: {describe_unsaved(scanner.held_count, scanner.held_file)}", err=True)
    return app.return_code or 0  # the guard of the terminal says what another status than 0 means


@contextmanager
def redirect_errors(path: Path) -> Iterator[None]:
    """
    Have everything that is written to standard error, by C code too, end up in the log at *path*.

    Textual draws on `sys.__stderr__`: it gets the terminal that standard output is, under another number.
    """
    terminal, errors, log = os.dup(1), os.dup(2), open_log(path)
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
