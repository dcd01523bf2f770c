"""The kiosk on all kinds of terminals, and a crash in one: it never looks like a normal end."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.tui.screens.quit import CLOSE_WORD
from tests.kiosk.tui.terminal.kiosk_in_a_terminal import KioskInATerminal

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

SAVED = "SAVED  "

TERMINALS = {
    "no colours wanted": {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"},
    "an empty wish": {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""},
    "256 colours": {"TERM": "xterm-256color", "COLORTERM": ""},
    "16 colours": {"TERM": "linux", "COLORTERM": ""},
    "no colours": {"TERM": "xterm-mono", "COLORTERM": ""},
    "dumb": {"TERM": "dumb", "COLORTERM": ""},
    "dumb, no colours wanted": {"TERM": "dumb", "COLORTERM": "", "NO_COLOR": "1"},
    "no name": {"TERM": "", "COLORTERM": ""},
}

CRASHING = """
import sys
from unittest.mock import patch
from kiosk.cli import main
from kiosk.tui.screens.pending import PendingScreen
def crash(*_):
    secret = "in a local variable"
    raise ZeroDivisionError("a mistake of ours")
with patch.object(PendingScreen, "compose", crash):
    main()
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., KioskInATerminal]]:
    """Starts a kiosk in a terminal with an environment of its own."""
    started: list[KioskInATerminal] = []

    def start(**options: object) -> KioskInATerminal:
        started.append(KioskInATerminal(tmp_path, **options))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for kiosk in started:
        kiosk.close()


def end(kiosk: KioskInATerminal) -> int:
    """End the kiosk by its keys; its exit status."""
    kiosk.press("\x1b[21~")  # F10
    kiosk.sees("Close the kiosk?")
    kiosk.type_word(CLOSE_WORD)
    kiosk.leave()
    kiosk.until(lambda: not kiosk.process.isalive(), "the kiosk ends")
    return int(kiosk.process.exitstatus)


def read_filter(kiosk: KioskInATerminal) -> str:
    """What the pending list shows, such as `waiting`; nothing if that is not on the screen."""
    found = re.search(r"Showing: (.+?)(?:  |$)", kiosk.text, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("terminal", TERMINALS)
def test_all_screens_work_on_it(terminal: str, start: Callable[..., KioskInATerminal]) -> None:
    kiosk = start(environment=TERMINALS[terminal])
    kiosk.sees("Ana López", SAVED)
    kiosk.press("4")

    for key, sees, back in (("\x1bOP", "WHERE A LEAD IS", "\x1b"), ("\x1bOQ", "Next try", "")):
        kiosk.press(key)
        kiosk.sees(sees)
        if back:
            kiosk.press(back)
    kiosk.press("\x1b[15~")  # F5: a notification
    for _ in range(5):
        shown = read_filter(kiosk)
        kiosk.press("f")
        kiosk.until(lambda shown=shown: read_filter(kiosk) not in ("", shown), "the next filter")  # type: ignore[misc]
    assert read_filter(kiosk) == "all"
    kiosk.press("\r")
    kiosk.sees("Ctrl+S Save", "last name")  # further down, what a demo badge says may cover it

    assert end(kiosk) == 0
    assert "Traceback" not in kiosk.logs()


@pytest.mark.parametrize("terminal", ["no colours wanted", "dumb"])
def test_a_picture_without_colours_is_drawn_in_characters(
    terminal: str, start: Callable[..., KioskInATerminal]
) -> None:
    """Half blocks without colours all look alike. A demo badge is white on a dark booth."""
    kiosk = start(environment=TERMINALS[terminal])
    kiosk.sees("Ana López", SAVED)

    # White is @, until the code is framed in green, which is as bright as = and +.
    kiosk.until(lambda: re.search(r"[=+*#%@]{8}", kiosk.text), "a bright card")

    assert "▀▀▀▀▀▀▀▀▀▀▀▀" not in kiosk.text


def test_a_screen_that_crashes_ends_with_status_1_and_a_sentence(start: Callable[..., KioskInATerminal]) -> None:
    """The log says what happened, without the values of variables, which may be people and keys."""
    kiosk = start(environment=TERMINALS["256 colours"], runs=["-c", CRASHING])
    kiosk.sees("Ana López", SAVED)

    kiosk.press("\x1bOQ")  # F2

    kiosk.sees("The kiosk stopped unexpectedly (status 1)")
    kiosk.leave()
    kiosk.until(lambda: not kiosk.process.isalive(), "the kiosk ends")
    assert kiosk.process.exitstatus == 1
    assert "The kiosk is closing" not in kiosk.text
    assert str(kiosk.practice / "kiosk.log") in kiosk.text.replace("\n", "")
    assert "ZeroDivisionError: a mistake of ours" in kiosk.logs()
    assert "in a local variable" not in kiosk.logs().replace('secret = \\"in a local variable\\"', "")
    assert kiosk.processes() == {}
