"""
How screens look, beside pictures that a person has accepted.

To accept new ones, run `.venv/bin/python -m pytest --snapshot-update` with the path of this file, and look at each.
"""

import re

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Input

from kiosk.tui.widgets.viewfinder import Viewfinder
from tests.support.on_screen import ANA, CAMERA, EVENT, ZOE, OnScreen, on_screen

SCREENS = {
    "scan, nobody yet": ((), ()),
    "scan, saved": ((), ("Ana López",)),
    "scan, tagged": (("d",), ("demo",)),
    "pending": (("f2",), ("Zoë Müller", "Next try")),
    "lead": (("f2", "enter"), ("first name", "last name")),
    "help": (("f1",), ("WHERE A LEAD IS",)),
}
"""The keys that lead to each screen, and what it then says."""

FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)

NAMES = re.compile(r"terminal-\d+")
"""Of styles: a checksum of the picture, which would make each of its lines differ."""


class Picture(SVGImageExtension):
    """An SVG beside the test."""

    file_extension = "svg"


@pytest.mark.parametrize("name", SCREENS)
async def test_it_looks_as_it_was_accepted(name: str, snapshot: SnapshotAssertion) -> None:
    keys, texts = SCREENS[name]
    async with on_screen(EVENT + CAMERA, size=(100, 30)) as booth:
        if name != "scan, nobody yet":
            await booth.show(ZOE, sees="Zoë Müller")
            await booth.show(ANA, sees="Ana López")
        for key in keys:
            await booth.press(key)
        await booth.sees(*texts)
        booth.app.scan_screen.query_one(Viewfinder).visible = False  # what is before the camera is not compared
        for field in booth.app.screen.query(Input):
            field.cursor_blink = False

        assert await settled(booth) == snapshot(extension_class=Picture)


async def settled(booth: OnScreen) -> str:
    """The screen once it is the same twice in a row; it asks the network for nothing."""
    before, now = "", picture(booth)
    while before != now:
        await booth.app.refresh_status()
        await booth.pause(0.6)
        before, now = now, picture(booth)
    return now


def picture(booth: OnScreen) -> str:
    """The screen as an SVG."""
    return NAMES.sub("terminal", FONTS.sub("", booth.app.export_screenshot(title="Booth kiosk")))
