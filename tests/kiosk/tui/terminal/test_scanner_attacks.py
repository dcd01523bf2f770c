"""Badges made to take over the terminal: nothing that a scanner types presses a key, and none of it reaches a shell."""

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.arrival import Arrival
from data.clock import SystemClock
from data.contact import Contact
from data.held_scans import write_held_scans
from data.lead import Lead, ScanRecord
from tests.kiosk.tui.terminal.kiosk_in_a_terminal import KioskInATerminal

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
"""Python 3.12 warns of it where a library has threads; the child becomes another program at once."""

SEQUENCES = {
    "F10, then y": "\x1b[21~y\r",
    "F10, then the word": "\x1b[21~\rclose\r",
    "F2, then discard": "\x1bOQ\rd\rx\r",
    "a paste that never ends": "4711;;\x1b[200~\r",
    "a size": "\x1b[48;9000;9000;90000;90000t\r",
    "a click on a rating": "\x1b[<0;72;17M\x1b[<0;72;17m\r",
    "the focus": "\x1b[O\r",
    "a key of Kitty's protocol": "\x1b[52;;52u\r",
    "a rating between controls": "\x024\x03\r",
    "keys of a shell": "\x03\x1a\x1c\x04\x13\x11\r",
    "not UTF-8": "\udce9t\udce9\r",
}
SCANS = "select count(*) from scans where source = 'scanner'"
STAYS_DOWN = """
from kiosk.tui import terminal_guard
from kiosk.cli import main
terminal_guard._RESTART_PAUSES_SECONDS = (3600.0,)
main()
"""
"""A kiosk that does not start again while a test looks at what it left behind."""

CANNOT_DRAW = """
from kiosk.tui import terminal_guard
from kiosk.cli import main
from kiosk.tui.widgets.viewfinder import Viewfinder
Viewfinder.render_line = lambda widget, y: 1 / 0
main()
"""
"""A kiosk whose screen crashes at once."""

BADGE_PAUSE_SECONDS = 0.6
"""Between two badges of one scanner: longer than a key is taken for the end of the badge before it."""


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskInATerminal]:
    """A kiosk that was started from a shell."""
    kiosk = KioskInATerminal(tmp_path, runs=("-c", STAYS_DOWN), in_shell=True)
    kiosk.sees("PRACTICE", "Ana López")
    yield kiosk
    kiosk.close()


def show_good_badge(kiosk: KioskInATerminal, badge: str) -> None:
    """Have the scanner type *badge* at once, as the rhythm is not what is tested here; wait until it is saved."""
    kiosk.scan(f"{badge}\r", 0.0)
    is_saved = "select count(*) from leads where badge_id = ?"
    kiosk.until(lambda: kiosk.rows(is_saved, badge) == [(1,)], f"{badge} is a lead")
    kiosk.wait_after_keys(BADGE_PAUSE_SECONDS)


def check_unharmed(kiosk: KioskInATerminal, good: list[str]) -> None:
    """Check that each good badge is still a lead, that no lead was touched, and that the scan screen is in front."""
    assert set(good) <= {row[0] for row in kiosk.rows("select badge_id from leads")}
    assert kiosk.rows("select distinct rating, tags, note from leads") == [(None, "[]", "")]
    assert kiosk.rows("select count(*) from actions") == [(0,)]
    kiosk.sees("n Note", "F10 Close")
    assert "Close the kiosk?" not in kiosk.text


@pytest.mark.parametrize("gap", [0.0, 0.004, 0.03])
def test_a_badge_presses_no_key_and_the_next_one_is_saved(kiosk: KioskInATerminal, gap: float) -> None:
    """Typed at the rhythm of real scanners, and all at once as a busy machine reads it."""
    good = []
    for number, payload in enumerate(SEQUENCES.values()):
        kiosk.scan(payload, gap)
        kiosk.wait(BADGE_PAUSE_SECONDS)
        good.append(f"GOOD{number:06}")
        show_good_badge(kiosk, good[-1])

    check_unharmed(kiosk, good)


