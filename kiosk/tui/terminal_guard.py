"""
Guards the terminal: it starts a kiosk that crashed again, and after the end of the kiosk it takes what a scanner types,
so that the next badge does not run as a shell command.

The guard is a process of its own, because a killed process cannot clean up after itself. It is the parent process,
because a shell takes the terminal back as soon as the process that it started has ended.
"""

import os
import re
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

from data.language import N_, _, format_number, ngettext

# Silence required before and after the key that gives the terminal back; a scanner's keys come in a burst.
_QUIET_SECONDS = 0.5

# What terminals send for q: the letter, or its Kitty key code where a killed kiosk could not reset the terminal.
_LEAVE_KEY = re.compile(rb"[qQ]|\x1b\[113(?:;[\d:]*){0,2}u")

# Resets what a killed kiosk could not: key protocol, mouse reports, the shell's screen, and the cursor.
_RESET_SEQUENCE = "\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"

# How long staff can read why the kiosk stopped before it starts again: longer with each crash in a row.
_RESTART_PAUSES_SECONDS = (5.0, 10.0, 20.0, 30.0)

# A kiosk that ran for this long did not crash because of the start: the pauses begin again.
_STEADY_SECONDS = 60.0

_END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_CLOSED_MESSAGE = N_("The kiosk is closed. Every lead that it saved is on this device.")
_STOPPED_MESSAGE = N_(
    "The kiosk stopped unexpectedly ({status}). Every lead that it saved is on this device. Details are in {log}."
)
_LEAVE_MESSAGE = N_("Scanned badges are ignored now. Press q, and nothing else for a second, to return to the shell.")
_STOP_MESSAGE = N_(
    "Badges are not read until then. To return to the shell instead, press q, and nothing else for a second."
)


def run_guarded(log: str) -> Callable[[], None]:
    """
    Fork: guard the terminal in this process until a person presses q, and return in the child processes only.

    A kiosk that crashes is started again, in another child process. Call the returned function when the screen starts;
    a kiosk that does not get that far needs no guard. *log* is the path of the kiosk's log, which is shown after a
    crash.
    """
    before = termios.tcgetattr(sys.stdin.fileno())
    signals = _GuardSignals(before)
    crashes, is_on_screen = 0, False
    while True:
        started_at = time.monotonic()
        run = _fork_kiosk(signals)
        if run.child == 0:
            return lambda: _report_screen_start(run.pipe, before)
        end = _wait_for_end(run, signals)
        crashes = crashes + 1 if time.monotonic() - started_at < _STEADY_SECONDS else 1
        pause = _RESTART_PAUSES_SECONDS[min(crashes, len(_RESTART_PAUSES_SECONDS)) - 1] if end.is_crash else None
        # A kiosk that crashed, and cannot even start its screen again, is still tried: the cause may pass.
        is_on_screen = is_on_screen or end.has_started
        if not is_on_screen or _guard_terminal(end.code, before, log, pause):
            os._exit(end.code if end.code >= 0 else 128 - end.code)


class _GuardSignals:
    """
    What the guard does about signals.

    What asks to end reaches the kiosk while it runs. Afterwards it ends the guard, which gives the terminal back first,
    because nobody may be there to press a key. What would stop this process is ignored.
    """

    def __init__(self, before: list[Any]) -> None:
        self.before = before
        """The terminal's attributes to give it back with."""
        self.child = 0
        """The kiosk's process; 0 while none runs."""
        self.was_asked = False
        """Whether somebody has asked the kiosk to end."""
        self.handlers: dict[signal.Signals, Any] = {}
        """The handlers that this process had before."""

    def install(self) -> None:
        """Handle signals from now on."""
        for number in _END_SIGNALS:
            self.handlers[number] = signal.signal(number, self._handle_end)
        for number in (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
            self.handlers[number] = signal.signal(number, signal.SIG_IGN)

    def uninstall(self) -> None:
        """Handle signals as before, in the kiosk's process."""
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _handle_end(self, number: int, _frame: FrameType | None) -> None:
        """Pass on a signal that asks to end, or obey it."""
        self.was_asked = True
        if self.child:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(self.child, number)
            return
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSAFLUSH, self.before)
        os._exit(128 + number)


@dataclass(frozen=True)
class _Run:
    """One start of the kiosk."""

    child: int
    """The child process; 0 in the child process itself."""
    pipe: int
    """The end of the pipe by which the child reports that the screen starts."""
    guard_lives: int = -1
    """The guard's end of the pipe that closes when the guard dies, however it dies; nothing is ever written to it."""


