"""Textual's terminal driver for a booth: it takes keys and clicks, and nothing that a scanner could forge."""

import asyncio
import os
import select
import signal
import time
from contextlib import suppress
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from kiosk.tui.terminal_input import TerminalParser

# How long one wait for keys lasts. The end of the last wait without a key tells how late a key can have been read.
_INPUT_POLL_SECONDS = 0.02

# If more time has passed since that wait began, the key may have come at any time in between.
_LATE_READ_SECONDS = 0.06

# How many late reads are remembered.
_MAX_LATE_READS = 100

_READ_BYTES = 65536


class BoothDriver(LinuxDriver):
    """Reads keys together with the time of their arrival, and leaves bracketed paste and size reports off."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file = _LastingOutput(self._file)  # type: ignore[assignment, arg-type]  # Textual asks for less than it says
        self._late_reads: dict[float, float] = {}

    @property
    def has_unread_input(self) -> bool:
        """Whether the terminal has sent something that has not been read yet."""
        return bool(select.select([self.fileno], [], [], 0)[0])

    def get_lateness(self, at: float) -> float:
        """Return by how many seconds the input read at the time *at* may have been read too late."""
        return self._late_reads.get(at, 0.0)

    def start_application_mode(self) -> None:
        """Take over the terminal; SIGTERM exits the app, so that the terminal is always reset."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._app.exit)

    def stop_application_mode(self) -> None:
        """Give the terminal back, cleared: the Linux console keeps what a program drew."""
        self.write("\x1b[2J\x1b[H")
        super().stop_application_mode()

    def _query_in_band_window_resize(self) -> None:
        """Do not ask for sizes in the input, which a scanner could forge; SIGWINCH and the kernel report the size."""

    def _enable_bracketed_paste(self) -> None:
        """Do not ask for bracketed pastes: a scanner could open one and never close it."""

    def _enable_mouse_support(self) -> None:
        """Ask for clicks, drags and the wheel, but not for moves, which would come between a scanner's keys."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        """Stop asking for clicks."""
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1006l")
            self.flush()

    def run_input_thread(self) -> None:
        """Read input until the app ends; a closed terminal ends the app."""
        terminal_input = TerminalParser()
        while not self.exit_event.is_set():
            wait_began_at = time.monotonic()
            if not select.select([self.fileno], [], [], _INPUT_POLL_SECONDS)[0]:
                continue
            try:
                data = os.read(self.fileno, _READ_BYTES)
            except OSError:
                data = b""
            # Reading nothing means that the terminal was closed.
            if not data:
                self._app.call_later(self._app.exit)
                return
            read_at = time.monotonic()
            if read_at - wait_began_at > _LATE_READ_SECONDS:
                self._record_late_read(read_at, read_at - wait_began_at)
            for message in terminal_input.parse_bytes(data, read_at):
                self.process_message(message)

    def _record_late_read(self, at: float, seconds: float) -> None:
        """Remember that input read at the time *at* may be older by *seconds*."""
        self._late_reads[at] = seconds
        if len(self._late_reads) > _MAX_LATE_READS:
            del self._late_reads[next(iter(self._late_reads))]


class _LastingOutput:
    """
    The terminal as Textual's output thread writes to it, also when the terminal is gone.

    That thread would end at the first error, and nothing would empty its queue any more: the app would wait forever for
    room in it, and never handle the signal that says that the terminal is gone.
    """

    def __init__(self, terminal: IO[str]) -> None:
        self._terminal = terminal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def write(self, text: str) -> None:
        """Write *text*, or nothing."""
        with suppress(OSError, ValueError):
            self._terminal.write(text)

    def flush(self) -> None:
        """Flush what was written, if there is still a terminal."""
        with suppress(OSError, ValueError):
            self._terminal.flush()
