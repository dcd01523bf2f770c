"""Textual's driver for a booth: the terminal takes keys and clicks, and nothing that a scanner could forge."""

import asyncio
import os
import select
import signal
import time
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from kiosk.tui.terminal_input import TerminalParser

INPUT_POLL_SECONDS = 0.02
"""How often the input thread looks for keys: by the last time it looked in vain it knows how late it reads one."""

_LATE_READ_SECONDS = 0.06
"""A key that was read so much later than the terminal was looked at may have come at any time in between."""

_MAX_LATE_READS = 100
"""Late reads that are remembered."""

_READ_BYTES = 65536


class BoothDriver(LinuxDriver):
    """Reads keys with the time of their arrival; asks for no pastes and for no sizes: the kernel knows the size."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._late_reads: dict[float, float] = {}

    @property
    def has_unread_input(self) -> bool:
        """Whether the terminal has sent something that was not read yet."""
        return bool(select.select([self.fileno], [], [], 0)[0])

    def get_lateness(self, at: float) -> float:
        """Seconds by which what was read at the time *at* may have been read too late."""
        return self._late_reads.get(at, 0.0)

    def start_application_mode(self) -> None:
        """Take the terminal; whoever asks the process to end gets a terminal back that is in order."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._app.exit)

    def _query_in_band_window_resize(self) -> None:
        """Do not ask for sizes within the input: SIGWINCH and the kernel say the size."""

    def _enable_bracketed_paste(self) -> None:
        """Do not ask for brackets around pastes: a scanner could open one and never close it."""

    def _enable_mouse_support(self) -> None:
        """Ask for clicks, drags and the wheel, but not for each move: moves would stand between a scanner's keys."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        """Ask for no clicks any more."""
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1006l")
            self.flush()

    def run_input_thread(self) -> None:
        """Read until the end; a terminal that is gone ends the app."""
        terminal_input = TerminalParser()
        while not self.exit_event.is_set():
            looked_at = time.monotonic()
            if not select.select([self.fileno], [], [], INPUT_POLL_SECONDS)[0]:
                continue
            try:
                data = os.read(self.fileno, _READ_BYTES)
            except OSError:
                data = b""
            if not data:
                self._app.call_later(self._app.exit)
                return
            read_at = time.monotonic()
            if read_at - looked_at > _LATE_READ_SECONDS:
                self._record_late_read(read_at, read_at - looked_at)
            for message in terminal_input.parse_bytes(data, read_at):
                self.process_message(message)

    def _record_late_read(self, at: float, seconds: float) -> None:
        """Remember that what was read at the time *at* may be older by *seconds*."""
        self._late_reads[at] = seconds
        if len(self._late_reads) > _MAX_LATE_READS:
            del self._late_reads[next(iter(self._late_reads))]