@dataclass(frozen=True)
class _End:
    """How one run of the kiosk ended."""

    code: int
    """The exit status; negative for a signal."""
    has_started: bool
    """Whether the screen had started."""
    is_crash: bool
    """Whether it ended although nobody had asked it to."""


def _fork_kiosk(signals: _GuardSignals) -> _Run:
    """Fork; both processes return."""
    started, has_started = os.pipe()
    lives, guard_lives = os.pipe()
    sys.stdout.flush()
    # A signal must find the guard with a child that it knows of, and the child without the guard's handlers.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    child = signals.child = os.fork()
    (signals.install if child else signals.uninstall)()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _END_SIGNALS)
    if child != 0:
        os.close(has_started)
        os.close(lives)
        return _Run(child, started, guard_lives)
    os.close(started)
    os.close(guard_lives)
    threading.Thread(target=_end_with_guard, args=(lives,), name="guard", daemon=True).start()
    return _Run(0, has_started)


def _end_with_guard(lives: int) -> None:
    """Close the kiosk when the guard is gone, because then a shell has the terminal."""
    os.read(lives, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _report_screen_start(started: int, before: list[Any]) -> None:
    """Tell the guard that the screen starts, and silence the terminal until it does."""
    _silence_terminal(sys.stdin.fileno(), before)
    os.write(started, b"s")
    os.close(started)


def _wait_for_end(run: _Run, signals: _GuardSignals) -> _End:
    """Wait until the kiosk has ended."""
    code = os.waitstatus_to_exitcode(os.waitpid(run.child, 0)[1])
    signals.child = 0
    has_started = os.read(run.pipe, 1) == b"s"
    os.close(run.pipe)
    os.close(run.guard_lives)
    return _End(code, has_started, is_crash=code != 0 and not signals.was_asked)


def _guard_terminal(code: int, before: list[Any], log: str, pause: float | None) -> bool:
    """
    Guard the terminal until a person presses q, or for *pause* seconds.

    Returns:
        Whether to end: a person pressed q, or the terminal is gone.
    """
    terminal = sys.stdin.fileno()
    is_over = True
    with suppress(OSError):  # the terminal may be gone
        _silence_terminal(terminal, before)
        _print_end_message(code, log, pause)
        is_over = _wait_for_person(terminal, pause)
    if is_over:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    return is_over


def _silence_terminal(terminal: int, before: list[Any]) -> None:
    """Discard what was typed, and switch off echo and signals from the keyboard."""
    quiet = [*before[:6], [*before[6]]]
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    quiet[0] &= ~(termios.IXON | termios.ICRNL)
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
    except termios.error as error:
        raise OSError(str(error)) from error


def _print_end_message(code: int, log: str, pause: float | None) -> None:
    """Print how the kiosk ended, whether it starts again, and how to get back to the shell."""
    if code:
        status = signal.Signals(-code).name if code < 0 else _("status {code}").format(code=code)
        sys.stdout.write(_RESET_SEQUENCE + _(_STOPPED_MESSAGE).format(status=status, log=log))
    else:
        sys.stdout.write(_(_CLOSED_MESSAGE))
    if pause is not None:
        again = ngettext(
            "It starts again by itself in {count} second.",
            "It starts again by itself in {count} seconds.",
            round(pause),
        )
        sys.stdout.write("\r\n" + again.format(count=format_number(round(pause))))
    sys.stdout.write(f"\r\n{_(_LEAVE_MESSAGE if pause is None else _STOP_MESSAGE)}\r\n")
    sys.stdout.flush()


def _wait_for_person(terminal: int, pause: float | None) -> bool:
    """
    Wait for a q with silence before and after it, or until the terminal closes, but not longer than *pause* seconds.

    Returns:
        Whether that came to pass before the pause was over.

    Raises:
        OSError: the terminal is gone.
    """
    last_key_at = time.monotonic()
    end = None if pause is None else last_key_at + pause
    while select.select([terminal], [], [], None if end is None else max(0.0, end - time.monotonic()))[0]:
        keys = os.read(terminal, 4096)
        if not keys:
            return True
        is_alone = time.monotonic() - last_key_at >= _QUIET_SECONDS
        last_key_at = time.monotonic()
        if is_alone and _LEAVE_KEY.fullmatch(keys) and not select.select([terminal], [], [], _QUIET_SECONDS)[0]:
            return True
    return False
