"""The kiosk closes well at any time, also while messages still come in."""

import numpy as np
import pytest

from kiosk.scanning.scan_result import ScanResult
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady, StatusUpdated
from kiosk.tui.screens.quit import CLOSE_WORD
from tests.support.on_screen import on_screen


@pytest.mark.parametrize("what", ["a badge", "a picture", "trouble", "how things stand"])
async def test_messages_are_ignored_while_the_screens_are_taken_down(what: str) -> None:
    """The app takes down its screens while messages still come in."""
    async with on_screen() as booth:
        await booth.sees_word("Ready")
        await booth.until(lambda: booth.app.status is not None)
        assert booth.app.status is not None
        message = {
            "a badge": BadgeScanned(ScanResult("refused", "Not a badge", "")),
            "a picture": PictureReady(np.zeros((4, 4, 3), np.uint8)),
            "trouble": CameraChanged("", "It is gone."),
            "how things stand": StatusUpdated(booth.app.status),
        }[what]
        booth.app._running = False  # as the app does first
        await booth.app.scan_screen.remove_children()

        await booth.app._on_message(message)

    assert booth.app.return_code is None  # it would be 1 after an error


async def test_the_kiosk_ends_well_in_the_middle_of_pictures() -> None:
    for _ in range(5):
        async with on_screen() as booth:
            await booth.sees("▀▀▀▀")  # pictures come
            await booth.press("f10")
            await booth.sees("Close the kiosk?")
            await booth.type(CLOSE_WORD)
            await booth.press("enter")
            await booth.until(lambda: not booth.app.is_running, "the kiosk ends")

        assert booth.app.return_code == 0
