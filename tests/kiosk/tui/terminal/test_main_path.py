"""The main path in a real terminal: a badge, SAVED, a rating, the list, sync now, the CRM, and closing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.tui.terminal.kiosk_in_a_terminal import PERSON_SECONDS, KioskInATerminal
from tests.support.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
"""Python 3.12 warns of it where a library has threads; the child becomes another program at once."""

SAVED = "SAVED  "
CARD = "BEGIN:VCARD\rVERSION:3.0\rFN:Zoë Müller\rEMAIL:zoe@suess.example\rEND:VCARD\r"
LEAVES_THE_OTHER_SCREEN, SHOWS_THE_CURSOR, NO_MOUSE = b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[KioskInATerminal]:
    """A kiosk that runs in a terminal."""
    kiosk = KioskInATerminal(tmp_path)
    yield kiosk
    kiosk.close()


def test_a_badge_becomes_a_lead_in_the_crm_and_the_terminal_is_left_clean(kiosk: KioskInATerminal) -> None:
    """A whole demonstration, typed and read as a person does."""
    kiosk.sees("PRACTICE", "Ana López", SAVED)
    kiosk.press("4")
    kiosk.until(lambda: 4 in ratings(kiosk), "a lead is rated 4")

    kiosk.press("\x1bOQ")  # F2
    kiosk.sees("Who", "Next try", "Why", "Retry all")
    kiosk.press("\x1b[15~")  # F5
    # The result replaces the first sentence, sometimes before it was drawn.
    answers = ("Sync now: sending", "The CRM is responding.")
    kiosk.until(lambda: any(answer in kiosk.text for answer in answers), "F5 is answered")
    kiosk.until(lambda: "Ana López" in [contact["name"] for contact in kiosk.contacts()], "the CRM has Ana")
    kiosk.until(lambda: 4 in [contact.get("rating") for contact in kiosk.contacts()], "the CRM has the rating")
    kiosk.press("\x03\x11\x1a\x1c")  # Ctrl+C, Ctrl+Q, Ctrl+Z and Ctrl+\ do nothing
    kiosk.wait_after_keys(PERSON_SECONDS)
    kiosk.sees("Who", "Next try")
    assert len(kiosk.processes()) == 4, kiosk.processes()

    kiosk.press("\x1b[21~")  # F10
    kiosk.sees("Close the kiosk?")
    kiosk.type_word("close")
    kiosk.leave()
    kiosk.until(lambda: not kiosk.process.isalive(), "the kiosk ends")
    kiosk.read()

    assert (kiosk.process.exitstatus, kiosk.process.signalstatus) == (0, None)
    assert kiosk.processes() == {}
    assert "Traceback" not in kiosk.logs()
    assert b"Traceback" not in kiosk.written
    after = kiosk.written.rpartition(LEAVES_THE_OTHER_SCREEN)[2]
    assert kiosk.written.count(b"\x1b[?1049h") == kiosk.written.count(LEAVES_THE_OTHER_SCREEN) == 1
    assert SHOWS_THE_CURSOR in kiosk.written.rpartition(b"\x1b[?25l")[2]
    assert NO_MOUSE in kiosk.written.rpartition(b"\x1b[?1000h")[2]
    assert b"The kiosk is closing. It finishes the delivery in progress first." in after


def test_a_usb_scanner_that_types_saves_badges_and_presses_nothing(kiosk: KioskInATerminal) -> None:
    """Faster than anybody types: Enter once, doubled, and at the end of every line of a card."""
    kiosk.sees("PRACTICE", "Ana López", SAVED)

    for number, badge in enumerate(("123p45dcn", "y9Rud5/f10\r", CARD), 1):
        kiosk.process.send(f"{badge}\r")  # all at once: how fast it is on a busy machine is not what is tested
        kiosk.until(lambda number=number: typed_scans(kiosk) == number, "it is saved")  # type: ignore[misc]
        kiosk.wait_after_keys(PERSON_SECONDS)
    kiosk.until(lambda: typed_scans(kiosk) == 3, "all three are saved")

    assert {"123p45dcn", "y9Rud5/f10"} <= {row[0] for row in kiosk.rows("select badge_id from leads")}
    assert "Zoë Müller" in names(kiosk)
    assert kiosk.rows("select distinct rating, tags from leads") == [(None, "[]")]
    assert kiosk.process.isalive()


def test_a_terminal_that_hangs_up_leaves_no_process_behind(kiosk: KioskInATerminal) -> None:
    """Somebody closes the window: the kiosk and its services end, and what was saved is there."""
    kiosk.sees("Ana López", SAVED)
    kiosk.until(lambda: len(kiosk.processes()) == 4, "all parts run")

    kiosk.hang_up()

    kiosk.until(lambda: kiosk.processes() == {}, "no process is left")
    assert "Ana López" in names(kiosk)
    assert "Traceback" not in kiosk.logs()


def test_a_terminal_that_stops_reading_and_hangs_up_ends_the_kiosk(kiosk: KioskInATerminal) -> None:
    """A connection stalls before it breaks: the kiosk waits to draw when the terminal goes, and ends all the same."""
    kiosk.sees("Ana López", SAVED)
    kiosk.until(lambda: len(kiosk.processes()) == 4, "all parts run")
    _, draws = kiosk.screen_processes()
    assert wait_until(lambda: is_waiting_to_draw(draws)), "the terminal takes more than a kiosk draws"

    kiosk.hang_up()

    kiosk.until(lambda: kiosk.processes() == {}, "no process is left")
    assert "Ana López" in names(kiosk)


def is_waiting_to_draw(process: int) -> bool:
    """Whether *process* waits, for a second by now, until its terminal takes what it wrote: its main thread, too."""
    for _ in range(20):
        main, *others = (
            (thread / "wchan").read_text()
            for thread in sorted(Path(f"/proc/{process}/task").iterdir(), key=lambda path: int(path.name))
        )
        if "futex" not in main or "wait_woken" not in others:
            return False
        time.sleep(0.05)
    return True


def ratings(kiosk: KioskInATerminal) -> list[int]:
    """The ratings in the database."""
    return [row[0] for row in kiosk.rows("select rating from leads")]


def typed_scans(kiosk: KioskInATerminal) -> int:
    """How many badges a USB scanner typed."""
    return int(kiosk.rows("select count(*) from scans where source = 'scanner'")[0][0])


def names(kiosk: KioskInATerminal) -> list[str]:
    """The names in the database."""
    return [row[0] for row in kiosk.rows("select name from leads")]