def test_a_sequence_that_is_read_in_two_pieces_presses_no_key(kiosk: KioskInATerminal) -> None:
    """After its first byte, in its middle, and before its last: test_terminal_input.py cuts them everywhere."""
    good = []
    for name, length in (("F10, then y", 5), ("F2, then discard", 3), ("a click on a rating", 11)):
        payload = SEQUENCES[name]
        for cut in sorted({1, length // 2, length - 1}):
            kiosk.scan(payload[:cut], 0.0)
            time.sleep(0.02)
            kiosk.scan(payload[cut:], 0.0)
            kiosk.wait(BADGE_PAUSE_SECONDS)
        good.append(f"CUT{len(good):06}")
        show_good_badge(kiosk, good[-1])

    check_unharmed(kiosk, good)


def test_a_badge_in_the_open_question_does_not_close_the_kiosk(kiosk: KioskInATerminal) -> None:
    """A word that a scanner types is not a person's."""
    kiosk.press("\x1b[21~")
    kiosk.sees("Close the kiosk?")
    kiosk.wait_after_keys(BADGE_PAUSE_SECONDS)

    for payload in ("y\r", "close\r", "CLOSE1\r"):
        # All at once: a busy machine stretches the one gap of `y` to a person's.
        kiosk.scan(payload, 0.0)
        kiosk.wait(BADGE_PAUSE_SECONDS)

    kiosk.until(lambda: kiosk.rows(SCANS) == [(3,)], "all three are badges")
    assert "Close the kiosk?" in kiosk.text


@pytest.mark.parametrize("end", ["closed by a person", "killed", "asked to end", "segmentation fault"])
def test_after_the_end_a_badge_reaches_no_shell(kiosk: KioskInATerminal, end: str) -> None:
    """However the kiosk ended: input is discarded until a person presses q."""
    made = kiosk.folder / "made"
    guard, screen = kiosk.screen_processes()
    if end == "closed by a person":
        kiosk.press("\x1b[21~")
        kiosk.sees("Close the kiosk?")
        kiosk.type_word("close")
    else:
        number = {"killed": signal.SIGKILL, "asked to end": signal.SIGTERM, "segmentation fault": signal.SIGSEGV}[end]
        os.kill(guard if number == signal.SIGTERM else screen, number)
    kiosk.until(lambda: "ress q" in kiosk.text, "it says how to get back to the shell")

    for payload in (f"touch {made}\r", f"q\rtouch {made}\r", f"\x03\x04\x1c touch {made}\r"):
        kiosk.scan(payload, 0.008)
        kiosk.wait(BADGE_PAUSE_SECONDS)
    kiosk.read()
    assert "status" not in kiosk.text.rpartition("ress q")[2]
    kiosk.press("q")
    kiosk.sees(f"status { ({'killed': 128 + 9, 'segmentation fault': 128 + 11}.get(end, 0)) }")
    kiosk.process.send(f"echo shell $((1 + 1)); touch {made}.by-hand\r")
    kiosk.sees("shell 2")

    kiosk.until(Path(f"{made}.by-hand").exists, "the shell runs what is typed now")
    assert not made.exists()


def test_a_guard_that_is_killed_takes_the_kiosk_with_it(kiosk: KioskInATerminal) -> None:
    """Otherwise the shell and the kiosk would share a badge's keys between them."""
    guard, _ = kiosk.screen_processes()

    os.kill(guard, signal.SIGKILL)

    kiosk.until(lambda: kiosk.processes() == {}, "no process is left")
    assert "Traceback" not in kiosk.logs()


def sees_crash(kiosk: KioskInATerminal, times: int) -> None:
    """Wait until the guard has said *times* times that the kiosk starts again, and where its log is."""
    # As written: the emulator wraps the line.
    kiosk.until(lambda: kiosk.written.count(b"It starts again by itself in") == times, "it says that it starts again")
    assert kiosk.written.count(b"Details are in " + str(kiosk.practice).encode()) == times


def test_a_kiosk_that_is_killed_starts_again_by_itself(tmp_path: Path) -> None:
    """The guard says why it stopped and where the log is; a scanner's badges are leads again afterwards."""
    kiosk = KioskInATerminal(tmp_path, in_shell=True)
    try:
        kiosk.sees("PRACTICE", "Ana López")
        guard, first = kiosk.screen_processes()
        os.kill(first, signal.SIGKILL)
        sees_crash(kiosk, 1)
        kiosk.screen.reset()
        kiosk.sees("PRACTICE", "F10 Close")
        second_guard, second = kiosk.screen_processes()
        assert second_guard == guard
        assert second != first
        show_good_badge(kiosk, "AFTER00001")

        kiosk.press("\x1b[21~")
        kiosk.sees("Close the kiosk?")
        kiosk.type_word("close")
        kiosk.sees("The kiosk is closed.")
        kiosk.leave()
        kiosk.sees("status 0")
    finally:
        kiosk.close()


def test_a_kiosk_that_cannot_draw_tries_again_until_a_person_ends_it(tmp_path: Path) -> None:
    """It crashes after each start; the exit status says so."""
    kiosk = KioskInATerminal(tmp_path, runs=("-c", CANNOT_DRAW), in_shell=True)
    try:
        sees_crash(kiosk, 2)
        kiosk.leave()
        kiosk.until(lambda: b"\r\nstatus 1\r\n" in kiosk.written, "it ends with status 1")
        assert "ZeroDivisionError" in kiosk.logs()
    finally:
        kiosk.close()


def test_a_badge_held_at_the_crash_is_saved_by_the_restart(tmp_path: Path) -> None:
    """The restart is the next start: it repairs what needs repair, and saves what was held."""
    kiosk = KioskInATerminal(tmp_path, in_shell=True)
    try:
        kiosk.sees("PRACTICE", "Ana López")
        badge, clock = "HELD000001", SystemClock()
        now, boot, seconds = clock.wall_time(), clock.boot_id, clock.seconds_since_boot()
        digest = hashlib.sha256(badge.encode()).hexdigest()
        scan = ScanRecord(badge.encode(), digest, "id", "typed", "scanner", "Ana", "kiosk-1", now, boot, seconds)
        lead = Lead("", "Expo", "id", Contact(), badge_id=badge)
        write_held_scans(kiosk.practice / "kiosk.db", [Arrival(scan, lead)])
        os.kill(kiosk.screen_processes()[1], signal.SIGKILL)
        sees_crash(kiosk, 1)
        is_saved = "select count(*) from leads where badge_id = 'HELD000001'"
        kiosk.until(lambda: kiosk.rows(is_saved) == [(1,)], "the held badge is a lead")
    finally:
        kiosk.close()


def test_who_is_asked_to_end_in_the_pause_gives_the_terminal_back(tmp_path: Path) -> None:
    """Such as a machine that shuts down: nobody is there to press q."""
    kiosk = KioskInATerminal(tmp_path, runs=("-c", STAYS_DOWN), in_shell=True)
    try:
        kiosk.sees("PRACTICE", "Ana López")
        guard, screen = kiosk.screen_processes()
        os.kill(screen, signal.SIGKILL)
        sees_crash(kiosk, 1)
        kiosk.until(lambda: b"nothing else for a second." in kiosk.written, "it has said all of it")
        os.kill(guard, signal.SIGTERM)
        kiosk.until(lambda: b"\r\nstatus 143\r\n" in kiosk.written, "the guard ends")
        kiosk.process.send("echo shell $((1 + 1))\r")
        kiosk.sees("shell 2")
    finally:
        kiosk.close()
