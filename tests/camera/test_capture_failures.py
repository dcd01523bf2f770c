"""A source that fails is reported in a sentence and reopened; the capture loop does not end."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from camera.capture_loop import CaptureLoop
from camera.errors import CameraBusy, CameraGone, NoCamera
from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.image_health import BLACK_IMAGE, FROZEN_IMAGE
from camera.payload import Frame, Payload
from camera.sources.base import Shot

GREY_FRAME = np.full((64, 64, 3), 90, np.uint8)


def decode_nothing(frame: Frame) -> list[Payload]:
    """Find no code in any image."""
    return []


class Camera:
    """A live source that delivers what *play* yields."""

    name, is_live = "camera 0", True

    def __init__(self, play: Callable[[], Iterator[Frame]], kind: str = "camera") -> None:
        self.play = play
        self.kind = kind
        self.closed = threading.Event()

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images of *play*, as long as it is open."""
        for frame in self.play():
            if self.closed.is_set():
                return
            yield Shot(frame)

    def close(self) -> None:
        """End with the next image."""
        self.closed.set()


def yield_noisy_frames() -> Iterator[Frame]:
    """Yield images of a booth, a hundred per second, forever."""
    rng = np.random.default_rng(3)
    while True:
        time.sleep(0.01)
        yield rng.integers(40, 200, (64, 64, 3), dtype=np.uint8)


def list_failures(running: Any) -> list[str]:
    """Return the reported failures."""
    return [event.message for event in running.events_of(SourceFailed)]


def test_a_missing_camera_is_reported_once_and_found_later(run_loop: Callable[..., Any], reopen_quickly: None) -> None:
    """Not with every attempt."""
    tries: list[int] = []

    def open_source() -> Camera:
        tries.append(1)
        if len(tries) < 6:
            raise NoCamera("There is no camera 0.")
        return Camera(yield_noisy_frames)

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: running.events_of(SourceWorking))

    assert [event for event in running.events if not isinstance(event, FrameProcessed)] == [
        SourceFailed("There is no camera 0."),
        SourceWorking("camera 0"),
    ]


def test_each_change_of_the_failure_is_reported(run_loop: Callable[..., Any], reopen_quickly: None) -> None:
    """Missing, then busy, then missing: three sentences on the screen."""
    failures = [NoCamera("none"), NoCamera("none"), CameraBusy("busy"), CameraBusy("busy"), NoCamera("none")]

    def open_source() -> Camera:
        if failures:
            raise failures.pop(0)
        return Camera(yield_noisy_frames)

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: running.events_of(SourceWorking))

    assert list_failures(running) == ["none", "busy", "none"]


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize(
    "failure", [CameraGone("It is gone."), RuntimeError("driver\nbroke \x1b[31m"), MemoryError(), StopIteration()]
)
def test_any_error_of_a_source_is_reported_and_it_is_reopened(
    failure: Exception, is_live: bool, run_loop: Callable[..., Any], reopen_quickly: None
) -> None:
    """Live or not. The sentence has no line breaks and no terminal control characters."""
    opened: list[Camera] = []

    def yield_then_fail() -> Iterator[Frame]:
        yield GREY_FRAME
        raise failure

    def open_source() -> Camera:
        opened.append(Camera(yield_then_fail if len(opened) < 2 else yield_noisy_frames))
        opened[-1].is_live = is_live
        return opened[-1]

    running = run_loop(open_source, decode_nothing, max_fps=100.0)
    running.wait_until(lambda: len(opened) == 3 and isinstance(running.events[-1], FrameProcessed))

    assert all(sentence.isprintable() and sentence.endswith(".") for sentence in list_failures(running))
    assert list_failures(running) and all(camera.closed.is_set() for camera in opened[:2])
    assert not running.events_of(SourceEnded)


@pytest.mark.parametrize("failure", [OSError("exec format error"), ImportError("no libcamera"), ValueError("bad")])
def test_any_error_while_opening_is_reported(
    failure: Exception, run_loop: Callable[..., Any], reopen_quickly: None
) -> None:
    """A broken camera library does not stop the kiosk."""
    failures = [failure, failure]

    def open_source() -> Camera:
        if failures:
            raise failures.pop()
        return Camera(yield_noisy_frames)

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: running.events_of(SourceWorking))

    assert list_failures(running) == [f"The camera failed ({failure}). The kiosk keeps retrying."]


def test_a_source_that_fails_on_closing_still_ends(run_loop: Callable[..., Any]) -> None:
    """The error is dropped."""

    class Sticky(Camera):
        def close(self) -> None:
            super().close()
            raise OSError("no")

    events = run_loop(lambda: Sticky(lambda: iter([GREY_FRAME])), decode_nothing).wait_for_end()

    assert [type(event) for event in events] == [FrameProcessed, SourceWorking, SourceEnded]


