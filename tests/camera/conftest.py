"""Shared by the camera's tests: images of badges, and a capture loop that runs in a thread."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from qrcode.main import QRCode

from camera.capture_loop import CaptureLoop
from camera.events import CameraEvent
from camera.payload import Frame
from camera.sources.base import Source


def draw_codes(*payloads: bytes, width: int = 640, height: int = 480) -> Frame:
    """Draw a grey wall with each of *payloads* on it as a QR code, side by side: height x width x 3, BGR, uint8."""
    frame = np.full((height, width, 3), 90, np.uint8)
    for number, payload in enumerate(payloads):
        code = QRCode(border=4)
        code.add_data(payload, optimize=0)
        code.make(fit=True)
        card = np.where(np.array(code.get_matrix(), dtype=bool), 20, 240).astype(np.uint8)
        side = width // len(payloads)
        scale = min(side, height) // len(card)
        assert scale >= 2, "this does not fit"
        card = card.repeat(scale, 0).repeat(scale, 1)
        left = number * side + (side - len(card)) // 2
        top = (height - len(card)) // 2
        frame[top : top + len(card), left : left + len(card)] = card[:, :, None]
    return frame


@pytest.fixture
def draw() -> Callable[..., Frame]:
    """Draw badges, see `draw_codes`."""
    return draw_codes


class RunningLoop:
    """A capture loop in its own thread, and the events it reports."""

    def __init__(self, loop: CaptureLoop, events: list[CameraEvent]) -> None:
        self.loop = loop
        self.events = events
        self.thread = threading.Thread(target=loop.run, daemon=True)

    def events_of(self, kind: type[CameraEvent]) -> list[Any]:
        """Return the events of one *kind*."""
        return [event for event in list(self.events) if isinstance(event, kind)]

    def wait_until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait until *condition* returns something true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"timed out; last events: {self.events[-5:]}"
            time.sleep(0.005)

    def wait_for_end(self) -> list[CameraEvent]:
        """Wait for the loop's own end, and return all its events."""
        self.thread.join(20.0)
        assert not self.thread.is_alive(), "the loop is still running"
        return self.events


@pytest.fixture
def run_loop() -> Iterator[Callable[..., RunningLoop]]:
    """Run a capture loop on what *open_source* opens. Every loop is stopped when its test is over."""
    running: list[RunningLoop] = []

    def start(
        open_source: Callable[[], Source], decode: Any, *, rest_seconds: float = 5.0, max_fps: float = 240.0
    ) -> RunningLoop:
        events: list[CameraEvent] = []
        loop = CaptureLoop(open_source, decode, decode, events.append, rest_seconds=rest_seconds, max_fps=max_fps)
        running.append(RunningLoop(loop, events))
        running[-1].thread.start()
        return running[-1]

    yield start
    for loop in running:
        loop.loop.stop()
    for loop in running:
        loop.wait_for_end()


@pytest.fixture
def reopen_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry a failed source at once, so that a test need not wait."""
    monkeypatch.setattr("camera.capture_loop._REOPEN_SECONDS", 0.02)
