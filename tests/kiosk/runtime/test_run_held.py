"""A kiosk whose database is held by another program: badges are held, saved late, and never silently lost."""

import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.kiosk_processes import Kiosks
from tests.support.waiting import wait_until

IMPATIENT = "import data.store; data.store.BUSY_TIMEOUT_SECONDS = 0.1"
"""For the kiosk itself; its worker waits as long as ever."""


@contextmanager
def busy(kiosks: Kiosks) -> Iterator[None]:
    """Another program writes to the database meanwhile, and takes its time."""
    other = sqlite3.connect(kiosks.practice / "kiosk.db", isolation_level=None, timeout=30)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.close()


@pytest.fixture
def waiting(kiosks: Kiosks) -> subprocess.Popen[bytes]:
    """A kiosk whose pictures are not there yet."""
    process = kiosks.run_patched(IMPATIENT, "run", "--source", str(kiosks.folder / "badges"))
    assert kiosks.logged(r"Camera: .*badges not found")
    return process


def test_after_the_last_picture_it_waits_until_all_is_saved(kiosks: Kiosks, waiting: subprocess.Popen[bytes]) -> None:
    """NOT SAVED first, then Saved: both are in the log, and the lead is in the CRM."""
    with busy(kiosks):
        kiosks.draw(kiosks.folder / "badges", "Ana", "Bob")
        assert kiosks.logged(r"ERROR kiosk\.runtime\.headless: NOT SAVED: ", 2)
        time.sleep(1.2)  # nothing happens: it tries to save again twice in that time
        assert waiting.poll() is None

    status = waiting.wait(100)

    assert status == 0, kiosks.log
    assert re.findall(r"headless: Saved: (\w+)$", kiosks.log, re.MULTILINE) == ["Ana", "Bob"]
    assert kiosks.states() == {"delivered": 2}


def test_sigterm_ends_it_and_the_next_start_saves_what_was_not_saved(
    kiosks: Kiosks, waiting: subprocess.Popen[bytes]
) -> None:
    """It does not wait for what may never come: the badges are in a file for the next start; exit status 1."""
    with busy(kiosks):
        kiosks.draw(kiosks.folder / "badges", "Ana", "Bob")
        assert kiosks.logged(r"ERROR kiosk\.runtime\.headless: NOT SAVED: ", 2)

        waiting.send_signal(signal.SIGTERM)

        wait_until(lambda: "NOT SAVED: 2 badges are kept in " in kiosks.log)
        assert "0 leads on this device" in kiosks.log
        (kept,) = kiosks.practice.glob("kiosk-held-*.jsonl")
        assert (kept.stat().st_mode & 0o777, str(kept) in kiosks.log) == (0o600, True)
    assert waiting.wait(100) == 1

    again = kiosks.run("--source", str(kiosks.folder / "nothing"))

    assert kiosks.logged("saved 2 badges that an earlier run could not save")
    assert sorted(kiosks.rows("select name from leads")) == [("Ana",), ("Bob",)]
    assert not kept.exists()
    again.terminate()
    again.wait(60)
