"""Child processes that the kiosk starts, monitors and restarts: the worker, the API server and the practice CRM."""

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
"""A process that ran for this long counts as healthy: after its next exit, the restart pauses begin again."""

RESTART_PAUSES_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Pauses before a restart, growing with each consecutive failure."""

# Time that a process has to exit after SIGTERM before it is killed. Longer than a call to the CRM can take.
STOP_TIMEOUT_SECONDS = 50.0


class ChildProcess:
    """
    One `kiosk` command that is kept running in a child process.

    The child reads a pipe as its standard input and exits when that closes, so it cannot outlive this process.
    """

    def __init__(self, command: Sequence[str], log_file: Path) -> None:
        self.command = [sys.executable, "-m", "kiosk", *command]
        self.log_file = log_file
        self.stop_event = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.keeper_thread = threading.Thread(target=self.keep_running, name=f"keep-{log_file.stem}", daemon=True)

    def start(self) -> None:
        """Start the process in the background, and restart it whenever it exits."""
        self.keeper_thread.start()

    def keep_running(self) -> None:
        """Run the process again and again until `stop` is called."""
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
        """Run the process until it exits; return its exit status, or -1 if it cannot be started."""
        try:
            with self.spawn_process() as process:
                self.process = process
                if self.stop_event.is_set():  # `stop` may have been called before there was a process to stop
                    process.terminate()
                return process.wait()
        except OSError as error:
            log.error("%s cannot be started: %s", self.log_file.stem, error)
            return -1

    def spawn_process(self) -> subprocess.Popen[bytes]:
        """Start the command, with its output appended to the log file."""
        output = open_log(self.log_file)
        try:
            # A new program rather than a fork: a fork would inherit our open database.
            return subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )
        finally:
            os.close(output)

    def stop(self) -> None:
        """Ask the process to finish and wait for its exit; kill it if it hangs."""
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
