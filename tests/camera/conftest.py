"""What tests of the camera share: pictures of badges, and a watch that runs in a thread."""

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
    """A grey wall with each of *payloads* on it as a QR code, side by side: height x width x 3, BGR, uint8."""
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
    """Draws badges, see `draw_codes`."""
    return draw_codes


class Watched:
    """A watch in a thread of its own, and all that it tells."""

    def __init__(self, watch: CaptureLoop, events: list[CameraEvent]) -> None:
        self.watch = watch
        self.events = events
        self.thread = threading.Thread(target=watch.run, daemon=True)

    def told(self, kind: type[CameraEvent]) -> list[Any]:
        """The events of one *kind*."""
        return [event for event in list(self.events) if isinstance(event, kind)]

    def until(self, holds: Callable[[], Any], seconds: float = 20.0) -> None:
        """Wait until something *holds*."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"it did not come; told: {self.events[-5:]}"
            time.sleep(0.005)

    def finish(self) -> list[CameraEvent]:
        """Wait for the watch's own end, and return all that it told."""
        self.thread.join(20.0)
        assert not self.thread.is_alive(), "it goes on"
        return self.events


@pytest.fixture
def watch_it() -> Iterator[Callable[..., Watched]]:
    """Starts a watch of what *open_source* opens; every watch is stopped when its test is over."""
    running: list[Watched] = []

    def start(
        open_source: Callable[[], Source], decode: Any, *, rest_seconds: float = 5.0, max_fps: float = 240.0
    ) -> Watched:
        events: list[CameraEvent] = []
        watch = CaptureLoop(open_source, decode, decode, events.append, rest_seconds=rest_seconds, max_fps=max_fps)
        running.append(Watched(watch, events))
        running[-1].thread.start()
        return running[-1]

    yield start
    for watched in running:
        watched.watch.stop()
    for watched in running:
        watched.finish()


@pytest.fixture
def quick_to_reopen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that failed is tried again at once, so that a test need not wait."""
    monkeypatch.setattr("camera.capture_loop._REOPEN_SECONDS", 0.02)
