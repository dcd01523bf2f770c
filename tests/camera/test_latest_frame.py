"""The latest image wins, however slow the decoder is."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from camera.errors import CameraGone
from camera.events import FrameProcessed
from camera.latest_frame import LatestFrameReader
from camera.payload import Frame, Payload
from camera.sources.base import Shot


class Ticking:
    """A live source whose images are numbered from 1."""

    name, kind, is_live = "ticking", "demo", True

    def __init__(self, seconds_apart: float, count: int) -> None:
        self.seconds_apart = seconds_apart
        self.count = count
        self.shown = 0
        self.closed = threading.Event()

    def read_shots(self) -> Iterator[Shot]:
        """Yield *count* images."""
        for _ in range(self.count):
            time.sleep(self.seconds_apart)
            self.shown += 1
            yield Shot(np.full((64, 64, 3), 90, np.uint8), str(self.shown))

    def close(self) -> None:
        """Record that it was closed."""
        self.closed.set()


def test_a_slow_decoder_always_gets_a_current_image() -> None:
    """Latency does not add up: images that arrive meanwhile are dropped, except the last."""
    source = Ticking(0.005, 200)
    newest = LatestFrameReader(source)
    names, behind = [], []
    for shot in newest.read_shots():
        names.append(int(shot.file_name))
        behind.append(source.shown - int(shot.file_name))
        time.sleep(0.05)
    newest.close()

    assert sorted(set(names)) == names
    assert names[-1] == 200
    assert len(names) < 100
    # A queue would be far behind after the first few; a machine that stutters may lag by one or two.
    assert sorted(behind)[len(behind) // 2] <= 1


def test_the_loop_processes_the_latest_image_of_a_live_source(run_loop: Callable[..., Any]) -> None:
    """A badge shown to a slow decoder is read now, not after everything before it."""
    source = Ticking(0.005, 100)

    def slowly(frame: Frame) -> list[Payload]:
        time.sleep(0.05)
        return []

    events = run_loop(lambda: source, slowly).wait_for_end()
    names = [int(event.file_name) for event in events if isinstance(event, FrameProcessed)]

    assert (names[-1], len(names) < 50) == (100, True)


def test_max_fps_limits_the_images_per_second(run_loop: Callable[..., Any]) -> None:
    """A fast camera must not use a whole core; what is processed is still the latest."""
    source = Ticking(0.005, 120)

    events = run_loop(lambda: source, lambda frame: [], max_fps=10.0).wait_for_end()
    names = [int(event.file_name) for event in events if isinstance(event, FrameProcessed)]

    assert (names[-1], len(names) <= 20) == (120, True)


def test_a_fast_decoder_gets_every_image_once() -> None:
    """None is looked at twice."""
    names = [int(shot.file_name) for shot in LatestFrameReader(Ticking(0.01, 20)).read_shots()]

    assert sorted(set(names)) == names
    assert names[-1] == 20


def test_the_last_image_comes_before_the_failure_after_it() -> None:
    """A badge held up just before the cable came loose is not lost."""

    class Breaking(Ticking):
        def read_shots(self) -> Iterator[Shot]:
            yield from super().read_shots()
            raise CameraGone("The cable is loose.")

    source = Breaking(0.0, 1)
    newest = LatestFrameReader(source)
    assert source.closed.wait(5.0)
    shots = newest.read_shots()

    assert next(shots).file_name == "1"
    with pytest.raises(CameraGone, match="cable is loose"):
        next(shots)


def test_a_source_is_closed_by_the_thread_that_reads_it() -> None:
    """OpenCV crashes if one thread closes what another one reads."""
    closed_by: list[str] = []

    class Noting(Ticking):
        def close(self) -> None:
            closed_by.append(threading.current_thread().name)

    newest = LatestFrameReader(Noting(0.01, 1000))
    next(newest.read_shots())
    newest.close()

    assert closed_by == ["camera"]
    assert list(newest.read_shots()) == []


def test_another_thread_can_end_the_wait_for_an_image() -> None:
    """Even if none ever arrives."""
    newest = LatestFrameReader(Ticking(6.0, 1))
    timer = threading.Timer(0.1, newest.stop_waiting)
    timer.start()
    started = time.monotonic()

    assert list(newest.read_shots()) == []
    assert time.monotonic() - started < 5
    timer.join()
    newest.thread.join(10.0)
