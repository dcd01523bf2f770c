"""
Guards the terminal after the kiosk has ended, so that a scanner's next badge does not run as a shell command.

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
from types import FrameType
from typing import Any, NoReturn

from data.language import N_, _

# Silence required before and after the key that gives the terminal back; a scanner's keys come in a burst.
_QUIET_SECONDS = 0.5

# What terminals send for q: the letter, or its Kitty key code where a killed kiosk could not reset the terminal.
_LEAVE_KEY = re.compile(rb"[qQ]|\x1b\[113(?:;[\d:]*){0,2}u")

# Resets what a killed kiosk could not: key protocol, mouse reports, the shell's screen, and the cursor.
_RESET_SEQUENCE = "\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"

_CLOSED_MESSAGE = N_("The kiosk is closed. Every lead that it saved is on this device.")
_STOPPED_MESSAGE = N_(
    "The kiosk stopped unexpectedly ({status}). Every lead that it saved is on this device. Details are in {log}."
)
_LEAVE_MESSAGE = N_("Scanned badges are ignored now. Press q, and nothing else for a second, to return to the shell.")


def run_guarded(log: str) -> Callable[[], None]:
    """
    Fork: guard the terminal in this process until a person presses q, and return in the child process only.

    Call the returned function when the screen starts; a kiosk that does not get that far needs no guard. *log* is the
    path of the kiosk's log, which is shown after a crash.
    """
    started, has_started = os.pipe()
    # The guard never writes to this pipe: its end of it closes when the guard dies, however it dies.
    lives, guard_lives = os.pipe()
    before = termios.tcgetattr(sys.stdin.fileno())
    sys.stdout.flush()
    child = os.fork()
    if child != 0:
        os.close(has_started)
        os.close(lives)
        _run_guard(child, started, before, log)
    os.close(started)
    os.close(guard_lives)
    threading.Thread(target=_end_with_guard, args=(lives,), name="guard", daemon=True).start()
    return lambda: _report_screen_start(has_started, before)


def _end_with_guard(lives: int) -> None:
    """Close the kiosk when the guard is gone, because then a shell has the terminal."""
    os.read(lives, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _report_screen_start(started: int, before: list[Any]) -> None:
    """Tell the guard that the screen starts, and silence the terminal until it does."""
    _silence_terminal(sys.stdin.fileno(), before)
    os.write(started, b"s")
    os.close(started)


def _run_guard(child: int, started: int, before: list[Any], log: str) -> NoReturn:
    """Wait until *child* has ended, and then for a person."""
    ended = False

    def ask_to_end(number: int, _frame: FrameType | None) -> None:
        if ended:
            raise SystemExit(128 + number)  # the kiosk has ended already, and nobody may be there to press a key
        with suppress(ProcessLookupError):  # the child has just ended
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask_to_end)
    for number in (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
        signal.signal(number, signal.SIG_IGN)
    status = os.waitpid(child, 0)[1]
    ended = True
    code = os.waitstatus_to_exitcode(status)
    has_started = os.read(started, 1) == b"s"
    terminal = sys.stdin.fileno()
    try:
        if has_started:
            with suppress(OSError):  # the terminal may be gone
                _silence_terminal(terminal, before)
                _print_end_message(code, log)
                _wait_for_person(terminal)
    finally:
        with suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    os._exit(code if code >= 0 else 128 - code)


def _silence_terminal(terminal: int, before: list[Any]) -> None:
    """Discard what was typed, and switch off echo and signals from the keyboard."""
    quiet = [*before[:6], [*before[6]]]
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    quiet[0] &= ~(termios.IXON | termios.ICRNL)
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
    except termios.error as error:
        raise OSError(str(error)) from error


def _print_end_message(code: int, log: str) -> None:
    """Print how the kiosk ended, and how to get back to the shell."""
    if code:
        status = signal.Signals(-code).name if code < 0 else _("status {code}").format(code=code)
        sys.stdout.write(_RESET_SEQUENCE + _(_STOPPED_MESSAGE).format(status=status, log=log))
    else:
        sys.stdout.write(_(_CLOSED_MESSAGE))
    sys.stdout.write(f"\r\n{_(_LEAVE_MESSAGE)}\r\n")
    sys.stdout.flush()


def _wait_for_person(terminal: int) -> None:
    """
    Wait for a q with silence before and after it, or until the terminal closes.

    Raises:
        OSError: the terminal is gone.
    """
    last_key_at = time.monotonic()
    while keys := os.read(terminal, 4096):
        is_alone = time.monotonic() - last_key_at >= _QUIET_SECONDS
        last_key_at = time.monotonic()
        if is_alone and _LEAVE_KEY.fullmatch(keys) and not select.select([terminal], [], [], _QUIET_SECONDS)[0]:
            return
