"""Processes that the kiosk starts, watches and starts again: the worker, and the practice CRM."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk.runtime.log import open_log

log = logging.getLogger(__name__)

STEADY_SECONDS = 30.0
"""A process that ran so long was well: its next failure is met with the shortest pause again."""

RESTART_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before it is started again, longer from failure to failure."""

STOP_TIMEOUT_SECONDS = 50.0
"""Seconds that a process gets to end well: longer than a call to the CRM can take."""


class ChildProcess:
    """
    One `kiosk` command in a process of its own, kept running.

    It holds the other end of a pipe to its standard input, and ends when that closes: it cannot outlive us.
    """

    def __init__(self, command: Sequence[str], log_file: Path) -> None:
        self.command = [sys.executable, "-m", "kiosk", *command]
        self.log_file = log_file
        self.stop_event = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.keeper_thread = threading.Thread(target=self.keep_running, name=f"keep {log_file.stem}", daemon=True)

    def start(self) -> None:
        """Start it, and keep it running from now on."""
        self.keeper_thread.start()

    def keep_running(self) -> None:
        """Start it again whenever it ends, until `stop`."""
        failures = 0
        while not self.stop_event.is_set():
            started = time.monotonic()
            status = self.run_once()
            if self.stop_event.is_set():
                return
            failures = 0 if time.monotonic() - started > STEADY_SECONDS else failures + 1
            log.warning("%s ended with status %s and is started again", self.log_file.stem, status)
            self.stop_event.wait(RESTART_PAUSES_SECONDS[min(failures, len(RESTART_PAUSES_SECONDS) - 1)])

    def run_once(self) -> int:
        """Start it, and wait for its end: its exit status, or -1 where it cannot be started."""
        try:
            with self.spawn_process() as process:
                self.process = process
                if self.stop_event.is_set():  # `stop` may have looked before there was anything to stop
                    process.terminate()
                return process.wait()
        except OSError as error:
            log.error("%s cannot be started: %s", self.log_file.stem, error)
            return -1

    def spawn_process(self) -> subprocess.Popen[bytes]:
        """A new process; never a fork that keeps our open database."""
        output = open_log(self.log_file)
        try:
            return subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )
        finally:
            os.close(output)

    def stop(self) -> None:
        """Have it finish what it does, and wait for its end; one that hangs is killed."""
        self.stop_event.set()
        process = self.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("%s did not end in time and was killed", self.log_file.stem)
                process.kill()
        if self.keeper_thread.is_alive():
            self.keeper_thread.join(5.0)
