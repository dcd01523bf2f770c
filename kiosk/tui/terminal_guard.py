"""
Keeps the terminal from the end of the kiosk on, however it ended: a scanner's next badge must not reach a shell.

The guard is a process of its own, for nobody can tidy up after being killed. It is the parent, because a shell takes
the terminal back as soon as the process that it started has ended.
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

_QUIET_SECONDS = 0.5
"""Silence on both sides of the key that gives the terminal back: a scanner's keys come in a burst."""

_LEAVE_KEY = re.compile(rb"[qQ]|\x1b\[113(?:;[\d:]*){0,2}u")
"""What terminals send for q: the letter, or its code where the kiosk was killed before it could reset them."""

_RESET_SEQUENCE = "\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
"""What a killed kiosk could not write: usual keys, no mouse, the shell's screen and its cursor."""

_CLOSED_MESSAGE = "The kiosk has ended, and every lead it saved is on this device."
_STOPPED_MESSAGE = "The kiosk stopped unexpectedly ({status}); every lead it saved is on this device. Its log is {log}."
_LEAVE_MESSAGE = "Scanned badges do nothing now. Press q, and nothing else for a second, to go back to the shell."


def run_guarded(log: str) -> Callable[[], None]:
    """
    Go on in a child process, and guard the terminal in this one until a person presses q. Returns in the child only.

    What it returns is to be called when the screen starts: a kiosk that did not come so far needs no guard. *log* is
    where the kiosk writes what happened.
    """
    started, has_started = os.pipe()
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
    """End well when the guard is gone: then a shell has the terminal."""
    os.read(lives, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _report_screen_start(started: int, before: list[Any]) -> None:
    """Say that the screen starts, and keep quiet what is typed before it begins and after it has ended."""
    _silence_terminal(sys.stdin.fileno(), before)
    os.write(started, b"s")
    os.close(started)


def _run_guard(child: int, started: int, before: list[Any], log: str) -> NoReturn:
    """Wait for the end of *child*, and then for a person."""
    ended = False

    def ask_to_end(number: int, _frame: FrameType | None) -> None:
        if ended:
            raise SystemExit(128 + number)  # asked for the second time: nobody is there to press a key
        with suppress(ProcessLookupError):  # it ends at this very moment
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask_to_end)
    for number in (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
        signal.signal(number, signal.SIG_IGN)
    _, status = os.waitpid(child, 0)
    ended = True
    code = os.waitstatus_to_exitcode(status)
    has_started = os.read(started, 1) == b"s"
    terminal = sys.stdin.fileno()
    try:
        if has_started:
            with suppress(OSError):  # where the terminal is gone
                _silence_terminal(terminal, before)
                _print_end_message(code, log)
                _wait_for_person(terminal)
    finally:
        with suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    os._exit(code if code >= 0 else 128 - code)


def _silence_terminal(terminal: int, before: list[Any]) -> None:
    """Throw away what was typed, and let nothing that is typed be shown or become a signal."""
    quiet = [*before[:6], [*before[6]]]
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    quiet[0] &= ~(termios.IXON | termios.ICRNL)
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
    except termios.error as error:
        raise OSError(str(error)) from error


def _print_end_message(code: int, log: str) -> None:
    """Say how the kiosk ended, and how to leave."""
    if code:
        status = signal.Signals(-code).name if code < 0 else f"status {code}"
        sys.stdout.write(_RESET_SEQUENCE + _STOPPED_MESSAGE.format(status=status, log=log))
    else:
        sys.stdout.write(_CLOSED_MESSAGE)
    sys.stdout.write(f"\r\n{_LEAVE_MESSAGE}\r\n")
    sys.stdout.flush()


def _wait_for_person(terminal: int) -> None:
    """
    Wait for a q with silence on both sides, or for the end of the terminal.

    Raises:
        OSError: the terminal is gone.
    """
    last_key_at = time.monotonic()
    while keys := os.read(terminal, 4096):
        is_alone = time.monotonic() - last_key_at >= _QUIET_SECONDS
        last_key_at = time.monotonic()
        if is_alone and _LEAVE_KEY.fullmatch(keys) and not select.select([terminal], [], [], _QUIET_SECONDS)[0]:
            return