def test_the_cooldown_survives_reopening_the_camera(run_loop: Callable[..., Any], reopen_quickly: None) -> None:
    """A loose cable must not save the visitor in view twice."""
    opened: list[Camera] = []

    def yield_then_fail() -> Iterator[Frame]:
        yield GREY_FRAME
        raise CameraGone("gone")

    def open_source() -> Camera:
        opened.append(Camera(yield_then_fail if len(opened) < 3 else lambda: iter([GREY_FRAME])))
        return opened[-1]

    events = run_loop(open_source, lambda frame: [Payload(b"anna", "anna", "qr")], rest_seconds=60.0).wait_for_end()

    assert len(opened) == 4
    assert len([event for event in events if isinstance(event, CodesSeen)]) == 1


def test_a_silent_camera_is_reported_and_reopened(
    run_loop: Callable[..., Any], reopen_quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its driver may hang forever, so its thread is left behind."""
    monkeypatch.setattr("camera.latest_frame.SILENCE_SECONDS", 0.1)
    freed = threading.Event()
    opened: list[Camera] = []

    def yield_then_hang() -> Iterator[Frame]:
        yield GREY_FRAME
        freed.wait(30.0)

    def open_source() -> Camera:
        opened.append(Camera(yield_noisy_frames if opened else yield_then_hang))
        return opened[-1]

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: len(running.events_of(SourceWorking)) == 2)
    freed.set()

    (sentence,) = list_failures(running)
    assert sentence == "The camera has stopped sending images. Check its cable; the kiosk keeps retrying."


def test_a_hanging_camera_does_not_delay_the_end(run_loop: Callable[..., Any]) -> None:
    """Staff who quit because nothing happens need not wait for the timeout."""
    freed = threading.Event()

    def yield_then_hang() -> Iterator[Frame]:
        yield GREY_FRAME
        freed.wait(30.0)

    running = run_loop(lambda: Camera(yield_then_hang), decode_nothing)
    running.wait_until(lambda: running.events_of(SourceWorking))
    started = time.monotonic()
    running.loop.stop()
    running.wait_for_end()
    took = time.monotonic() - started
    freed.set()

    assert took < 5.0  # a camera counts as silent after eight seconds


def test_stopping_ends_the_wait_to_reopen() -> None:
    """A loop that was stopped before it began does not begin."""

    def open_source() -> Camera:
        loop.stop()
        raise NoCamera("none")

    reported: list[Any] = []
    loop = CaptureLoop(open_source, decode_nothing, decode_nothing, reported.append, rest_seconds=5.0, max_fps=30.0)
    started = time.monotonic()
    loop.run()
    loop.run()

    assert time.monotonic() - started < 1.5
    assert reported == [SourceFailed("none")]


def test_stopping_while_the_camera_opens_closes_it() -> None:
    """A camera can take seconds to open."""
    camera = Camera(yield_noisy_frames)

    def open_source() -> Camera:
        loop.stop()
        return camera

    reported: list[Any] = []
    loop = CaptureLoop(open_source, decode_nothing, decode_nothing, reported.append, rest_seconds=5.0, max_fps=30.0)
    loop.run()

    assert (camera.closed.wait(5.0), reported) == (True, [])


def test_a_black_image_is_reported_until_there_is_light(
    run_loop: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera stays open and keeps being checked."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.2)
    light = threading.Event()
    opened: list[Camera] = []

    def yield_dark_then_light() -> Iterator[Frame]:
        while not light.is_set():
            time.sleep(0.01)
            yield np.zeros((64, 64, 3), np.uint8)
        yield from yield_noisy_frames()

    def open_source() -> Camera:
        opened.append(Camera(yield_dark_then_light))
        return opened[-1]

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: running.events_of(SourceFailed))
    light.set()
    running.wait_until(lambda: len(running.events_of(SourceWorking)) == 2)

    assert [event for event in running.events if not isinstance(event, FrameProcessed)] == [
        SourceWorking("camera 0"),
        SourceFailed(BLACK_IMAGE),
        SourceWorking("camera 0"),
    ]
    assert len(opened) == 1


def test_a_frozen_image_reopens_the_camera(
    run_loop: Callable[..., Any], reopen_quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That cures a driver that repeats its last image."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.1)
    opened: list[Camera] = []

    def yield_same_image() -> Iterator[Frame]:
        while True:
            time.sleep(0.01)
            yield GREY_FRAME.copy()

    def open_source() -> Camera:
        opened.append(Camera(yield_noisy_frames if opened else yield_same_image))
        return opened[-1]

    running = run_loop(open_source, decode_nothing)
    running.wait_until(lambda: len(running.events_of(SourceWorking)) == 2)

    assert list_failures(running) == [FROZEN_IMAGE]
    assert opened[0].closed.is_set()


@pytest.mark.parametrize("kind", ["stream", "demo"])
def test_only_a_camera_can_be_frozen(kind: str, run_loop: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn scene may well be the same for a while."""
    monkeypatch.setattr("camera.image_health.FAULT_DELAY_SECONDS", 0.02)

    def yield_still_scene() -> Iterator[Frame]:
        for _ in range(30):
            time.sleep(0.01)
            yield GREY_FRAME

    events = run_loop(lambda: Camera(yield_still_scene, kind), decode_nothing).wait_for_end()

    assert not [event for event in events if isinstance(event, SourceFailed)]
