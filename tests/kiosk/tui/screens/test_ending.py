"""The kiosk ends well at whatever moment, also while the camera tells something."""

import numpy as np
import pytest

from kiosk.scanning.capture import Captured
from kiosk.tui.messages import BadgeTaken, CameraChanged, PictureTaken, StandingRead
from kiosk.tui.screens.quit import WORD
from tests.on_screen import on_screen


@pytest.mark.parametrize("what", ["a badge", "a picture", "trouble", "how things stand"])
async def test_what_is_told_while_the_screens_are_taken_down_is_passed_over(what: str) -> None:
    """The app takes down its screens while messages still come in."""
    async with on_screen() as booth:
        await booth.sees_word("Ready")
        await booth.until(lambda: booth.app.standing is not None)
        assert booth.app.standing is not None
        message = {
            "a badge": BadgeTaken(Captured("refused", "Not a badge", "")),
            "a picture": PictureTaken(np.zeros((4, 4, 3), np.uint8)),
            "trouble": CameraChanged("", "It is gone."),
            "how things stand": StandingRead(booth.app.standing),
        }[what]
        booth.app._running = False  # as the app does first
        await booth.app.scan.remove_children()

        await booth.app._on_message(message)

    assert booth.app.return_code in (None, 0)


async def test_the_kiosk_ends_well_in_the_middle_of_pictures() -> None:
    for _ in range(5):
        async with on_screen() as booth:
            await booth.sees("▀▀▀▀")  # pictures come
            await booth.press("f10")
            await booth.sees("End the kiosk?")
            await booth.type(WORD)
            await booth.press("enter")
            await booth.until(lambda: not booth.app.is_running, "the kiosk ends")

        assert booth.app.return_code == 0
