"""A kiosk or one of its parts is killed, or cannot start: nothing is left running, and nothing is lost."""

import os
import re
import signal
import time
from collections.abc import Callable

import pytest

from tests.support.kiosk_processes import NO_WORKER, Kiosks, children, demo, is_alive
from tests.support.waiting import wait_until

SAVED = r"headless: Saved: "

SOON = "import camera.capture_loop as c; c._REOPEN_SECONDS = 0.2"
"""A line of Python with which a source that failed is tried again at once."""


def part(kiosk: int, name: str) -> int:
    """The id of one of a kiosk's parts, once it runs."""
    wait_until(lambda: any(name in line for line in children(kiosk).values()), what=f"no {name} was started")
    return next(pid for pid, line in children(kiosk).items() if name in line)


def test_a_killed_kiosk_leaves_no_part_behind(kiosks_with: Callable[[str], Kiosks]) -> None:
    """The worker and the practice CRM see the pipe close, and end by themselves; what was said is on the disk."""
    kiosks = kiosks_with(demo(200))
    process = kiosks.run()
    assert kiosks.logged(SAVED, 2)
    parts = [part(process.pid, name) for name in ("worker", "practice-crm")]

    process.send_signal(signal.SIGKILL)
    process.wait(30)

    wait_until(lambda: not any(map(is_alive, parts)))
    said = len(re.findall(SAVED, kiosks.log))
    assert said <= kiosks.rows("select count(*) from leads join outbox on lead_id = leads.id")[0][0]


@pytest.mark.parametrize("name", ["worker", "practice-crm"])
def test_a_killed_part_is_started_again_and_leads_go_on(kiosks_with: Callable[[str], Kiosks], name: str) -> None:
    """The kiosk says so in its log; the leads that are saved meanwhile get to the CRM like all others."""
    kiosks = kiosks_with(demo(200))
    process = kiosks.run()
    killed = part(process.pid, name)
    wait_until(lambda: kiosks.delivered() >= 1)
    before = kiosks.delivered()

    os.kill(killed, signal.SIGKILL)

    assert kiosks.logged(f"{name} ended with status -9 and is started again")
    assert part(process.pid, name) != killed
    wait_until(lambda: kiosks.delivered() >= before + 3, seconds=90)
    assert process.poll() is None


def test_killing_the_worker_delays_no_badge(kiosks_with: Callable[[str], Kiosks]) -> None:
    """Badges are saved at their own pace, whether or not somebody sends them."""
    kiosks = kiosks_with(demo(200))
    process = kiosks.run()
    assert kiosks.logged(SAVED)

    for _ in range(3):
        os.kill(part(process.pid, "worker"), signal.SIGKILL)
        saved = len(re.findall(SAVED, kiosks.log))
        assert kiosks.logged(SAVED, saved + 2)

    assert "NOT SAVED" not in kiosks.log
    assert process.poll() is None


def test_a_rubbish_wake_up_queue_is_made_anew(kiosks: Kiosks) -> None:
    """Nothing in it is owed to anybody: every lead is delivered."""
    kiosks.practice.mkdir(mode=0o700)
    (kiosks.practice / "huey.db").write_bytes(b"this is no database" * 1000)

    status = kiosks.run().wait(100)

    assert status == 0, kiosks.log
    assert kiosks.states() == {"delivered": 6}
    assert "Traceback" not in kiosks.log + (kiosks.practice / "worker.log").read_text()


def test_a_worker_that_cannot_start_costs_no_badge(kiosks_with: Callable[[str], Kiosks]) -> None:
    """It is tried again and again, and the last words say what waits."""
    kiosks = kiosks_with(demo(4))

    status = kiosks.run_patched(
        f"import kiosk.runtime.headless as h; h.FINAL_DRAIN_SECONDS = 3; {NO_WORKER}", "run"
    ).wait(100)

    assert status == 1
    assert kiosks.states() == {"waiting": 4}
    assert "Sending is not running: 4 leads safe on this device." in kiosks.log
    assert re.search(r"worker ended with status \d+ and is started again", kiosks.log)
    assert "Traceback" not in kiosks.log


def test_a_folder_in_the_place_of_the_wake_up_queue_holds_up_nothing(kiosks_with: Callable[[str], Kiosks]) -> None:
    """The queue may be deleted at any time, and what cannot be one is replaced."""
    kiosks = kiosks_with(demo(4))
    (kiosks.practice / "huey.db").mkdir(mode=0o700, parents=True)

    assert kiosks.run().wait(100) == 0, kiosks.log
    assert kiosks.states() == {"delivered": 4}


def test_a_source_that_is_not_there_yet_is_waited_for(kiosks: Kiosks) -> None:
    """It says so once, goes on trying, and begins when the pictures come."""
    badges = kiosks.folder / "badges"
    process = kiosks.run_patched(SOON, "run", "--source", str(badges))
    assert kiosks.logged(r"WARNING kiosk\.runtime\.headless: Camera: .*badges not found\.")
    time.sleep(1.0)  # nothing happens: it is tried again several times in that time
    assert process.poll() is None
    assert len(re.findall(r"Camera: .* not found", kiosks.log)) == 1

    kiosks.draw(badges, "Ana", "Bob")
    status = process.wait(100)

    assert status == 0, kiosks.log
    assert {name for (name,) in kiosks.rows("select name from leads")} == {"Ana", "Bob"}


def test_a_stream_that_is_closed_is_tried_again(kiosks: Kiosks) -> None:
    """Nobody listens at that port: a sentence, and no end."""
    process = kiosks.run_patched(SOON, "run", "--source", "http://127.0.0.1:9/stream")

    assert kiosks.logged(r"WARNING kiosk\.runtime\.headless: Camera: ")
    time.sleep(1.0)  # nothing happens: it is tried again several times in that time

    assert process.poll() is None
    assert "Traceback" not in kiosks.log
