"""The bridge from the scanners to the screen: events become messages, no faster than people see."""

import numpy as np
import pytest
from textual.message import Message

from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.payload import Payload
from kiosk.scanning.scan_result import ScanResult
from kiosk.tui.bridge import ScannerBridge
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady

FRAME = np.zeros((72, 128, 3), np.uint8)
CODE = Payload(b"x", "x", "qr", ((10, 10), (40, 10), (40, 40), (10, 40)))


@pytest.fixture
def posted() -> list[Message]:
    """What reached the screen."""
    return []


@pytest.fixture
def relay(posted: list[Message]) -> ScannerBridge:
    """A relay to a screen with a viewfinder of 32 by 18 pixels."""
    found = ScannerBridge(posted.append)
    found.picture_size = (32, 18)
    return found


def test_every_badge_reaches_the_screen(relay: ScannerBridge, posted: list[Message]) -> None:
    """Many at once, in order, and none left out."""
    badges = [ScanResult("saved", "Saved", f"visitor {number}") for number in range(50)]

    for badge in badges:
        relay(badge)

    assert [message.result for message in posted if isinstance(message, BadgeScanned)] == badges
    assert len(badges) == len(posted)


def test_pictures_are_small_and_no_more_than_people_see(
    relay: ScannerBridge, posted: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred images in a second at most ten are shown, none larger than the viewfinder."""
    now = 1000.0
    monkeypatch.setattr("kiosk.tui.bridge.time.monotonic", lambda: now)

    for _ in range(100):
        now += 0.01
        relay(FrameProcessed(FRAME, "", (CODE,)))

    pictures = [message.picture for message in posted if isinstance(message, PictureReady)]
    assert 8 <= len(pictures) <= 10
    assert {picture.shape for picture in pictures} == {(18, 32, 3)}


def test_without_a_viewfinder_no_picture_is_made(relay: ScannerBridge, posted: list[Message]) -> None:
    """While another screen is in front, no time is spent on images."""
    relay.picture_size = (0, 0)

    relay(FrameProcessed(FRAME, "", ()))

    assert posted == []


@pytest.mark.parametrize(
    ("name", "mirrored"), [("camera 0", True), ("Pi camera", True), ("demo badges", False), ("show.mp4", False)]
)
def test_only_a_camera_is_mirrored(relay: ScannerBridge, posted: list[Message], name: str, mirrored: bool) -> None:
    """In front of it people find their hand as in a mirror; a film is shown as it is."""
    relay(SourceWorking(name))

    assert relay.is_mirrored == mirrored
    assert [(message.name, message.problem) for message in posted if isinstance(message, CameraChanged)] == [(name, "")]


def test_problems_and_the_end_are_sentences(relay: ScannerBridge, posted: list[Message]) -> None:
    """In place of the camera's name."""
    for event in (SourceFailed("The camera was unplugged."), SourceEnded(), CodesSeen((CODE,), "camera")):
        relay(event)

    assert [(message.name, message.problem) for message in posted if isinstance(message, CameraChanged)] == [
        ("", "The camera was unplugged."),
        ("", "All images have been shown."),
    ]
    assert len(posted) == 2


def test_only_the_latest_picture_waits_for_a_slow_screen() -> None:
    """It replaces an older image, and no other message."""
    newer = PictureReady(FRAME)

    assert newer.can_replace(PictureReady(FRAME))
    assert not newer.can_replace(BadgeScanned(ScanResult("saved", "Saved", "Ana")))
