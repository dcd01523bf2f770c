"""`kiosk pause` and `kiosk resume`, and what the other commands say meanwhile."""

import json
import signal
import time

import pytest

from data import pause
from data.store import open_store
from kiosk.cli.context import CLOCK
from kiosk.status.wording import HOW_TO_RESUME
from sync.file_lock import hold_lock, is_lock_held
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import Kiosk
from tests.support.waiting import wait_until


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Kiosk:
    """A kiosk that uses the practice CRM of the fixture `practice_crm`, with the operator Ana."""
    kiosk.settings.folder.mkdir(exist_ok=True)
    kiosk.configure("[event]\noperator = 'Ana'")
    return kiosk


def paused(kiosk: Kiosk) -> pause.SendingPause | None:
    """Return the pause as other processes read it."""
    db = open_store(kiosk.settings.database_file)
    try:
        return pause.read_pause(db)
    finally:
        db.close()


def test_it_says_since_when_by_whom_and_how_to_go_on(kiosk: Kiosk) -> None:
    """A second pause changes nothing; status 0 both times."""
    kiosk.people(2)

    first, again = kiosk("pause"), kiosk("pause")

    assert (first.exit_code, again.exit_code) == (0, 0)
    rest = (
        f" 2 leads waiting, safe on this device. {HOW_TO_RESUME}"
        " Resuming alone sends nothing: no kiosk is running. Start it with `kiosk run`.\n"
    )
    assert first.stdout == f"Sending paused.{rest}"
    assert again.stdout.startswith("Sending has been paused since ")
    assert again.stdout.endswith(f" by Ana.{rest}")
    assert (found := paused(kiosk)) is not None and found.operator == "Ana"


def test_resume_goes_on_and_says_so_where_there_was_no_pause(kiosk: Kiosk) -> None:
    """Status 0 both times."""
    kiosk("pause")

    first, again = kiosk("resume"), kiosk("resume")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert (
        first.stdout, again.stdout,
    ) == ("Pause ended. Nothing to send.\n", "Sending was not paused. Nothing to send.\n")  # fmt: skip
    assert paused(kiosk) is None


def test_resuming_says_that_nothing_is_sent_while_no_kiosk_runs(kiosk: Kiosk) -> None:
    """With the commands that send; while a worker runs, sending is resumed indeed."""
    kiosk.people(1)
    kiosk("pause")

    without = kiosk("resume")
    kiosk("pause")
    with hold_lock(kiosk.settings.worker_lock):
        sending = kiosk("resume")

    assert without.stdout == (
        "Pause ended. Nothing is being sent yet, because no kiosk is running. Start one with `kiosk run`, or send now "
        "with `kiosk sync`.\n"
    )
    assert sending.stdout == "Sending resumed. 1 lead on the way to the CRM.\n"


def test_scripts_learn_whether_that_changed_anything(kiosk: Kiosk) -> None:
    """JSON output has the start of the pause and the operator, too."""
    told = [kiosk.json(command) for command in ("pause", "pause", "resume", "resume")]

    assert [one["changed"] for one in told] == [True, False, True, False]
    assert told[0]["paused"] == told[1]["paused"] and told[0]["paused"]["operator"] == "Ana"
    assert CLOCK.wall_time() - 60 < told[0]["paused"]["since"] <= CLOCK.wall_time()
    assert [one["paused"] for one in told[2:]] == [None, None]


def test_sync_sends_nothing_and_says_why(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Status 1, no progress bar and no call to the CRM; after resuming, each lead is sent once."""
    kiosk.people(2)
    kiosk("pause")
    calls = practice_crm.stats()["calls"]

    done, told = kiosk.run("sync"), kiosk.run("sync", "--json")
    during = practice_crm.stats()
    kiosk("resume")
    after = kiosk.run("sync")

    assert (done.returncode, told.returncode, after.returncode) == (1, 1, 0)
    why, left = done.stdout.splitlines()
    assert why.startswith("Sending has been paused since ") and why.endswith(f" by Ana. {HOW_TO_RESUME}")
    assert left == "2 leads left, safe on this device."
    script = json.loads(told.stdout)
    assert (script["left"], script["calls"], script["paused"]["operator"]) == (2, 0, "Ana")
    assert {"contacts": 0, "repeats": 0, "calls": calls, "over": 0} == during
    assert tuple(practice_crm.stats()[name] for name in ("contacts", "repeats")) == (2, 0)


def test_sync_with_nothing_to_send_does_not_ask_the_crm_either(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Status 0, because nothing is left; it says that the CRM was not contacted."""
    kiosk("pause")

    done = kiosk.run("sync")

    assert done.returncode == 0
    assert "Sending has been paused" in done.stdout and "the CRM responds" not in done.stdout
    assert practice_crm.stats()["calls"] == 0


def test_sync_watch_says_that_sending_is_paused_and_goes_on_by_itself(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """It prints one line for each change."""
    kiosk.people(1)
    kiosk("pause")
    process = kiosk.start("sync", "--watch")
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    time.sleep(1.5)  # nothing more is said, whatever it looks at every second

    kiosk("resume")
    lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)

    assert "Sending has been paused since" in lines[1] and "1 waiting" in lines[1]
    assert (lines[2], rest) == ("1 delivered, 0 waiting, 0 need you.\n", "")
    assert practice_crm.stats()["contacts"] == 1


def test_status_and_pending_say_so(kiosk: Kiosk) -> None:
    """It is not safe to pack up, and each lead says why; JSON output has the start and the operator."""
    kiosk.people(1)
    kiosk("pause")

    status, pending = kiosk("status"), kiosk("pending")

    assert (status.exit_code, pending.exit_code) == (1, 1)
    assert "CRM          sending paused, sending is not running, nothing sent yet\n" in status.stdout
    assert status.stdout.endswith("Safe to pack up: no, 1 lead has not been sent yet: sending is paused.\n")
    assert status.stdout.splitlines()[-2] == pending.stdout.splitlines()[1]
    assert "Sending is paused; the lead is safe on this device." in pending.stdout
    assert kiosk.json("status")["paused"]["operator"] == "Ana"
    assert kiosk.json("pending")["status"]["paused"]["operator"] == "Ana"


def test_resume_wakes_the_worker(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """A worker that was started during the pause sends at once."""
    kiosk.people(3)
    kiosk("pause")
    log = kiosk.folder / "worker.log"
    with log.open("w") as told:
        worker = kiosk.start("worker", stdout=told, stderr=told)
    wait_until(lambda: is_lock_held(kiosk.settings.worker_lock) and "sending is paused by Ana" in log.read_text())
    before = practice_crm.stats()["calls"]
    started = time.monotonic()

    kiosk("resume")
    wait_until(lambda: len(kiosk.entries("delivered")) == 3)

    worker.terminate()
    assert (before, worker.wait(60)) == (0, 0)
    assert time.monotonic() - started < 30  # the worker's own tick may be a minute away


def test_a_kiosk_without_a_screen_does_not_wait_for_what_is_not_sent(kiosk: Kiosk) -> None:
    """When its source has ended, it says that sending is paused, and exits with status 1."""
    kiosk.configure("practice.badges = 2\npractice.seconds_each = 0.5\ncamera.source = 'demo'")
    kiosk("pause")
    started = time.monotonic()

    done = kiosk.run("run", "--headless", timeout=100)

    assert done.returncode == 1
    assert (
        "2 leads on this device: 0 delivered, 2 waiting, 0 need you, 0 discarded. Sending has been paused"
        in done.stderr
    )
    assert time.monotonic() - started < 80  # LAST_DRAIN alone is longer
