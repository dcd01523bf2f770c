"""`kiosk run` without a terminal, as the process that it is: it scans, saves, drains, and ends by itself."""

import json
import re
import signal
import time
from collections.abc import Callable

from tests.support.kiosk_processes import NO_WORKER, Kiosks, children, demo, is_alive
from tests.support.waiting import wait_until

SUMMARY = r"(\d+) leads? on this device: (\d+) delivered, (\d+) waiting, (\d+) need you, (\d+) discarded\. (.*)"


def summary(kiosks: Kiosks) -> tuple[str, ...]:
    """The last words of the kiosk that ran last."""
    return tuple(re.findall(SUMMARY, kiosks.log)[-1])


def test_a_practice_ends_by_itself_with_everything_in_the_crm(kiosks_with: Callable[[str], Kiosks]) -> None:
    """Each demo badge is saved once; the one that nobody knows needs a person; exit status 0."""
    kiosks = kiosks_with(demo(12))

    process = kiosks.run()
    wait_until(lambda: len(children(process.pid)) == 2)
    parts = children(process.pid)
    status = process.wait(100)

    assert status == 0, kiosks.log
    assert summary(kiosks) == ("12", "11", "0", "1", "0", "1 lead needs you; nothing else is left to send.")
    assert len(re.findall(r"headless: Saved: ", kiosks.log)) == 12
    assert kiosks.states() == {"delivered": 11, "needs you": 1}
    assert parts and not [pid for pid in parts if is_alive(pid)]
    assert "Traceback" not in kiosks.log


def test_the_log_says_what_this_is_and_what_happens_a_line_each(kiosks: Kiosks) -> None:
    """A practice says that it is one; each line has its moment, its level and its place."""
    assert kiosks.run().wait(100) == 0

    lines = kiosks.log.splitlines()
    assert all(
        re.match(r"\d{4}-\d\d-\d\d [\d:,]{12} (INFO|WARNING|ERROR) (kiosk|camera|data|sync)", line) for line in lines
    )
    assert "Practice mode: leads only go to the practice CRM on this device." in lines[0]
    assert "Camera ready: demo badges." in kiosks.log


def test_what_is_saved_is_in_the_practice_crm_once(kiosks: Kiosks) -> None:
    """Two runs show the same badges: the leads are the same, and so are the CRM's records."""
    assert [kiosks.run().wait(100) for _ in range(2)] == [0, 0]

    crm = kiosks.start("practice-crm", "--port", "0")
    kiosks.started.append(crm)
    wait_until(lambda: bool(kiosks.answered()))
    assert summary(kiosks) == ("6", "6", "0", "0", "0", "Everything is in the CRM.")
    assert sorted(row[0] for row in kiosks.rows("select id from leads")) == kiosks.answered()
    assert kiosks.rows("select count(*) from scans") == [(12,)]


def test_with_the_crm_down_it_ends_with_1_and_says_what_waits(kiosks_with: Callable[[str], Kiosks]) -> None:
    """Every lead is saved all the same, and the last words name the trouble."""
    kiosks = kiosks_with(demo(4, 1.0))
    process = kiosks.run_patched("import kiosk.runtime.headless as h; h.FINAL_DRAIN_SECONDS = 8", "run")
    kiosks.set_faults(down=True)

    status = process.wait(100)

    leads, delivered, waiting, *_, sentence = summary(kiosks)
    assert (status, leads) == (1, "4")
    assert int(waiting) >= 1 and int(delivered) + int(waiting) == 4
    assert sentence.startswith("The CRM is having trouble (error 503")
    assert f"{waiting} lead" in sentence and "safe on this device." in sentence
    assert len(re.findall(r"headless: Saved: ", kiosks.log)) == 4


def test_sigterm_ends_it_soon_and_loses_nothing(kiosks_with: Callable[[str], Kiosks]) -> None:
    """What was called saved is on the disk, no part outlives the kiosk, and the summary is written."""
    kiosks = kiosks_with(demo(200))
    process = kiosks.run()
    assert kiosks.logged(r"headless: Saved: ", 4)
    parts = children(process.pid)

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status = process.wait(60)

    assert time.monotonic() - began < 20
    assert (status == 0) == (summary(kiosks)[2] == "0")  # the last lead may just have been sent
    assert len(parts) == 2 and not [pid for pid in parts if is_alive(pid)]
    assert len(re.findall(r"headless: Saved: ", kiosks.log)) == int(summary(kiosks)[0])
    assert "Traceback" not in kiosks.log


def test_sigterm_ends_it_while_it_waits_for_the_crm(kiosks_with: Callable[[str], Kiosks]) -> None:
    """After the last badge a service can be stopped as at any other time."""
    kiosks = kiosks_with(demo(2))
    waits = "import kiosk.runtime.headless as h; h._is_settled = lambda status: print('It waits.', flush=True)"
    process = kiosks.run_patched(f"{waits}; {NO_WORKER}", "run")
    assert kiosks.logged("It waits.")

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status = process.wait(60)

    assert time.monotonic() - began < 20
    assert status == 1
    assert summary(kiosks)[:3] == ("2", "0", "2")


def test_a_second_kiosk_is_refused_with_one_sentence(kiosks_with: Callable[[str], Kiosks]) -> None:
    """The first goes on; the second starts no worker and touches nothing."""
    kiosks = kiosks_with(demo(200))
    first = kiosks.run()
    assert kiosks.logged(r"headless: Saved: ")
    parts = children(first.pid)
    words = kiosks.folder / "second.log"

    second = kiosks.start("run", "--headless", log=words)
    kiosks.started.append(second)
    status = second.wait(60)

    assert status == 1
    assert (
        words.read_text() == f"Error: A kiosk is already running on {kiosks.practice / 'kiosk.db'}; close it first.\n"
    )
    assert first.poll() is None and children(first.pid) == parts


def test_a_data_folder_that_cannot_be_is_one_sentence(kiosks: Kiosks) -> None:
    """A file stands where the folder is to be: nothing starts, and no traceback is shown to staff."""
    kiosks.practice.write_text("not a folder")

    status = kiosks.run().wait(60)

    assert status == 1
    assert len(kiosks.log.splitlines()) == 1, kiosks.log
    assert str(kiosks.practice) in kiosks.log


def test_it_says_how_it_stands_to_scripts_while_it_runs(kiosks: Kiosks) -> None:
    """`kiosk status --json` of another process sees a sender that runs."""
    kiosks.run()
    assert kiosks.logged(r"headless: Saved: ")

    answer = kiosks.folder / "status.json"
    kiosks.start("status", "--json", log=answer).wait(60)

    status = json.loads(answer.read_text())
    assert (status["sender_runs"], status["practice"]) == (True, True)
    assert status["scanned_today"] >= 1


def test_without_a_camera_it_runs_until_somebody_stops_it(kiosks_with: Callable[[str], Kiosks]) -> None:
    """There is no source that could end: only its services work, such as the API."""
    kiosks = kiosks_with('[camera]\nsource = "none"\n')
    process = kiosks.run()
    wait_until(lambda: len(children(process.pid)) == 2)

    assert process.poll() is None
    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0
    assert summary(kiosks)[0] == "0"
    assert "Camera" not in kiosks.log
