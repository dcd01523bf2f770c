"""From a small terminal to a 4K screen: nothing fails, and what matters is visible."""

import pytest

from data import gates
from data.gates import Gate
from kiosk.config.load import Settings
from tests.support.clock import FakeClock
from tests.support.on_screen import NOON, on_screen, vcard

LONG = vcard("Wolfeschlegelsteinhausenbergerdorff " * 3, "w@example.com", "A company with a very long name indeed " * 3)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 30), (240, 67), (20, 5)], ids=str)
async def test_no_screen_fails_at_any_size(size: tuple[int, int]) -> None:
    async with on_screen(size=size) as booth:
        await booth.until(lambda: booth.app.status is not None, "the database is there")
        booth.camera.hold(LONG.encode())
        await booth.until(lambda: booth.says("Saved") or size == (20, 5), "saved")
        await booth.until(lambda: booth.rows("select count(*) from leads") == [(1,)], "saved")

        for key in ("n", "f3", "f1", "f10", "f2", "enter"):
            await booth.press(key)
            assert booth.app.is_running
            assert all(len(line) > 0 for line in booth.lines())
            if key != "f2":
                await booth.press("escape")


async def test_a_small_terminal_shows_the_word_the_status_and_the_keys() -> None:
    async with on_screen(size=(80, 24), before=a_bad_day) as booth:
        await booth.show(LONG, sees="Wolfeschlegel")

        await booth.sees_word("Saved")
        await booth.sees("PRACTICE", "1 scan today", "● camera  ○ offline  ● 1 waiting")
        await booth.sees("1 lead waiting, safe on this device.", " 1 ", " 5 ", "p pricing", "c call me")
        for key in ("n Note", "F3 Operator", "F1 Help", "F2 Pending", "F5 Sync now", "F10 Close"):
            assert key in booth.lines()[-1]


async def test_a_small_terminal_shows_the_list_and_all_its_keys() -> None:
    async with on_screen(size=(80, 24)) as booth:
        await booth.show(LONG, sees="Wolfeschlegel")
        await booth.press("f2")

        await booth.sees("1 waiting  ·  0 need you", "Who", "Company", "Since", "State", "Next try")
        for key in ("o Open", "r Retry", "R Retry all", "d Discard", "u Undo", "s Sync now",
                    "f State", "c By cause", "/ Search", "e Export", "Space Mark", "p Pause", "Esc Back",
                    "F1 Help", "F10 Close"):  # fmt: skip
            await booth.sees(key)


async def test_the_screen_follows_a_change_of_size() -> None:
    async with on_screen(size=(100, 30)) as booth:
        await booth.show(LONG, sees="Wolfeschlegel")

        for width, height in ((60, 15), (240, 67), (80, 24)):
            await booth.pilot.resize_terminal(width, height)
            await booth.until(lambda height=height: len(booth.lines()) == height, "the screen has the new size")
            await booth.sees_word("Saved")


def a_bad_day(settings: Settings, clock: FakeClock) -> None:
    """The network is down from the start."""
    from data.store import open_store

    db = open_store(settings.database_file)
    gates.write_gate(db, Gate("practice", False, "offline", "The network is down.", NOON, 160.0, "boot-1", 3))
    db.close()
