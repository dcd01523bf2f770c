"""SIGKILL at any instant loses no lead and doubles none: the kiosk's side."""

import os
import random
import re
import signal
import time
from pathlib import Path

import pytest

from camera.opencv import load_opencv
from camera.sources.demo import draw_card, draw_scene, place_card
from tests.support.booth import SHORT, Booth
from tests.support.waiting import wait_until

REELS, BADGES, KILLS = (1, 60, 6) if SHORT else (20, 100, 10)
"""So many videos of so many badges; during each the kiosk is killed so often."""

WIDTH, HEIGHT, FPS = 640, 480, 40


@pytest.mark.soak
@pytest.mark.timeout(2400)
def test_killed_kiosks_lose_and_double_nothing(tmp_path: Path) -> None:
    """The kiosk is killed again and again while badges pass; what it called saved is there, and in the CRM once."""
    chance, log = random.Random(7), tmp_path / "kiosk.log"
    booth, wanted = Booth(tmp_path), set()
    for reel in range(REELS):
        names = [f"visitor-{reel}-{number}" for number in range(BADGES)]
        film = filmed(tmp_path / f"{reel}.avi", names)
        for _ in range(KILLS):
            kiosk = booth.start("run", "--headless", "--source", str(film), log=log)
            time.sleep(chance.uniform(0.3, 4.0))
            os.kill(kiosk.pid, signal.SIGKILL)
            kiosk.wait()
            assert said(log) <= kept(booth)
        assert booth.start("run", "--headless", "--source", str(film), log=log).wait(300) == 0
        wanted |= set(names)
        film.unlink()

    assert kept(booth) == wanted
    wait_until(lambda: booth.waiting() == 0)
    crm = booth.start("practice-crm")
    wait_until(lambda: len(answered(booth)) == len(wanted), seconds=30)
    assert sorted(f"{name}@example.com" for name in wanted) == answered(booth)
    crm.terminate()
    crm.wait(30)
    assert booth.rows("select count(*) from leads where id not in (select lead_id from outbox)") == [(0,)]
    assert booth.rows("select count(*) from leads where id not in (select lead_id from scans)") == [(0,)]


def filmed(path: Path, names: list[str]) -> Path:
    """A video in which each of *names* is shown for a picture."""
    cv2 = load_opencv()
    scene = draw_scene(WIDTH, HEIGHT)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (WIDTH, HEIGHT))
    for name in names:
        card = f"BEGIN:VCARD\nFN:{name}\nEMAIL:{name}@example.com\nEND:VCARD".encode()
        writer.write(place_card(draw_card(card, HEIGHT), scene, 1.0))
    writer.release()
    return path


def said(log: Path) -> set[str]:
    """The names that the kiosk has called saved."""
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return set(re.findall(r": (?:Already saved|Saved): (visitor-\d+-\d+)$", text, re.MULTILINE))


def kept(booth: Booth) -> set[str]:
    """The names that are in the file, with their scan and outbox row."""
    has_outbox = "select 1 from sqlite_master where name = 'outbox'"
    if not (booth.practice / "kiosk.db").exists() or not booth.rows(has_outbox):
        return set()
    return {name for (name,) in booth.rows("select name from leads join outbox on outbox.lead_id = leads.id")}


def answered(booth: Booth) -> list[str]:
    """The e-mails that the CRM has."""
    try:
        return sorted(contact["email"] for contact in booth.contacts())
    except OSError:
        return []
