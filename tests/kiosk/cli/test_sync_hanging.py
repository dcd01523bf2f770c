"""`kiosk sync` and `kiosk status` beside a worker that hangs: a real one, stopped by a signal."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from sync import heartbeat
from sync.file_lock import is_lock_held
from sync.heartbeat import find_hung_holder
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import Kiosk
from tests.support.waiting import wait_until


@pytest.fixture
def stopped(
    kiosk: Kiosk, practice_crm: PracticeCrm, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[str]]:
    """A worker that was stopped during a call to the CRM, and has been silent for too long."""
    monkeypatch.setattr(heartbeat, "MAX_SILENCE_SECONDS", 1.0)
    kiosk.settings.folder.mkdir(exist_ok=True)
    practice_crm.set_faults(delay="600")
    kiosk.people(2)
    worker = kiosk.start("worker", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # Stopped between taking a lock and its first heartbeat it would not count as hung.
        locks = (kiosk.settings.drain_lock, kiosk.settings.worker_lock)
        wait_until(lambda: all(is_lock_held(lock) and lock.read_text(encoding="ascii").split() for lock in locks))
        os.kill(worker.pid, signal.SIGSTOP)
        wait_until(lambda: all(find_hung_holder(lock) for lock in locks))
        yield worker
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        practice_crm.set_faults(delay="0")


def test_sync_names_who_hangs_and_does_not_wait(kiosk: Kiosk, stopped: subprocess.Popen[str]) -> None:
    """Text and JSON output both have the process's number; status 1."""
    said = kiosk("sync")
    told = kiosk("sync", "--json")

    assert (said.exit_code, told.exit_code) == (1, 1)
    assert f"the sending process ({stopped.pid}) has been hanging for" in said.output
    assert json.loads(told.stdout)["hanging_pid"] == stopped.pid


def test_the_status_says_that_the_sender_hangs(kiosk: Kiosk, stopped: subprocess.Popen[str]) -> None:
    """It does not say that leads are on their way."""
    told = json.loads(kiosk("status", "--json").stdout)

    assert (told["sender_runs"], told["crm"]) == (False, "sending stuck")
    assert told["sentence"] == ("Sending is stuck: 2 leads safe on this device. Close the kiosk and start it again.")
