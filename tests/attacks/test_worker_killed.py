"""SIGKILL at any instant loses no lead and doubles none: the worker's side."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.clock import SystemClock
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.capture import Capture
from sync.wake import WorkerWaker
from tests.support.booth import SHORT, Booth
from tests.support.waiting import wait_until

LEADS, KILLS = (200, 12) if SHORT else (2000, 200)


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_killed_workers_lose_and_double_nothing(tmp_path: Path, practice_crm_in: Callable[[Path], Any]) -> None:
    """The worker is killed again and again while leads come in and answers get lost; the CRM has each lead once."""
    booth, chance = Booth(tmp_path), random.Random(20)
    crm = practice_crm_in(booth.practice)
    crm.start(delay="0-0.05", lost_answers=0.1, rate_limit=100_000)
    capture = Capture(
        booth.practice / "kiosk.db",
        EventSettings(),
        BadgeProfile(),
        SystemClock(),
        WorkerWaker(booth.practice / "huey.db"),
    )
    saved, kills = 0, 0
    while kills < KILLS or saved < LEADS:
        worker = booth.start("worker", log=tmp_path / "worker.log")
        until = time.monotonic() + chance.uniform(0.2, 2.0)
        while time.monotonic() < until:
            if saved < LEADS:
                card = f"BEGIN:VCARD\nFN:Visitor {saved}\nEMAIL:v{saved}@example.com\nEND:VCARD"
                assert capture.save_payload(card.encode(), card, "qr", "camera").is_saved
                saved += 1
            time.sleep(0.005)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        kills += 1
    last = booth.start("worker", log=tmp_path / "worker.log")

    wait_until(lambda: booth.waiting() == 0, seconds=120, what=(tmp_path / "worker.log").read_text()[-2000:])
    last.terminate()
    last.wait(60)
    crm.stop()
    emails = sorted(contact["email"] for contact in crm.contacts())  # of its file: our call might lose its answer, too
    assert sorted(f"v{number}@example.com" for number in range(LEADS)) == emails
    assert booth.rows("select state, count(*) from outbox group by state") == [("delivered", LEADS)]
    assert kills >= KILLS
