"""
How screens look, beside pictures that a person has accepted.

To accept new ones, run `.venv/bin/python -m pytest --snapshot-update` with the path of this file, and look at each.
"""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Input

from data import leads, outbox
from kiosk.tui.widgets.viewfinder import Viewfinder
from tests.support.on_screen import CAMERA, ZOE, HandHeld, OnScreen, on_screen

EVENT = '[event]\nname = "Expo 2027"\nkiosk = "Booth 3.114"\noperator = "Ana"\ncard_seconds = 600\n'
ANA = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Ana López\nTITLE:Head of Operations\nORG:Initech\n"
    "EMAIL:ana.lopez@initech.example\nTEL:+34 600 555 012\nEND:VCARD\n"
)
SIZES = [(80, 24), (120, 36), (200, 60)]
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
NAMES = re.compile(r"terminal-\d+")
"""Of styles: a checksum of the picture, which would make each of its lines differ."""


class Picture(SVGImageExtension):
    """An SVG beside the test."""

    file_extension = "svg"


async def nobody_yet(booth: OnScreen) -> None:
    """The kiosk invites its first visitor."""
    await booth.sees("● camera")


async def no_camera(booth: OnScreen) -> None:
    """The camera was unplugged."""
    booth.camera.trouble = "No camera found. Plug one in and it will be picked up automatically."
    await booth.sees("○ no camera", "No camera found")


async def saved(booth: OnScreen) -> None:
    """Ana's badge was read, after Zoë's."""
    await booth.show(ZOE, sees="Zoë Müller")
    await booth.show(ANA, sees="Ana López")


async def rated_and_tagged(booth: OnScreen) -> None:
    """She is warm to hot, wants a demo, and asked for something."""
    await saved(booth)
    note = "Budget in Q1, send the case study"
    booth.write(lambda db: leads.edit_lead(db, find_lead(booth), {"note": note}, "Ana", booth.clock))
    await booth.press("4", "d")
    await booth.sees("4 ✓", "demo ✓", note)


async def delivered(booth: OnScreen) -> None:
    """And all of it is in the CRM."""
    await rated_and_tagged(booth)
    (revision,) = booth.rows("select revision from leads where id = ?", find_lead(booth))[0]
    booth.write(lambda db: outbox.settle_lead(db, find_lead(booth), int(str(revision)), "c-1", booth.clock.wall_time()))
    await booth.sees("in the CRM ✓")


async def already_saved(booth: OnScreen) -> None:
    """She comes back after ten minutes."""
    await rated_and_tagged(booth)
    booth.clock.tick(600)
    await booth.show(ANA, sees="Met before")


async def only_an_id(booth: OnScreen) -> None:
    """A badge says who somebody is only to those who have the list."""
    await booth.show("PZD97W7777", sees="only an ID on this badge")


async def not_saved(booth: OnScreen) -> None:
    """The disk is worn out."""
    await booth.until(lambda: booth.app.status is not None, "the database is there")
    with closing(sqlite3.connect(booth.settings.database_file)) as db, db:
        db.execute("create trigger worn before insert on scans begin select raise(abort, 'the disk is worn'); end")
    await booth.show(ANA, sees="The database cannot be used")


STATES = (nobody_yet, no_camera, saved, rated_and_tagged, delivered, already_saved, only_an_id, not_saved)

SCREENS = {
    "pending": (("f2",), ("Zoë Müller", "Next try")),
    "lead": (("f2", "enter"), ("first name", "last name")),
    "help": (("f1",), ("WHERE A LEAD IS",)),
    "close": (("f10",), ("Close the kiosk?", "2  waiting    Ana López")),
}
"""The keys that lead to each of the other screens, and what it then says."""

THEMES = {"light": "theme = 'light'", "high contrast": "theme = 'high-contrast'", "big type": "big_type = true"}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_each_state_of_the_scan_screen(
    state: Callable[[OnScreen], Awaitable[None]], size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    async with on_screen(EVENT + CAMERA, size=size, camera=HandHeld()) as booth:
        await state(booth)

        assert await settled(booth) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("state", [nobody_yet, already_saved, not_saved], ids=lambda state: state.__name__)
@pytest.mark.parametrize("theme", THEMES)
async def test_each_theme(
    theme: str, state: Callable[[OnScreen], Awaitable[None]], snapshot: SnapshotAssertion
) -> None:
    async with on_screen(f"{EVENT}{CAMERA}[screen]\n{THEMES[theme]}\n", size=(120, 36)) as booth:
        await state(booth)

        assert await settled(booth) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("state", [nobody_yet, not_saved], ids=lambda state: state.__name__)
async def test_the_console_of_linux(
    state: Callable[[OnScreen], Awaitable[None]], snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with on_screen(EVENT + CAMERA, size=(120, 36)) as booth:
        await (state(booth) if state is not_saved else booth.sees("■ camera"))

        assert await settled(booth) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_each_of_the_other_screens(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    keys, texts = SCREENS[name]
    async with on_screen(EVENT + CAMERA, size=size) as booth:
        await saved(booth)
        for key in keys:
            await booth.press(key)
        await booth.sees(*texts)

        assert await settled(booth) == snapshot(extension_class=Picture)


def find_lead(booth: OnScreen) -> str:
    """The id of Ana's lead."""
    return str(booth.rows("select id from leads where name = 'Ana López'")[0][0])


async def settled(booth: OnScreen) -> str:
    """The screen once it is the same twice in a row, without what is before the camera."""
    if not booth.camera.trouble:
        viewfinder = booth.app.scan_screen.query_one(Viewfinder)
        viewfinder.show_picture = lambda picture: None  # type: ignore[method-assign]
        viewfinder.show_sentence("")
    for field in booth.app.screen.query(Input):
        field.cursor_blink = False
    before, now = "", picture(booth)
    while before != now:
        await booth.app.refresh_status()
        await booth.pause(0.6)
        before, now = now, picture(booth)
    return now


def picture(booth: OnScreen) -> str:
    """The screen as an SVG that asks the network for nothing."""
    return NAMES.sub("terminal", FONTS.sub("", booth.app.export_screenshot(title="Booth kiosk")))
