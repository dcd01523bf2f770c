"""How many live pictures one core looks at, through the whole loop of the kiosk."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from camera.capture_loop import CaptureLoop
from camera.events import CodesSeen, FrameProcessed
from camera.opencv import load_opencv
from camera.payload import Frame
from camera.settings import DECODERS
from camera.sources.base import Shot
from camera.sources.demo import draw_card, draw_scene, place_card
from tests.bench.report import Table
from tests.support.decoders import make_live_decoder, make_still_decoder

BOUND = 200
"""Pictures a second on one core, at least."""


class Reel:
    """A source of a few pictures, over and over, as fast as they are taken, for some seconds of processor time."""

    name, kind, is_live = "reel", "camera", False

    def __init__(self, frames: Sequence[Frame], seconds: float) -> None:
        self.frames = frames
        self.seconds = seconds
        self.given = 0

    def read_shots(self) -> Iterator[Shot]:
        """Yield the pictures."""
        until = time.process_time() + self.seconds
        while time.process_time() < until:
            yield Shot(self.frames[self.given % len(self.frames)])
            self.given += 1

    def close(self) -> None:
        """Do nothing: no device is open."""


@contextmanager
def limit_to_one_core() -> Iterator[None]:
    """Use only one core meanwhile, whatever threads a library starts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def draw_live_frames() -> dict[str, list[Frame]]:
    """Draw pictures of 1280x720 that differ by their noise, as a camera's do."""
    import numpy as np

    random, empty = np.random.default_rng(1), draw_scene(1280, 720)
    badge = place_card(draw_card(b"BEGIN:VCARD\r\nN:Lopez;Ana\r\nFN:Ana Lopez\r\nEND:VCARD", 720), empty, 1.0)
    noise = [random.integers(0, 24, empty.shape, dtype=np.uint8) for _ in range(12)]
    scenes = {
        "with a badge": badge,
        "with a badge too blurred to be read": load_opencv().GaussianBlur(badge, (0, 0), 9),
        "without one": empty,
    }
    return {name: [np.where(scene > 231, scene, scene + grain) for grain in noise] for name, scene in scenes.items()}


def measure_live_pictures(seconds: float = 5.0) -> Table:
    """
    How many 720p pictures a second one core looks at, with a badge and without.

    It is the whole loop of the kiosk: the plain look, one preparation by turns, the rests, the camera's health.
    """
    header = ("picture", "pictures a second of processor time", "by the clock", "within the bound", "badges reported")
    table = Table(header)
    for name, frames in draw_live_frames().items():
        reel, told = Reel(frames, seconds), Counter[type]()
        live, still = make_live_decoder(DECODERS, one_d=False), make_still_decoder(DECODERS, one_d=False)
        watch = CaptureLoop(lambda reel=reel: reel, live, still, lambda event, told=told: told.update([type(event)]),
                      rest_seconds=5.0, max_fps=1000.0)  # fmt: skip
        with limit_to_one_core():
            started = time.perf_counter(), time.process_time()
            watch.process_source(reel)
            clock, processor = time.perf_counter() - started[0], time.process_time() - started[1]
        assert reel.given == told[FrameProcessed], "a picture was not looked at"
        rate = reel.given / processor
        within = "yes" if rate >= BOUND else "no"
        table.add(name, f"{rate:.0f}", f"{reel.given / clock:.0f}", within, told[CodesSeen])
    return table
