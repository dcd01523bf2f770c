"""`kiosk sync`: what waits is delivered now, to the real practice CRM, with a worker or without."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from data.store import open_store
from sync.connectors.practice import PracticeConnector
from sync.file_lock import hold_lock, is_lock_held
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import Kiosk


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Kiosk:
    """A kiosk that uses the practice CRM of the fixture `practice_crm`."""
    kiosk.settings.folder.mkdir(exist_ok=True)
    return kiosk


@pytest.fixture
def crm_with_keys(
    practice_crm_in: Callable[[Path], PracticeCrm], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PracticeCrm]:
    """A CRM that the rest connector has to sign in to."""
    crm = practice_crm_in(tmp_path_factory.mktemp("elsewhere"))
    crm.start()
    yield crm
    crm.stop()


def test_all_that_waits_is_delivered(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Status 0, with a summary."""
    kiosk.people(3)

    done = kiosk.run("sync")

    assert done.returncode == 0
    assert "3 leads delivered in 1 call, " in done.stdout
    assert {lead["email"] for lead in practice_crm.contacts()} == {"v0@x.example", "v1@x.example", "v2@x.example"}
    assert [entry.state for entry in kiosk.entries()] == ["delivered"] * 3


def test_a_script_gets_numbers(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Standard output has one JSON object and nothing else, not even progress."""
    kiosk.people(2)

    done = kiosk.run("sync", "--json")

    told = json.loads(done.stdout)
    assert (done.returncode, *(told[key] for key in ("delivered", "left", "rejected", "gate"))) == (0, 2, 0, 0, "open")


def test_with_nothing_to_do_it_is_done(kiosk: Kiosk) -> None:
    """Nothing is left; it still reports that the CRM is down."""
    done = kiosk("sync")

    assert done.exit_code == 0
    assert done.stdout.startswith("  The practice CRM is not running. ")


def test_what_is_left_is_reported_with_the_reason_and_who_continues(kiosk: Kiosk) -> None:
    """Status 1; it does not promise that sending continues if no worker runs."""
    kiosk.people(2)

    alone = kiosk.run("sync")
    with hold_lock(kiosk.settings.worker_lock):
        beside = kiosk.run("sync")

    reason = "The practice CRM is not running. Start it with `kiosk practice-crm` or `kiosk run`.\n"
    assert (alone.returncode, beside.returncode) == (1, 1)
    assert reason in alone.stdout and reason in beside.stdout
    assert alone.stdout.endswith(
        "2 leads left, safe on this device. `kiosk run` or `kiosk worker` continues sending.\n"
    )
    assert beside.stdout.endswith("2 leads left, safe on this device. Sending continues automatically.\n")


def test_a_refusal_is_reported_and_makes_status_1(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """The other leads are delivered."""
    kiosk.people(3)
    practice_crm.set_faults(refuse="v1@")

    done = kiosk.run("sync")

    assert done.returncode == 1
    assert "2 leads delivered in " in done.stdout
    assert done.stdout.endswith("1 lead needs you: `kiosk pending` says why.\n")
    assert [entry.state for entry in kiosk.entries()] == ["delivered", "needs you", "delivered"]


def test_a_closed_gate_and_backoffs_are_tried_at_once(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """A person asked for it, so the time of the next try does not count."""
    kiosk.people(2)
    practice_crm.set_faults(down=True)
    assert kiosk.run("sync").returncode == 1
    practice_crm.set_faults(down=False)

    done = kiosk.run("sync")

    assert done.returncode == 0
    assert practice_crm.stats()["contacts"] == 2


def test_progress_is_drawn_on_a_terminal(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """The bar ends at 100 %."""
    kiosk.people(5)
    ours, theirs = pty.openpty()

    process = kiosk.start("sync", stdout=theirs)
    os.close(theirs)
    said = b""
    with suppress(OSError):  # how Linux says that the other side is closed
        while piece := os.read(ours, 4096):
            said += piece
    process.communicate(timeout=30)
    os.close(ours)

    assert process.returncode == 0
    assert b"Sending" in said
    assert b"100%" in said


def test_ctrl_c_ends_it_after_the_call_in_flight(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """What was sent is delivered, the rest waits; nothing is sent twice, and there is no traceback."""
    number = PracticeConnector.max_parallel_pushes * PracticeConnector.batch_size + 250  # more than can be in flight
    kiosk.people(number)
    practice_crm.set_faults(delay="2")
    process = kiosk.start("sync")
    while not batches_begun(kiosk):
        assert process.poll() is None
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)

    practice_crm.set_faults(delay="0")
    assert (process.returncode, errors) == (1, "")
    assert "left, safe on this device" in output
    delivered = len(kiosk.entries("delivered"))
    assert 0 < delivered < number
    assert practice_crm.stats()["contacts"] == delivered
    assert kiosk.run("sync").returncode == 0
    assert tuple(practice_crm.stats()[name] for name in ("contacts", "repeats")) == (number, 0)


def batches_begun(kiosk: Kiosk) -> int:
    """Return how many calls were recorded, which happens before each begins."""
    db = open_store(kiosk.settings.database_file)
    found = db.execute("select count(*) from batches").fetchone()[0]
    db.close()
    return int(found)


def test_it_waits_for_who_sends_right_now_and_says_so(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Two processes never send at the same time."""
    kiosk.people(1)
    with hold_lock(kiosk.settings.drain_lock):
        process = kiosk.start("sync")
        said = process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert practice_crm.contacts() == []

    assert said == "Leads are being sent right now; waiting for that to finish.\n"
    process.communicate(timeout=30)
    assert (process.returncode, practice_crm.stats()["contacts"]) == (0, 1)


def test_ctrl_c_while_it_waits_ends_it_at_once(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Nothing is sent."""
    kiosk.people(1)
    with hold_lock(kiosk.settings.drain_lock):
        process = kiosk.start("sync")
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "Traceback" not in errors
    assert practice_crm.contacts() == []


def test_it_can_be_had_while_a_worker_runs(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Together they deliver every lead once."""
    practice_crm.set_faults(delay="0.2")
    worker = kiosk.start("worker", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not is_lock_held(kiosk.settings.worker_lock):
        assert worker.poll() is None
        time.sleep(0.05)
    kiosk.people(150)

    done = kiosk.run("sync")

    worker.terminate()
    assert (done.returncode, worker.wait(60)) == (0, 0)
    assert [entry.state for entry in kiosk.entries()] == ["delivered"] * 150
    practice_crm.set_faults(delay="0")
    assert tuple(practice_crm.stats()[name] for name in ("contacts", "repeats")) == (150, 0)


def test_a_second_worker_is_refused(kiosk: Kiosk) -> None:
    """Status 1 and one sentence; the first worker continues."""
    with hold_lock(first := kiosk.settings.worker_lock):
        done = kiosk.run("worker")

        assert is_lock_held(first)
    assert (done.returncode, done.stderr) == (
        1,
        f"Error: Leads of {kiosk.settings.database_file} are already being sent by another process.\n",
    )


def test_a_second_kiosk_is_refused(kiosk: Kiosk) -> None:
    """So is a run on the same database."""
    with hold_lock(kiosk.settings.folder / "kiosk.lock"):
        done = kiosk.run("run", "--headless")

    assert (
        done.returncode, done.stderr
    ) == (1, f"Error: A kiosk is already running on {kiosk.settings.database_file}; close it first.\n")  # fmt: skip


@pytest.mark.parametrize("source", ["", " "])
def test_a_source_that_cannot_be_is_a_mistake_of_the_command(kiosk: Kiosk, source: str) -> None:
    """Nothing is started."""
    done = kiosk.run("run", "--headless", "--source", source)

    assert done.returncode == 2
    assert "Error: --source: set it to 'auto', to 'none', or to a camera, file, folder or stream.\n" in done.stderr


def test_with_nothing_to_send_it_asks_how_the_crm_is(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """It calls the CRM, and reports that all is well only if the CRM answers."""
    kiosk.people(1)
    kiosk.run("sync")

    well = kiosk.run("sync")
    practice_crm.set_faults(down=True)
    down = kiosk.run("sync")

    assert (well.returncode, well.stdout) == (0, "Nothing is waiting, and the CRM responds.\n")
    assert "The CRM is having trouble" in down.stdout
    assert tuple(practice_crm.stats()[name] for name in ("contacts", "repeats")) == (1, 0)


def test_a_key_that_was_refused_is_tried_once_each_time_that_a_person_asks(
    kiosk: Kiosk, tmp_path: Path, crm_with_keys: PracticeCrm
) -> None:
    """The same key may work again after a change in the CRM; it makes one call, however many leads wait."""
    key = tmp_path / "key"
    key.write_text("an old key")
    key.chmod(0o600)
    kiosk.config.write_text(
        kiosk.config.read_text()
        + f'[crm]\nconnector = "rest"\n[crm.rest]\nurl = "{crm_with_keys.url}/api/v1/contacts"\n'
        f'token_file = "{key}"\n'
    )
    kiosk.people(2)

    first, again = kiosk.run("sync"), kiosk.run("sync")
    asked = crm_with_keys.stats()["calls"]
    key.write_text(crm_with_keys.token)
    renewed = kiosk.run("sync")

    assert (first.returncode, again.returncode, renewed.returncode) == (1, 1, 0)
    assert "0 leads delivered in 1 call" in again.stdout
    assert "The CRM rejected the key" in again.stdout
    assert asked == 2
    assert crm_with_keys.stats()["contacts"] == 2


def test_watching_goes_on_until_ctrl_c(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """Later leads are delivered, too, with a line for each change."""
    kiosk.people(1)
    process = kiosk.start("sync", "--watch")
    first = [process.stdout.readline(), process.stdout.readline()]
    kiosk.scan("BEGIN:VCARD\nFN:Late\nEMAIL:late@x.example\nEND:VCARD")
    later = process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert first[0] == "Delivering leads as they come in. Press Ctrl-C to stop.\n"
    assert first[1] == "1 delivered, 0 waiting, 0 need you.\n"
    assert later == "2 delivered, 0 waiting, 0 need you.\n"
    assert (process.returncode, errors) == (0, "")


def test_watching_is_for_people(kiosk: Kiosk) -> None:
    """Scripts run the command again and again instead."""
    assert kiosk("sync", "--watch", "--json").exit_code == 2


def test_attempts_are_listed_by_version_and_http_status(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """A revision is called version, and the status of the response is not taken for the lead's state."""
    (lead,) = kiosk.people(1)
    assert kiosk.run("sync").returncode == 0

    table = kiosk("attempts", lead.id).stdout.splitlines()

    assert table[1].split() == ["WHEN", "TOOK", "VERSION", "OUTCOME", "HTTP", "MESSAGE"]
    assert table[2].split()[-3:] == ["1", "delivered", "200"]
    assert "Attempts     delivered 1 (an edited lead is sent again)\n" in kiosk("status").stdout
